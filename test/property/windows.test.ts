/** The laws of windows, workers, price and fit, on generated phases, virtual users, lifetimes and accounts. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { owned } from '../../src/plan/arrivals.ts'
import { artilleryPower, leastWorkers, type VuShape, type WorkerPower } from '../../src/plan/capacity.ts'
import { ASSUMED_LATENCY, type Plan, planRun } from '../../src/plan/plan.ts'
import { preflight } from '../../src/plan/preflight.ts'
import { priceOf } from '../../src/plan/price.ts'
import type { Phase } from '../../src/plan/profile.ts'
import { slicesOf, type Window } from '../../src/plan/slices.ts'
import { isTariff, tariffOf } from '../../src/plan/tariff.ts'
import { cutWindows, divide, type NeedFor } from '../../src/plan/windows.ts'
import { anyPhases, constant, ramp } from '../support/arbitraries.ts'
import * as oracle from '../support/oracle.ts'
import { holds } from '../support/property.ts'

const caps = fc.option(fc.integer({ min: 1, max: 60 }), { nil: null })
const cappedPhases = anyPhases.chain((phases) =>
  fc
    .array(caps, { minLength: phases.length, maxLength: phases.length })
    .map((caps) => phases.map((phase, i): Phase => ({ ...phase, maxVusers: caps[i] ?? null }))),
)
const sessions = fc.record({ requests: fc.integer({ min: 1, max: 300 }), thinking: fc.integer({ min: 0, max: 400 }) })
const settings = fc.record({
  phases: cappedPhases,
  session: sessions,
  workers: fc.option(fc.integer({ min: 1, max: 40 }), { nil: null }),
  most: fc.record({
    arrivalRate: fc.constant(null),
    arrivalRatePerWorker: fc.option(fc.integer({ min: 1, max: 20 }), { nil: null }),
  }),
  lifetime: fc.integer({ min: 12, max: 90 }).map((seconds) => divide(seconds, 3)),
  seed: fc.nat(),
})

/** The highest arrival rate that a phase reaches between two times, by looking at both ends of what it has there. */
function peakOf(phases: readonly Phase[], index: number, { from, to }: Window): number {
  const phase = phases[index]
  const seam = oracle.seamsOf(phases)[index]
  if (phase === undefined || seam === undefined || phase.load.kind === 'pause') return 0
  const start = Number(seam.from.n) / Number(seam.from.d)
  if (phase.load.kind === 'count') return phase.load.arrivals / phase.duration
  const { from: low, to: high } = phase.load
  const at = (t: number): number =>
    low + ((high - low) * Math.min(Math.max(t - start, 0), phase.duration)) / phase.duration
  return Math.max(at(from), at(to))
}

/** Whether n workers can carry what a window asks of them, each limit by itself. */
function carries(
  n: number,
  peak: number,
  cap: number | null,
  shape: VuShape,
  power: WorkerPower,
  limit: number | null,
) {
  const alive = Math.min(peak * shape.seconds, cap ?? Number.POSITIVE_INFINITY)
  const slack = 1 + 1e-12
  return (
    (peak / n) * (power.vuSeconds + power.requestSeconds * shape.requests) <= power.cpu * slack &&
    alive / n <= power.connections * slack &&
    (peak / n) * shape.requests * power.megabitsPerRequest <= power.megabits * slack &&
    (limit === null || peak / n <= limit * slack)
  )
}

describe('the number of workers of a stretch', () => {
  const stretches = fc.record({
    peak: fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.double({ min: 0, max: 50, noNaN: true })),
    cap: fc.option(fc.integer({ min: 1, max: 5_000 }), { nil: null }),
    shape: sessions.map(({ requests, thinking }) => ({ requests, seconds: thinking + requests * ASSUMED_LATENCY })),
    limit: fc.option(fc.integer({ min: 1, max: 500 }), { nil: null }),
  })

  it('is enough for every limit, unless maxVusers allows no more', () => {
    holds(stretches, ({ peak, cap, shape, limit }) => {
      const { workers, decidedBy } = leastWorkers(peak, cap, shape, artilleryPower, limit)
      expect(workers).toBeGreaterThanOrEqual(1)
      expect(workers).toBeLessThanOrEqual(cap ?? Number.POSITIVE_INFINITY)
      if (decidedBy !== 'max-vusers') expect(carries(workers, peak, cap, shape, artilleryPower, limit)).toBe(true)
    })
  })

  it('is the least: with one worker less some limit breaks', () => {
    holds(stretches, ({ peak, cap, shape, limit }) => {
      const { workers } = leastWorkers(peak, cap, shape, artilleryPower, limit)
      if (workers > 1) expect(carries(workers - 1, peak, cap, shape, artilleryPower, limit)).toBe(false)
    })
  })
})

describe('a plan of several windows', () => {
  const planOf = (input: Omit<Parameters<typeof planRun>[0], 'power'>): Plan =>
    planRun({ ...input, power: artilleryPower })

  it('gives every window workers enough for each phase in it, and no phase more than its maxVusers', () => {
    holds(settings, (input) => {
      const { windows, shape } = planOf(input)
      for (const window of windows) {
        const seams = oracle
          .seamsOf(input.phases)
          .map(({ from, to }) => [from, to].map(({ n, d }) => Number(n) / Number(d)))
        seams.forEach(([from = 0, to = 0], i) => {
          const MILLI = 0.001
          if (from >= window.to - MILLI || to <= window.from + MILLI) return
          const cap = input.phases[i]?.maxVusers ?? null
          const peak = peakOf(input.phases, i, window)
          const need =
            input.workers === null
              ? leastWorkers(peak - 1e-6, cap, shape, artilleryPower, input.most.arrivalRatePerWorker).workers
              : Math.min(input.workers, cap ?? input.workers)
          expect(window.workers).toBeGreaterThanOrEqual(need)
          expect(window.workers).toBeLessThanOrEqual(cap ?? Number.POSITIVE_INFINITY)
        })
      }
    })
  })

  it('deals every arrival to one slice', () => {
    holds(settings, (input) => {
      const { profile, windows, arrivals } = planOf(input)
      const counts = slicesOf(windows).map((slice) => owned(profile, slice).count)
      expect(counts.reduce((sum, n) => sum + n, 0)).toBe(arrivals)
    })
  })

  it('tiles the time with windows no longer than a worker has for them', () => {
    holds(settings, (input) => {
      const { profile, windows } = planOf(input)
      expect(windows[0]?.from).toBe(0)
      expect(windows.at(-1)?.to).toBe(profile.duration)
      windows.forEach(({ from, to }, i) => {
        if (i > 0) expect(from).toBe(windows[i - 1]?.to)
        expect(to - from).toBeLessThanOrEqual(input.lifetime.longest + 1e-9)
      })
    })
  })

  it('costs no more than windows of equal length, each with what its peak needs', () => {
    const needFor: NeedFor = (peak) => ({ workers: Math.max(1, Math.ceil(peak / 10)), decidedBy: 'cpu' })
    holds(fc.record({ phases: anyPhases, longest: fc.integer({ min: 2, max: 30 }) }), ({ phases, longest }) => {
      const lifetime = { startUp: 1, drain: 2, longest }
      const { profile } = planRun({ ...plain, phases })
      const cost = (windows: readonly Window[]): number =>
        windows.reduce((sum, { from, to, workers }) => sum + workers * (to - from + 3), 0)
      const even = evenWindows(profile.duration, longest).map((window) => {
        const peaks = phases.map((_, i) => inside(phases, i, window) && peakOf(phases, i, window)).map(Number)
        return { ...window, workers: needFor(Math.max(...peaks), null).workers }
      })
      // Its cuts are at whole milliseconds and at steps of its own: a few more millimetres of ramp in a window.
      expect(cost(cutWindows(profile, lifetime, needFor))).toBeLessThanOrEqual(cost(even) * 1.15 + 3)
    })
  })

  it('never lets a capped phase starve its neighbour', () => {
    const { windows } = planRun({
      ...plain,
      lifetime: divide(900, 10),
      phases: [{ ...constant(1, 10), maxVusers: 2 }, constant(5_000, 600)],
    })
    expect(windows.map(({ to, workers, decidedBy }) => [to, workers, decidedBy])).toEqual([
      [10, 1, 'least'],
      [610, 21, 'cpu'],
    ])
  })
})

const plain = {
  seed: 1,
  workers: null,
  lifetime: null,
  most: { arrivalRate: null, arrivalRatePerWorker: null },
  power: artilleryPower,
  session: { requests: 1, thinking: 0 },
}

function evenWindows(duration: number, longest: number): Window[] {
  const n = Math.ceil(duration / longest)
  return Array.from({ length: n }, (_, i) => ({ from: (duration * i) / n, to: (duration * (i + 1)) / n, workers: 1 }))
}

function inside(phases: readonly Phase[], index: number, { from, to }: Window): boolean {
  const seam = oracle.seamsOf(phases)[index]
  if (seam === undefined) return false
  return Number(seam.from.n) / Number(seam.from.d) < to && Number(seam.to.n) / Number(seam.to.d) > from
}

describe('the price', () => {
  const tariff = tariffOf({ region: 'us-east-1', arch: 'arm64', memoryMb: 1769 }, null)
  if (!isTariff(tariff)) throw new Error('us-east-1 has no price')
  const fleets = fc.array(
    fc.record({ length: fc.integer({ min: 1, max: 800 }), workers: fc.integer({ min: 1, max: 500 }) }),
    {
      minLength: 1,
      maxLength: 8,
    },
  )
  const tiled = (parts: readonly { length: number; workers: number }[]): Window[] => {
    let at = 0
    return parts.map(({ length, workers }) => {
      const from = at
      at += length
      return { from, to: at, workers }
    })
  }

  it('is never lower for more workers or longer windows, and low is not above expected', () => {
    const shape = { startUp: 30, session: 1 }
    holds(fc.tuple(fleets, fc.nat(7)), ([parts, more]) => {
      const price = priceOf(tiled(parts), tariff, shape)
      const bigger = parts.map((part, i) => (i === more % parts.length ? { ...part, workers: part.workers + 1 } : part))
      const longer = parts.map((part, i) => (i === more % parts.length ? { ...part, length: part.length + 5 } : part))
      for (const other of [bigger, longer]) {
        expect(priceOf(tiled(other), tariff, shape).expected.usd).toBeGreaterThan(price.expected.usd)
      }
      expect(price.low.usd).toBeLessThanOrEqual(price.expected.usd)
      expect(price.expected.usdAfterFreeTier).toBeLessThanOrEqual(price.expected.usd)
    })
  })

  it('and the account refuses exactly the fleets that have more workers at once than it gives', () => {
    const lives = fc.record({ startUp: fc.integer({ min: 0, max: 60 }), session: fc.integer({ min: 1, max: 120 }) })
    holds(fc.tuple(fleets, lives, fc.integer({ min: 1, max: 2_000 })), ([parts, beside, workers]) => {
      const windows = tiled(parts)
      const born = windows.map(({ from }) => from - beside.startUp)
      const busiest = Math.max(
        ...born.map((t) =>
          windows
            .filter(({ to }, i) => (born[i] ?? 0) <= t && t < to + beside.session)
            .reduce((sum, window) => sum + window.workers, 0),
        ),
      )
      const refusals = preflight(windows, beside, { workers, startsPer10s: null })
      expect(refusals).toEqual(busiest > workers ? [{ what: 'workers', asked: busiest, fits: workers }] : [])
    })
  })
})

it('a ramp is cut so that it does not pay for its peak throughout, however steep', () => {
  const needFor: NeedFor = (peak) => ({ workers: Math.max(1, Math.ceil(peak / 100)), decidedBy: 'cpu' })
  holds(fc.integer({ min: 2_000, max: 50_000 }), (peak) => {
    const { profile } = planRun({ ...plain, phases: [ramp(0, peak, 800)] })
    const windows = cutWindows(profile, divide(900, 10), needFor)
    const paid = windows.reduce((sum, { from, to, workers }) => sum + workers * (to - from), 0)
    expect(paid).toBeLessThan(0.8 * Math.ceil(peak / 100) * 800)
  })
})
