/**
 * A fleet in virtual time: workers that keep the protocol as lambda/worker.ts does (ready, go or join, a launch when due, a frame a second, done), to which a schedule of faults happens. The conductor is the real one. What the target sees is kept by arrival.
 */

import { packFrame } from '../../lambda/packing.ts'
import { Share } from '../../lambda/share.ts'
import type { Fleet, FleetEvent } from '../../src/fleet/fleet.ts'
import { EventQueue } from '../../src/fleet/queue.ts'
import { emptyLedger, type Ledger } from '../../src/measure/ledger.ts'
import { dueIn, owned, pieceOf } from '../../src/plan/arrivals.ts'
import { isInTime, isSame, LEASE_LIFETIME, leaseExpired, type Orders } from '../../src/wire/orders.ts'
import type { Start } from '../../src/wire/start.ts'
import type { World } from '../../src/world.ts'
import { frameBytes } from './arbitraries.ts'

/** What becomes of a frame on its way; a delay in milliseconds lets later ones overtake it. */
export type Way = 'arrives' | 'doubled' | 'dropped' | 'damaged' | { delayed: number }

/** What happens to one attempt. Times are milliseconds after its launch. `never`: it is refused, and trying again would not help. */
export type Fate = {
  startsIn: number
  fault:
    | { kind: 'none' }
    | { kind: 'refused' }
    | { kind: 'never' }
    | { kind: 'killed'; at: number }
    | { kind: 'frozen'; at: number; span: number }
  /** Of its frames, in turn. */
  ways: readonly Way[]
}

export const FINE: Fate = { startsIn: 500, fault: { kind: 'none' }, ways: [] }

/** Everything that is to happen, in order of its moment. */
class VirtualTime {
  now = 1_000_000
  private readonly queue: { at: number; n: number; act: () => void }[] = []
  private n = 0

  after(span: number, act: () => void): void {
    const item = { at: this.now + Math.max(0, span), n: this.n++, act }
    let i = this.queue.length
    while (i > 0 && isLater(this.queue[i - 1] as typeof item, item)) i--
    this.queue.splice(i, 0, item)
  }

  readonly clock: World['clock'] = {
    wall: () => this.now,
    steady: () => this.now * 1000,
    sleep: (span) => new Promise((resolve) => this.after(span, resolve)),
    every: (span, tick) => {
      let on = true
      const again = (): void =>
        this.after(span, () => {
          if (!on) return
          tick()
          again()
        })
      again()
      return () => {
        on = false
      }
    },
  }

  /** Until the promise is settled. Throws when nothing is left to happen, or after an hour. */
  async run(over: Promise<unknown>): Promise<void> {
    let settled = false
    const done = (): void => {
      settled = true
    }
    over.then(done, done)
    const end = this.now + 3_600_000
    for (;;) {
      // All that follows from the last moment, through however many promises.
      await new Promise((resolve) => setImmediate(resolve))
      if (settled) return
      const next = this.queue.shift()
      if (next === undefined || next.at > end) throw new Error('the run hangs')
      this.now = next.at
      next.act()
    }
  }
}

const isLater = (a: { at: number; n: number }, b: { at: number; n: number }): boolean =>
  a.at > b.at || (a.at === b.at && a.n > b.n)

const SERVICE = 220
const TICK = 50
const FROZEN = 2_000

/** What was seen from outside. `seen`: how often the target was asked by each arrival; `frames`: those that were delivered whole. */
export type Witness = {
  seen: Map<number, number>
  frames: { slice: number; attempt: number; seq: number; packed: Uint8Array }[]
  ends: { slice: number; attempt: number; at: number; how: Fate['fault']['kind'] | 'done' }[]
  /** Frames that nobody heard: of attempts that came to their end, and of all. */
  missing: number
  unheard: number
}

export type Simulated = { fleet: Fleet; time: VirtualTime; witness: Witness; world: Pick<World, 'clock'> }

/** `fateOf`: of each attempt. `canKill`: a worker that is given up is ended, as on this machine; else it must hear of it. */
export function simulatedFleet(
  fateOf: (slice: number, attempt: number) => Fate,
  { canKill }: { canKill: boolean },
  place: Pick<Fleet, 'store'>,
): Simulated {
  const time = new VirtualTime()
  const witness: Witness = { seen: new Map(), frames: [], ends: [], missing: 0, unheard: 0 }
  const shared: { orders: Orders | null } = { orders: null }
  const workers = new Map<string, SimulatedWorker>()
  const platform = { stage: 's', region: 'r', function: 'f', bucket: 'b', arch: 'arm64', memoryMb: 1769 } as const
  const fleet: Fleet = {
    name: canKill ? 'local' : 'lambda',
    platform: canKill ? null : platform,
    ...{ ...place, place: { kind: 'folder', folder: '/' }, batches: null, inlineBytes: 0, mostStartBytes: null },
    ...{ startDeadline: canKill ? null : 30_000, headstart: canKill ? 500 : 1_250 },
    limits: async () => ({ workers: 1_000, startsPer10s: null }),
    launch(starts) {
      const events = new EventQueue<FleetEvent>()
      let left = starts.length
      for (const start of starts) {
        const { index: slice, attempt } = start
        const worker = new SimulatedWorker(start, fateOf(slice, attempt), {
          ...{ time, witness, shared },
          say(event) {
            events.push({ slice, attempt, event })
            if (event.type === 'gone' && --left === 0) events.end()
          },
        })
        workers.set(`${slice}-${attempt}`, worker)
      }
      return events
    },
    order: async (orders) => {
      shared.orders = orders
    },
    drop({ slice, attempt }) {
      const worker = workers.get(`${slice}-${attempt}`)
      if (canKill) worker?.die('killed')
      // Who has not said by then that it has ended has no lease any more.
      else time.after(LEASE_LIFETIME + 5_000, () => worker?.leave())
    },
    dropAll() {
      for (const worker of workers.values()) {
        if (canKill) worker.die('killed')
        else worker.leave()
      }
    },
    close: async () => {},
  }
  return { fleet, time, witness, world: { clock: time.clock } }
}

type Around = {
  time: VirtualTime
  witness: Witness
  shared: { orders: Orders | null }
  say(event: FleetEvent['event']): void
}

class SimulatedWorker {
  private readonly start: Start
  private readonly fate: Fate
  private readonly around: Around
  private readonly share: Share
  private ledger: Ledger = emptyLedger()
  private told: Ledger = emptyLedger()
  private is: 'starting' | 'waiting' | 'running' | 'over' = 'starting'
  private readyAt = 0
  private t0 = 0
  private lease = 0
  private epochs = 0
  private next = 0
  private seq = 0
  private lookedAt = 0
  private frozenUntil = 0
  private inFlight = 0
  private pending = 0
  private unheard = 0
  private final: (() => void) | null = null

  constructor(start: Start, fate: Fate, around: Around) {
    this.start = start
    this.fate = fate
    this.around = around
    this.share = new Share(start)
    const { time, say } = around
    const { fault, startsIn } = fate
    this.lease = time.now
    if (fault.kind === 'refused' || fault.kind === 'never') {
      this.is = 'over'
      time.after(startsIn, () =>
        say({ type: 'gone', reason: fault.kind, retry: fault.kind === 'refused', billed: null }),
      )
      return
    }
    if (fault.kind === 'killed') time.after(fault.at, () => this.die('killed'))
    if (fault.kind === 'frozen') time.after(fault.at, () => this.freeze(fault.span))
    this.soon(startsIn, () => this.ready())
  }

  /** The process is gone, and whatever it had not said. */
  die(how: Fate['fault']['kind']): void {
    if (this.is === 'over') return
    this.is = 'over'
    const { time, witness, say } = this.around
    const { index: slice, attempt } = this.start
    witness.ends.push({ slice, attempt, at: time.now, how })
    const gone = (): void => say({ type: 'gone', reason: how, retry: true, billed: null })
    // What was said before is still on its way.
    if (this.pending === 0) gone()
    else this.final = gone
  }

  /** Nobody listens any more. */
  leave(): void {
    this.die('frozen')
  }

  /** Acts when a process would: not while it stands still. */
  private soon(span: number, act: () => void): void {
    const { time } = this.around
    time.after(span, () => {
      if (this.is === 'over') return
      if (time.now < this.frozenUntil) this.soon(this.frozenUntil - time.now, act)
      else act()
    })
  }

  private freeze(span: number): void {
    this.frozenUntil = this.around.time.now + span
  }

  private ready(): void {
    this.readyAt = this.around.time.now
    this.is = 'waiting'
    this.around.say({ type: 'ready', at: this.readyAt })
    this.poll()
  }

  private poll(): void {
    this.obey()
    this.soon(this.is === 'running' ? 1_000 : 250, () => this.poll())
  }

  private obey(): void {
    const { time, shared } = this.around
    const { orders } = shared
    const { index: slice, attempt, slice: own } = this.start
    if (orders === null || this.is === 'over') return
    this.lease = orders.lease
    if (orders.epochs.length > this.epochs) {
      this.epochs = orders.epochs.length
      this.share.steer(orders.epochs)
    }
    const of = { slice, attempt }
    const joined = orders.joined.find((other) => isSame(other, of))
    const inTime = orders.t0 !== null && isInTime({ ...of, at: this.readyAt }, orders.t0, own.window.from)
    if (orders.dropped.some((other) => isSame(other, of)) || orders.stop !== null || leaseExpired(orders, time.now))
      this.end()
    else if (this.is === 'waiting' && orders.t0 !== null && (inTime || joined !== undefined)) {
      this.begin(orders.t0, inTime ? own.window.from : (joined?.from ?? 0))
    }
  }

  private begin(t0: number, from: number): void {
    const { time } = this.around
    this.is = 'running'
    this.t0 = t0
    this.share.join(from)
    this.next = owned(this.share.profile, this.share.slice).first
    this.lookedAt = time.now
    this.soon(t0 + Math.ceil(from) * 1000 + 1_000 - time.now, () => this.second())
    this.tick()
  }

  /** As the dispatcher does: by the clock, and not before it has asked when it stood still. */
  private tick(): void {
    const { time } = this.around
    if (time.now - this.lookedAt > FROZEN) this.obey()
    this.lookedAt = time.now
    const { profile, slice } = this.share
    const { end, step } = owned(profile, slice)
    while (this.is === 'running' && this.next < end) {
      if (this.t0 + dueIn(pieceOf(profile, this.next), this.next) * 1000 > time.now) break
      this.launch(this.next)
      this.next += step
    }
    if (this.is !== 'running') return
    const isOver = this.next >= end && !this.share.held && time.now >= this.t0 + slice.window.to * 1000
    if (isOver && this.inFlight === 0) this.end()
    else this.soon(TICK, () => this.tick())
  }

  private launch(k: number): void {
    const { seen } = this.around.witness
    seen.set(k, (seen.get(k) ?? 0) + 1)
    this.ledger.launched++
    this.inFlight++
    this.soon(SERVICE, () => {
      this.inFlight--
      this.ledger[k % 7 === 0 ? 'failed' : 'completed']++
    })
  }

  private second(): void {
    if (this.is !== 'running') return
    this.frame()
    this.soon(1_000, () => this.second())
  }

  private frame(): void {
    const { launched, completed, failed } = this.ledger
    const counters = {
      launched: launched - this.told.launched,
      completed: completed - this.told.completed,
      failed: failed - this.told.failed,
    }
    this.told = { ...this.ledger }
    const { index: slice, attempt } = this.start
    const seq = this.seq++
    const second = Math.max(0, Math.floor((this.around.time.now - this.t0) / 1000) - 1)
    const bytes = frameBytes({ slice, attempt, seq, second, counters, samples: { response: [1_000 + seq, 5_000] } })
    this.deliver(seq, packFrame(bytes))
  }

  private deliver(seq: number, packed: Uint8Array): void {
    const { ways } = this.fate
    const way = ways.length === 0 ? 'arrives' : (ways[seq % ways.length] as Way)
    const isLost = way === 'dropped' || way === 'damaged'
    if (isLost) this.unheard++
    if (isLost) this.around.witness.unheard++
    if (way === 'dropped') return
    if (way === 'damaged') {
      this.bring(
        packed.map((byte, i) => (i === packed.length >> 1 ? byte ^ 0x55 : byte)),
        null,
      )
    } else if (way === 'arrives') this.bring(packed, seq)
    else if (way === 'doubled') {
      this.bring(packed, seq)
      this.bring(packed, null)
    } else {
      this.pending++
      this.around.time.after(way.delayed, () => {
        this.bring(packed, seq)
        if (--this.pending === 0) this.final?.()
      })
    }
  }

  /** `seq`: of what is counted. */
  private bring(packed: Uint8Array, seq: number | null): void {
    const { index: slice, attempt } = this.start
    if (seq !== null) this.around.witness.frames.push({ slice, attempt, seq, packed })
    this.around.say({ type: 'frame', packed })
  }

  /** Its last frame, its ledger, and its end. */
  private end(): void {
    if (this.is === 'over') return
    const { time, witness, say } = this.around
    const { index: slice, attempt } = this.start
    if (this.is === 'running') this.frame()
    this.is = 'over'
    witness.ends.push({ slice, attempt, at: time.now, how: 'done' })
    witness.missing += this.unheard
    const { launched, completed, failed } = this.ledger
    const { due } = this.share
    const ledger = { ...this.ledger, due, lost: due - launched, unfinished: launched - completed - failed }
    const over = (): void => {
      say({ type: 'done', ledger, frames: this.seq })
      say({ type: 'gone', reason: 'exit code 0', retry: true, billed: null })
    }
    if (this.pending === 0) over()
    else this.final = over
  }
}
