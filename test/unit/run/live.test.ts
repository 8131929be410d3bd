/** When the load begins, and when it does not: a fleet that the test speaks for, on a clock of the test's. */
import { describe, expect, it } from 'vitest'
import type { Fleet, FleetEvent } from '../../../src/fleet/fleet.ts'
import { EventQueue } from '../../../src/fleet/queue.ts'
import { FRAME_VERSION } from '../../../src/measure/frame.ts'
import { emptyLedger } from '../../../src/measure/ledger.ts'
import { LiveRun } from '../../../src/run/live.ts'
import type { RunHead } from '../../../src/run/record.ts'
import type { RunState } from '../../../src/run/state.ts'
import { folderStore } from '../../../src/store/folder.ts'
import { stopKey } from '../../../src/wire/keys.ts'
import { LEASE_LIFETIME, type Orders, type SliceAttempt } from '../../../src/wire/orders.ts'
import { realWorld, type World } from '../../../src/world.ts'
import { planOf } from '../../support/plans.ts'
import { startEvent } from '../../support/worker.ts'

const WORKERS = 4
const DEADLINE = 30_000
const NOW = 1_000_000

/** A run of four workers of which nobody has been heard yet. */
function run(quorum: number, money: RunHead['money'] = { cap: null, tariff: null }) {
  let now = NOW
  const ticking = new Set<() => void>()
  const clock: World['clock'] = {
    wall: () => now,
    steady: () => now * 1000,
    sleep: async () => {},
    every: (_, tick) => {
      ticking.add(tick)
      return () => ticking.delete(tick)
    },
  }
  const events = new EventQueue<FleetEvent>()
  const dropped: SliceAttempt[] = []
  let all = 0
  const orders: Orders[] = []
  const asked = new Set<string>()
  const store = { ...folderStore('/'), get: async (key: string) => (asked.has(key) ? new Uint8Array() : null) }
  const fleet: Fleet = {
    ...{ name: 'lambda', platform: null, store, place: { kind: 'folder', folder: '/' } },
    ...{ batches: null, inlineBytes: 0, mostStartBytes: null, startDeadline: DEADLINE, headstart: 1_250 },
    limits: async () => ({ workers: WORKERS, startsPer10s: null }),
    launch: () => events,
    order: async (next) => void orders.push(next),
    drop: (worker) => void dropped.push(worker),
    dropAll: () => void all++,
    close: async () => {},
  }
  const plan = planOf([{ name: 'p', duration: 4, load: { kind: 'count', arrivals: 40 }, maxVusers: null }], WORKERS)
  const script = { target: '', file: '', warmUp: [], strict: false, quorum, scenarios: [], thresholds: [] }
  const head: RunHead = {
    ...{
      schema: 'slsart.run/1',
      frames: FRAME_VERSION,
      id: 'r',
      fleet: 'lambda',
      engine: 'native',
      launchedAt: NOW,
      plan,
      script,
    },
    ...{ acceptance: false, monitoring: null, baseline: null, platform: null, money },
  }
  const log = { frame: () => {}, event: () => {}, problem: () => null, close: async () => 0 }
  const live = new LiveRun(head, { fleet, world: { ...realWorld({ isOurs: false }), clock }, observe: () => {}, log })
  const starts = Array.from({ length: WORKERS }, (_, index) => ({
    ...startEvent('/', 'http://127.0.0.1', { duration: 4, arrivals: 10 }),
    index,
  }))
  const over = live.carryOut([starts], { before: null, after: null })
  const say = async (slice: number, event: FleetEvent['event']): Promise<void> => {
    events.push({ slice, attempt: 1, event })
    await settle()
  }
  return {
    ...{ over, dropped, orders, say, asked, droppedAll: () => all },
    state: (): RunState => live.state,
    ready: (slice: number, at = now) => say(slice, { type: 'ready', at }),
    gone: (slice: number, retry = false) => say(slice, { type: 'gone', reason: 'throttled', retry, billed: 0 }),
    async pass(span: number) {
      now += span
      for (const tick of ticking) tick()
      await settle()
    },
    async end() {
      for (let slice = 0; slice < WORKERS; slice++) await this.gone(slice)
      events.end()
      return over
    },
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the load', () => {
  it('begins when all workers are ready, a headstart later', async () => {
    const it = run(1)
    await settle()
    for (const slice of [0, 1, 2]) await it.ready(slice)
    expect(it.state().t0).toBeNull()
    await it.ready(3)
    expect(it.state().t0).toBe(NOW + 1_500)
    expect(it.orders.at(-1)?.t0).toBe(NOW + 1_500)
    await it.end()
  })

  it('begins at the start deadline with a quorum of them; who is ready later joins them then, and what was due before is lost', async () => {
    const it = run(0.75)
    await settle()
    for (const slice of [0, 1, 2]) await it.ready(slice)
    await it.pass(DEADLINE - 1)
    expect(it.state().t0).toBeNull()
    await it.pass(1)
    expect(it.state().t0).toBe(NOW + DEADLINE + 1_500)
    expect(it.dropped).toEqual([])
    await it.pass(3_000)
    await it.ready(3)
    // 1.5 s after T0, and a headstart later.
    expect(it.orders.at(-1)).toMatchObject({ joined: [{ slice: 3, attempt: 1, from: 3 }] })
    expect(it.state().workers[3]).toMatchObject({ is: 'ready', ledger: { due: 10, lost: 7 } })
    await it.end()
  })

  it('goes without a worker that is ready when its window is over: told to go again, it is lost, though it ends in order', async () => {
    const it = run(0.75)
    await settle()
    for (const slice of [0, 1, 2]) await it.ready(slice)
    await it.pass(DEADLINE)
    await it.pass(1_500 + 4_000)
    await it.ready(3)
    expect(it.dropped).toContainEqual({ slice: 3, attempt: 1 })
    await it.say(3, { type: 'done', ledger: { ...emptyLedger(), due: 10, lost: 10 }, frames: 0 })
    await it.gone(3)
    expect(it.state().workers[3]).toMatchObject({ is: 'lost', ledger: { due: 10, lost: 10 } })
    await it.end()
  })

  it('does not begin at the start deadline without the quorum, and the others are ended', async () => {
    const it = run(1)
    await settle()
    for (const slice of [0, 1, 2]) await it.ready(slice)
    await it.pass(DEADLINE)
    expect(it.state().t0).toBeNull()
    expect(it.droppedAll()).toBe(1)
    expect(it.orders.at(-1)).toMatchObject({ t0: null, stop: 'now' })
    await expect(it.end()).rejects.toThrow('3 of 4 workers were ready after 30 s')
  })

  it('begins without one that could not be started where a quorum can do without, at once when the others are ready', async () => {
    const it = run(0.75)
    await settle()
    await it.gone(1)
    for (const slice of [0, 2, 3]) await it.ready(slice)
    expect(it.state().t0).toBe(NOW + 1_500)
    await it.end()
  })

  it('does not begin without one that could not be started where all are needed', async () => {
    const it = run(1)
    await settle()
    await it.gone(1)
    expect(it.droppedAll()).toBe(1)
    await expect(it.end()).rejects.toThrow('a worker could not start: throttled')
  })

  it("does not begin by a clock that is behind the workers'", async () => {
    const it = run(1)
    await settle()
    await it.ready(0, NOW + 3_000)
    await expect(it.end()).rejects.toThrow("this machine's clock is 3.0 s behind the workers'")
    expect(it.state().t0).toBeNull()
  })
})

describe('a run that is under way', () => {
  const under = async (): Promise<ReturnType<typeof run>> => {
    const it = run(1)
    await settle()
    for (const slice of [0, 1, 2, 3]) await it.ready(slice)
    await it.pass(1_000)
    return it
  }
  const done = (it: ReturnType<typeof run>, slice: number, lost: number): Promise<void> =>
    it.say(slice, { type: 'done', frames: 0, ledger: { ...emptyLedger(), due: 10, launched: 10 - lost, lost } })

  it('is stopped from elsewhere within a second, and harder when that is asked for', async () => {
    const it = await under()
    it.asked.add(stopKey('drain'))
    await it.pass(1_000)
    expect(it.orders.at(-1)).toMatchObject({ stop: 'drain' })
    expect(it.state()).toMatchObject({ stoppedBy: 'order', endedAt: expect.any(Number) })
    expect(it.droppedAll()).toBe(0)
    it.asked.add(stopKey('now'))
    await it.pass(1_000)
    expect(it.orders.at(-1)).toMatchObject({ stop: 'now' })
    expect(it.droppedAll()).toBe(1)
    await it.end()
  })

  it('knows that it was stopped when its workers have read that before it has, and are gone', async () => {
    const it = await under()
    it.asked.add(stopKey('drain')).add(stopKey('now'))
    for (const slice of [0, 1, 2, 3]) await done(it, slice, 5)
    await it.end()
    expect(it.state()).toMatchObject({ stoppedBy: 'order', stage: 'over' })
  })

  it('is not un-stopped by a conductor that stood still while it was stopped', async () => {
    const it = await under()
    const before = it.orders.length
    it.asked.add(stopKey('drain'))
    await it.pass(20_000)
    await settle()
    expect(it.orders.length).toBeGreaterThan(before)
    expect(it.orders.slice(before).every(({ stop }) => stop === 'drain')).toBe(true)
    await it.end()
  })

  it('is over, and not begun again, for a conductor that stood still for longer than its lease', async () => {
    const it = await under()
    await it.pass(LEASE_LIFETIME + 1)
    expect(it.state()).toMatchObject({ stoppedBy: 'lease' })
    expect(it.orders.at(-1)).toMatchObject({ stop: 'drain' })
    // What they told meanwhile is still to be heard.
    expect(it.dropped).toEqual([])
    for (const slice of [0, 1, 2, 3]) await done(it, slice, 5)
    await it.end()
    expect(it.state().workers.every(({ is }) => is === 'done')).toBe(true)
  })

  it('is over for all when one worker has seen its lease run out just before it was renewed', async () => {
    const it = await under()
    await it.pass(LEASE_LIFETIME - 1_000)
    expect(it.state().stoppedBy).toBeNull()
    await done(it, 0, 5)
    expect(it.state().stoppedBy).toBe('lease')
    expect(it.orders.at(-1)).toMatchObject({ stop: 'drain' })
    await it.end()
  })
})

describe('a budget', () => {
  /** A worker costs a dollar a second; 60 are there for four of them, which take 3 s to end. */
  const money: RunHead['money'] = {
    cap: 60,
    tariff: { second: 1, start: 0, put: 0, get: 0, gb: 0, hasFreeTier: false },
  }
  const END = NOW + 12_000 - 1

  it('is in the orders, and ends the load when it is spent', async () => {
    const it = run(1, money)
    await settle()
    expect(it.orders.at(-1)?.until).toBe(END)
    for (const slice of [0, 1, 2, 3]) await it.ready(slice)
    await it.pass(11_500)
    expect(it.state().stoppedBy).toBeNull()
    await it.pass(500)
    expect(it.state().stoppedBy).toBe('budget')
    expect(it.orders.at(-1)).toMatchObject({ until: END, stop: 'drain' })
    await it.end()
  })

  it('that somebody leaves something of goes on for the others, as long as they can hear of it', async () => {
    const it = run(0.5, money)
    await settle()
    for (const slice of [0, 1, 2, 3]) await it.ready(slice)
    await it.pass(4_000)
    await it.gone(3)
    await it.pass(250)
    expect(it.orders.at(-1)?.until).toBeGreaterThan(END + 2_000)
    await it.end()
  })

  it('launches nobody again who would not come to his load', async () => {
    const again = run(0.5, money)
    await settle()
    for (const slice of [0, 1, 2, 3]) await again.ready(slice)
    await again.pass(3_000)
    await again.gone(3, true)
    expect(again.state().workers[3]).toMatchObject({ is: 'starting' })
    const broke = run(0.5, money)
    await settle()
    for (const slice of [0, 1, 2, 3]) await broke.ready(slice)
    await broke.pass(8_000)
    await broke.gone(3, true)
    expect(broke.state().workers[3]).toMatchObject({ is: 'lost' })
    await broke.end()
  })

  it('without room for a single second of load launches nobody', async () => {
    const it = run(1, { ...money, cap: 20 })
    await it.over
    expect(it.state().workers.every(({ is }) => is === 'cancelled')).toBe(true)
    expect(it.state().stoppedBy).toBe('budget')
  })
})
