/**
 * A cap holds, whatever becomes of the workers: a till, and a fleet as small as it can be, on a clock that goes in steps of 50 ms. The
 * conductor may freeze for good at any moment; workers start late, die, go unbilled, have clocks that are behind, and take as long to
 * end as they may.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Rates, ratesOf } from '../../src/plan/price.ts'
import type { Tariff } from '../../src/plan/tariff.ts'
import { costBy, type Life, lastEnd, nextUntil, SETTLED } from '../../src/run/budget.ts'
import { type Known, Till } from '../../src/run/till.ts'
import type { Millis } from '../../src/units.ts'
import { LEASE_LIFETIME, LEASE_RENEWAL, shutdown } from '../../src/wire/orders.ts'
import { holds } from '../support/property.ts'

const STEP: Millis = 50
const HEADSTART: Millis = 1_500
/** As often as the conductor looks. */
const LOOK: Millis = 250
const TAIL = shutdown(true)
const NOW = 1_000_000

type Window = { from: number; to: number; workers: number }
/**
 * Milliseconds: to be ready, to drain after the window, to be gone after a stop, how far its clock is behind. `dies`: when it is heard of for
 * the last time; who is not billed then is still there, and ends by its orders or its lease.
 */
type Nature = { start: Millis; drain: Millis; end: Millis; dies: Millis | null; behind: Millis; isBilled: boolean }
type Case = {
  windows: Window[]
  startUp: number
  natures: Nature[]
  cap: number
  tariff: Tariff
  freezes: Millis | null
}

type Orders = { t0: Millis | null; until: Millis | null; lease: Millis; stop: boolean; dropped: readonly Worker[] }

class Worker {
  readonly window: Window
  readonly nature: Nature
  readonly launchedAt: Millis
  private orders: Orders
  private stoppedAt: Millis | null = null
  private polledAt: Millis
  goneAt: Millis | null = null
  /** When the conductor heard that it is gone. */
  endedAt: Millis | null = null
  isReady = false

  constructor(window: Window, nature: Nature, now: Millis) {
    this.window = window
    this.nature = nature
    this.launchedAt = now
    this.polledAt = now
    this.orders = { t0: null, until: null, lease: now, stop: false, dropped: [] }
  }

  /** What it is told with its start, before it looks for orders. */
  begin(until: Millis | null): void {
    if (!this.isReady) this.orders = { ...this.orders, until }
  }

  step(now: Millis, written: Orders): void {
    if (this.goneAt !== null) return
    const { start, drain, end, dies, behind, isBilled } = this.nature
    const own = now - behind
    if (dies !== null && now >= this.launchedAt + dies) {
      this.endedAt ??= now
      if (isBilled) this.goneAt = now
    }
    this.isReady ||= now >= this.launchedAt + start
    if (this.isReady && now - this.polledAt >= (this.orders.t0 === null ? 250 : 1_000)) {
      this.polledAt = now
      this.orders = written
    }
    const { t0, until, lease, dropped } = this.orders
    const stop = this.orders.stop || dropped.includes(this)
    const isOver = t0 !== null && now >= t0 + this.window.to * 1000
    if (stop || (until !== null && own >= until) || now > lease + LEASE_LIFETIME) this.stoppedAt ??= now
    if (this.stoppedAt !== null && now >= this.stoppedAt + end) this.goneAt = now
    if (isOver && t0 !== null && now >= t0 + this.window.to * 1000 + drain) this.goneAt = now
    this.endedAt ??= this.goneAt
  }

  get life(): Millis {
    return (this.goneAt ?? Number.NaN) - this.launchedAt
  }
}

/** What the run came to; how many were there when the budget ended the load, or too short a time before to be told of, and for how long they were not. */
type Came = { cost: number; byBudget: boolean; atEnd: number; freed: Millis }

/** The conductor as live.ts has it, without all that costs nothing. */
function simulate({ windows, startUp, natures, cap, tariff, freezes }: Case): Came {
  const rates = ratesOf(tariff)
  const around = { world: { clock: { wall: () => now } }, fleet: { batches: 30 } }
  const till = new Till({ money: { cap, tariff }, launchedAt: NOW }, around)
  const workers: Worker[] = []
  const waiting = [...windows]
  let orders: Orders = { t0: null, until: null, lease: NOW, stop: false, dropped: [] }
  const came: Came = { cost: 0, byBudget: false, atEnd: 0, freed: 0 }
  let now = NOW
  const known = (): Known => ({
    t0: orders.t0,
    workers: workers.map(({ launchedAt, endedAt, life, nature: { behind, isBilled } }) => ({
      behind,
      attempts: [
        {
          ...{ attempt: 1, from: 0, told: { launched: 0, skipped: 0, completed: 0, failed: 0 }, reason: null },
          ...{ launchedAt, endedAt, billed: endedAt !== null && isBilled ? life : null, own: null },
        },
      ],
    })),
  })
  const write = (change: Partial<Orders> = {}): void => {
    orders = { ...orders, ...change }
    const dropped = workers.filter(({ goneAt, endedAt }) => endedAt !== null && goneAt === null)
    orders = { ...orders, until: till.until(orders.until, known()), lease: now, dropped }
  }
  const launch = (): void => {
    const [next] = waiting
    const isDue =
      next && (workers.length === 0 || (orders.t0 !== null && now >= orders.t0 + (next.from - startUp) * 1000))
    if (!next || !isDue || orders.stop) return
    waiting.shift()
    if (!till.affords(known(), next.workers, next.from)) {
      waiting.length = 0
      return
    }
    for (let i = 0; i < next.workers; i++) {
      const nature = natures[workers.length % natures.length] as Nature
      workers.push(new Worker(next, nature, now))
    }
    write()
    for (const worker of workers) worker.begin(orders.until)
  }
  const alive = (): Worker[] => workers.filter(({ goneAt }) => goneAt === null)
  let renewed = NOW
  while (now < NOW + 400_000) {
    if (freezes === null || now < NOW + freezes) {
      if (workers.some(({ goneAt, endedAt }) => goneAt === null && endedAt === now - STEP)) write()
      launch()
      if (
        orders.t0 === null &&
        workers.length > 0 &&
        alive().every(({ isReady, endedAt }) => isReady || endedAt !== null)
      )
        write({ t0: now + HEADSTART })
      if (now % LOOK === 0 && !orders.stop && orders.until !== null) {
        if (now >= orders.until) {
          const late = workers.filter(({ goneAt }) => goneAt !== null && goneAt > now - SETTLED - 3 * LOOK)
          const freed = late.reduce((sum, { goneAt }) => sum + now - (goneAt ?? now), 0)
          Object.assign(came, { byBudget: true, atEnd: alive().length + late.length, freed })
          write({ stop: true })
        } else if (till.look(orders.until, known()) === 'later') write()
      }
      if (now - renewed >= LEASE_RENEWAL) write()
      if (now - renewed >= LEASE_RENEWAL) renewed = now
    }
    for (const worker of workers) worker.step(now, orders)
    if (alive().length === 0 && (waiting.length === 0 || orders.stop || freezes !== null)) break
    now += STEP
  }
  expect(alive()).toEqual([])
  came.cost = paid(workers, orders.t0, rates) + (rates.run * (now - NOW)) / 1000
  return came
}

const paid = (workers: readonly Worker[], t0: Millis | null, rates: Rates): number =>
  workers.reduce((sum, { life, launchedAt }) => {
    const waited = Math.max(0, Math.min(life, (t0 ?? Number.POSITIVE_INFINITY) - launchedAt))
    return sum + rates.start + (rates.second * life + rates.waiting * waited) / 1000
  }, 0)

const steps = (min: number, max: number): fc.Arbitrary<Millis> =>
  fc.integer({ min: min / STEP, max: max / STEP }).map((n) => n * STEP)

const natures: fc.Arbitrary<Nature> = fc.record({
  start: steps(100, 6_000),
  drain: steps(0, 4_000),
  end: steps(50, TAIL - STEP),
  dies: fc.option(steps(0, 60_000), { nil: null, freq: 4 }),
  behind: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: steps(0, 900) }),
  isBilled: fc.boolean(),
})
const tariffs: fc.Arbitrary<Tariff> = fc.oneof(
  fc.constant({ second: 1, start: 0, put: 0, get: 0, gb: 0, hasFreeTier: false }),
  fc.record({
    second: fc.double({ min: 1e-6, max: 1e-3, noNaN: true }),
    ...{ start: fc.constant(2e-7), put: fc.constant(5e-6), get: fc.constant(4e-7) },
    ...{ gb: fc.constant(1), hasFreeTier: fc.constant(true) },
  }),
)
const fleets = fc
  .array(fc.record({ length: fc.integer({ min: 5, max: 30 }), workers: fc.integer({ min: 1, max: 5 }) }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => {
    let at = 0
    return parts.map(({ length, workers }): Window => {
      const from = at
      at += length
      return { from, to: at, workers }
    })
  })

/** Of what the whole would cost if everybody lived through it, a share. */
const cases = (freezes: fc.Arbitrary<Millis | null>): fc.Arbitrary<Case> =>
  fc
    .record({
      windows: fleets,
      startUp: fc.integer({ min: 1, max: 10 }),
      natures: fc.array(natures, { minLength: 1, maxLength: 8 }),
      tariff: tariffs,
      share: fc.double({ min: 0.05, max: 1.3, noNaN: true }),
      freezes,
    })
    .map(({ share, ...rest }) => {
      const { windows, tariff, startUp } = rest
      const rates = ratesOf(tariff)
      const whole = windows.reduce(
        (sum, { from, to, workers }) => sum + workers * (rates.start + rates.second * (to - from + startUp + 2)),
        0,
      )
      return { ...rest, cap: whole * share }
    })

const freezing = fc.option(steps(0, 80_000), { nil: null, freq: 2 })

describe('a run with a cap', () => {
  it('never costs more', () => {
    holds(cases(freezing), (run) => {
      expect(simulate(run).cost).toBeLessThanOrEqual(run.cap * (1 + 1e-9))
    })
  })

  it('that is ended by it has spent all but what its last workers might have taken to end', () => {
    const steady = (run: Case): Case => ({
      ...run,
      natures: run.natures.map((nature) => ({ ...nature, dies: null, isBilled: true })),
    })
    holds(cases(fc.constant(null)).map(steady), (run) => {
      const { cost, byBudget, atEnd, freed } = simulate(run)
      if (!byBudget) return
      const { second, waiting, run: own } = ratesOf(run.tariff)
      const tail = TAIL + Math.max(...run.natures.map((nature) => nature.behind)) + LOOK
      // Until they go workers are reckoned with as if they never did.
      const looks = waiting * atEnd * 2 * (SETTLED + tail)
      const left = (second * (atEnd * tail + freed) + looks + own * tail) / 1000
      expect(run.cap - cost).toBeLessThanOrEqual(left * (1 + 1e-9))
    })
  })
})

const lives = fc.array(
  fc.record({
    launchedAt: fc.integer({ min: NOW, max: NOW + 20_000 }),
    endedAt: fc.option(fc.integer({ min: NOW + 20_000, max: NOW + 50_000 }), { nil: null }),
    billed: fc.option(fc.integer({ min: 0, max: 50_000 }), { nil: null }),
    strays: fc.integer({ min: 0, max: 40_000 }),
  }),
  { minLength: 1, maxLength: 8 },
)
const ofGone = (all: readonly Life[]): Life[] =>
  all.map((life) => (life.endedAt === null ? { ...life, billed: null } : life))
const rates = ratesOf({ second: 1, start: 0.1, put: 0.01, get: 0.001, gb: 1, hasFreeTier: true })
const terms = { rates, tail: TAIL }

describe('the last end', () => {
  it('is the last millisecond whose cost is within the cap', () => {
    holds(fc.tuple(lives.map(ofGone), fc.integer({ min: 1, max: 500 })), ([all, cap]) => {
      const spending = { lives: all, begunAt: NOW, t0: NOW + 3_000 }
      const end = lastEnd(spending, terms, cap)
      if (end === null) return expect(all.every(({ endedAt }) => endedAt !== null)).toBe(true)
      expect(costBy(end + 1, spending, terms)).toBeGreaterThan(cap)
      if (costBy(NOW - TAIL, spending, terms) <= cap) expect(costBy(end, spending, terms)).toBeLessThanOrEqual(cap)
    })
  })

  it('is told anew only while all can still hear of it', () => {
    expect(nextUntil(NOW + SETTLED + 1, NOW + 60_000, NOW)).toBe(NOW + 60_000)
    expect(nextUntil(NOW + SETTLED, NOW + 60_000, NOW)).toBe(NOW + SETTLED)
    expect(nextUntil(NOW + SETTLED, NOW + 1_000, NOW)).toBe(NOW + 1_000)
    expect(nextUntil(NOW + SETTLED, null, NOW)).toBe(NOW + SETTLED)
    expect(nextUntil(null, NOW + 1_000, NOW)).toBe(NOW + 1_000)
  })
})
