/**
 * For bench/conductor: a fleet in virtual time whose workers say what is in a file: `ready`, after T0 a frame each a second, and `done`. The
 * clock stands still while the conductor is at work, however long that takes.
 */
import { openSync, readSync } from 'node:fs'
import type { Fleet, FleetEvent } from '../src/fleet/fleet.ts'
import { EventQueue } from '../src/fleet/queue.ts'
import { emptyLedger } from '../src/measure/ledger.ts'
import type { Store } from '../src/store/store.ts'
import type { Orders } from '../src/wire/orders.ts'
import type { World } from '../src/world.ts'
import { LAUNCHED } from './rows.ts'

/** Workers that are heard in one turn of the loop, and for how long after a second's end its frames come. */
const A_TURN = 100
const SPREAD = 400

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

class VirtualTime {
  private now = 1_000_000
  private readonly timers = new Set<{ at: number; act: () => void }>()

  private after(span: number, act: () => void): { at: number; act: () => void } {
    const timer = { at: this.now + span, act }
    this.timers.add(timer)
    return timer
  }

  readonly clock: World['clock'] = {
    wall: () => this.now,
    steady: () => this.now * 1000,
    sleep: (span) => new Promise((resolve) => void this.after(span, resolve)),
    every: (span, tick) => {
      let timer = this.after(span, () => {
        timer = this.after(span, timer.act)
        tick()
      })
      return () => void this.timers.delete(timer)
    },
  }

  /** Everything that is due until then, each in a turn of its own. */
  async until(moment: number): Promise<void> {
    for (;;) {
      const due = [...this.timers].filter(({ at }) => at <= moment).toSorted((a, b) => a.at - b.at)[0]
      if (due === undefined) break
      this.timers.delete(due)
      this.now = Math.max(this.now, due.at)
      due.act()
      await turn()
    }
    this.now = Math.max(this.now, moment)
  }
}

/** `frames`: each behind its length (4 bytes, big-endian), second by second, worker by worker. */
type Sent = { workers: number; seconds: number; frames: string; store: Store }
/** `begins` and `ends`: the load. */
export type Marks = { launches(): void; begins(): void; ends(): void }

export function simulatedFleet(
  { workers, seconds, frames, store }: Sent,
  marks: Marks,
): { fleet: Fleet; clock: World['clock'] } {
  const time = new VirtualTime()
  const { clock } = time
  let orders: Orders | null = null
  const platform = {
    stage: 's',
    region: 'us-east-1',
    function: 'f',
    bucket: 'b',
    arch: 'arm64',
    memoryMb: 1769,
  } as const
  const fleet: Fleet = {
    ...{ name: 'lambda', platform, store, place: { kind: 'folder', folder: '/' }, batches: null },
    ...{ inlineBytes: 0, mostStartBytes: null, startDeadline: 30_000, headstart: 1_250 },
    limits: async () => ({ workers, startsPer10s: null }),
    launch() {
      const events = new EventQueue<FleetEvent>()
      const say = (slice: number, event: FleetEvent['event']): void => events.push({ slice, attempt: 1, event })
      void play(say).then(() => events.end())
      return events
    },
    order: async (next) => {
      orders = next
    },
    ...{ drop: () => {}, dropAll: () => {}, close: async () => {} },
  }
  return { fleet, clock }

  async function play(say: (slice: number, event: FleetEvent['event']) => void): Promise<void> {
    marks.launches()
    await everyone((slice) => say(slice, { type: 'ready', at: clock.wall() }))
    while (orders?.t0 == null) await time.until(clock.wall() + 50)
    const { t0 } = orders
    await time.until(t0)
    marks.begins()
    const packed = packedIn(frames)
    for (let second = 0; second < seconds; second++) {
      await everyone(async (slice) => {
        say(slice, { type: 'frame', packed: packed() })
        if (slice % A_TURN === 0) await time.until(t0 + (second + 1) * 1000 + (slice / workers) * SPREAD)
      })
    }
    await time.until(t0 + (seconds + 1) * 1000)
    marks.ends()
    const all = LAUNCHED * seconds
    const ledger = { ...emptyLedger(), due: all, launched: all, completed: all }
    await everyone((slice) => {
      say(slice, { type: 'done', ledger, frames: seconds })
      say(slice, { type: 'gone', reason: 'exit code 0', retry: false, billed: seconds * 1000 })
    })
  }

  async function everyone(act: (slice: number) => unknown): Promise<void> {
    for (let slice = 0; slice < workers; slice++) {
      await act(slice)
      if (slice % A_TURN === A_TURN - 1) await turn()
    }
  }
}

/** One frame after another. */
function packedIn(path: string): () => Uint8Array {
  const file = openSync(path, 'r')
  const head = Buffer.alloc(4)
  return () => {
    readSync(file, head)
    const packed = Buffer.alloc(head.readUInt32BE(0))
    readSync(file, packed)
    return packed
  }
}
