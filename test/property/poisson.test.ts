/** Poisson arrivals: that they are Poisson, and that any worker finds any of them alone. Oracles use exp and log freely. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { due, owned, pieceOf } from '../../src/plan/arrivals.ts'
import { uniform } from '../../src/plan/choose.ts'
import { coins, poisson as drawPoisson } from '../../src/plan/poisson.ts'
import { type Profile, profileOf } from '../../src/plan/profile.ts'
import { slicesOf } from '../../src/plan/slices.ts'
import { anyPhases, constant, cuts, pause, poisson, seeds, windowsOf, workerCounts } from '../support/arbitraries.ts'
import * as oracle from '../support/oracle.ts'
import { holds } from '../support/property.ts'

const scheduleOf = (profile: Profile): number[] => Array.from({ length: profile.arrivals }, (_, k) => due(profile, k))

/** √n × the largest distance between the sample and the exponential with mean 1: above 1.36 in 5 of 100 fair samples. */
function distanceFromExponential(gaps: readonly number[]): number {
  const n = gaps.length
  const distances = gaps
    .toSorted((a, b) => a - b)
    .map((gap, i) => {
      const expected = 1 - Math.exp(-gap)
      return Math.max(Math.abs(expected - i / n), Math.abs(expected - (i + 1) / n))
    })
  return Math.sqrt(n) * Math.max(...distances)
}

/** On a clock that runs by area the gaps of any Poisson process are exponential with mean 1. */
const gapsByArea = (areas: readonly number[]): number[] => areas.map((area, i) => area - (areas[i - 1] ?? 0))

describe('the time between arrivals is exponential', () => {
  /** What all slices of four workers and three windows launch, as the target sees it. */
  const union = (profile: Profile): number[] => {
    const { duration } = profile
    const edges = [0, duration * 0.3, duration * 0.71, duration]
    const windows = [0, 1, 2].map((i) => ({ from: edges[i] ?? 0, to: edges[i + 1] ?? 0, workers: 4 - i }))
    return slicesOf(windows)
      .flatMap((slice) => {
        const mine = JSON.parse(JSON.stringify(profile)) as Profile
        const { first, end, step } = owned(mine, slice)
        const times: number[] = []
        for (let k = first; k < end; k += step) times.push(due(mine, k))
        return times
      })
      .toSorted((a, b) => a - b)
  }

  it('for the union of all slices, at a constant arrival rate (100,000 arrivals)', () => {
    const times = union(profileOf([poisson(50, 50, 2000)], 7))
    expect(times.length).toBeGreaterThan(99_000)
    expect(distanceFromExponential(gapsByArea(times.map((t) => t * 50)))).toBeLessThan(1.36)
  })

  it('for the union of all slices, on ramps up and down, by area (100,000 arrivals)', () => {
    const phases = [poisson(0, 100, 1000), poisson(100, 0, 1000)]
    const times = union(profileOf(phases, 8))
    const areas = times.map((t) => (t <= 1000 ? t ** 2 / 20 : 100_000 - (2000 - t) ** 2 / 20))
    expect(distanceFromExponential(gapsByArea(areas))).toBeLessThan(1.36)
  })

  it('as often as chance has it: of 400 seeds about 20 are over the 5 % mark', () => {
    const distances = Array.from({ length: 400 }, (_, seed) => {
      const times = scheduleOf(profileOf([poisson(25, 25, 40)], seed))
      return distanceFromExponential(gapsByArea(times.map((t) => t * 25)))
    })
    const over = distances.filter((distance) => distance > 1.36).length
    expect(over).toBeGreaterThan(5)
    expect(over).toBeLessThan(40)
  })

  it('for any arrival rates, durations and seeds', () => {
    const ramps = fc.record({
      from: fc.integer({ min: 0, max: 60 }),
      to: fc.integer({ min: 1, max: 60 }),
      duration: fc.integer({ min: 10, max: 400 }).map((tenths) => tenths / 10),
      seed: seeds,
    })
    holds(ramps, ({ from, to, duration, seed }) => {
      const phases = [poisson(from, to, duration)]
      const areas = scheduleOf(profileOf(phases, seed)).map((t) => oracle.areaAt(phases, t))
      // One fair sample in 10⁹ is further off than this.
      if (areas.length > 0) expect(distanceFromExponential(gapsByArea(areas))).toBeLessThan(3.3)
    })
  })
})

describe('the number of arrivals is a Poisson draw', () => {
  /** By time, not by the program's cells: spans of 0.7 s fall across them. */
  const countsOf = (profile: Profile, span: number): number[] => {
    const counts = new Array<number>(Math.floor(profile.duration / span)).fill(0)
    for (const t of scheduleOf(profile)) {
      const i = Math.floor(t / span)
      if (i < counts.length) counts[i] = (counts[i] ?? 0) + 1
    }
    return counts
  }
  const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length
  const variance = (values: readonly number[]): number => mean(values.map((x) => (x - mean(values)) ** 2))

  it.each([0.3, 4, 60, 700])('at %d/s: mean and variance of any spans are the area', (arrivalRate) => {
    const counts = countsOf(profileOf([poisson(arrivalRate, arrivalRate, 1400)], 3), 0.7)
    const n = counts.length
    const expected = arrivalRate * 0.7
    expect(Math.abs(mean(counts) - expected)).toBeLessThan(4 * Math.sqrt(expected / n))
    // The variance of a sample variance of Poisson counts is (m + 2m²)/n.
    expect(Math.abs(variance(counts) - expected)).toBeLessThan(4 * Math.sqrt((expected + 2 * expected ** 2) / n))
  })

  it('and says nothing about the next span: neighbours are uncorrelated', () => {
    const counts = countsOf(profileOf([poisson(40, 40, 4000)], 5), 0.5)
    const m = mean(counts)
    const pairs = counts.slice(1).map((count, i) => (count - m) * ((counts[i] ?? 0) - m))
    expect(Math.abs(mean(pairs) / variance(counts))).toBeLessThan(4 / Math.sqrt(counts.length))
  })

  const GRID = 200_000
  const shares = (draw: (u: number) => number): Map<number, number> => {
    const found = new Map<number, number>()
    for (let i = 0; i < GRID; i++) {
      const outcome = draw((i + 0.5) / GRID)
      found.set(outcome, (found.get(outcome) ?? 0) + 1 / GRID)
    }
    return found
  }
  const logFactorial = (n: number): number => {
    let sum = 0
    for (let i = 2; i <= n; i++) sum += Math.log(i)
    return sum
  }

  it.each([0, 0.01, 0.5, 1, 7.3, 30, 1000])('with mean %d: every count has its probability', (m) => {
    for (const [k, share] of shares((u) => drawPoisson(m, u))) {
      const probability = m === 0 ? Number(k === 0) : Math.exp(k * Math.log(m) - m - logFactorial(k))
      expect(Math.abs(share - probability)).toBeLessThan(2 / GRID)
    }
  })

  it.each([1, 2, 3, 10, 101, 1000])('and of %d coins so do the heads', (n) => {
    for (const [k, share] of shares((u) => coins(n, u))) {
      expect(k >= 0 && k <= n).toBe(true)
      const probability = Math.exp(logFactorial(n) - logFactorial(k) - logFactorial(n - k) - n * Math.LN2)
      expect(Math.abs(share - probability)).toBeLessThan(2 / GRID)
    }
  })

  it('at the edges of chance it is still a count', () => {
    for (const u of [0, 1 - 2 ** -53]) {
      for (const m of [0, 1e-300, 0.5, 12, 1e6, 1e9]) expect(drawPoisson(m, u)).toBeGreaterThanOrEqual(0)
      for (const n of [1, 2, 5, 1e6]) expect(coins(n, u)).toBeLessThanOrEqual(n)
    }
  })
})

describe('every arrival can be found alone', () => {
  it('in any order: looked at backwards, or one of all, it is due when it is due in order', () => {
    holds(fc.tuple(anyPhases, seeds, fc.nat()), ([phases, seed, pick]) => {
      const times = scheduleOf(profileOf(phases, seed))
      const fresh = profileOf(phases, seed)
      for (let k = fresh.arrivals - 1; k >= 0; k--) expect(due(fresh, k)).toBe(times[k])
      const alone = profileOf(phases, seed)
      if (times.length > 0) expect(due(alone, pick % times.length)).toBe(times[pick % times.length])
    })
  })

  it('and lies inside its phase', () => {
    holds(fc.tuple(anyPhases, seeds), ([phases, seed]) => {
      const profile = profileOf(phases, seed)
      for (let k = 0; k < profile.arrivals; k++) {
        const { from, duration } = pieceOf(profile, k)
        const t = due(profile, k)
        expect(t >= from && t <= from + duration).toBe(true)
      }
    })
  })

  it('even with a million arrivals a second, at the cost of one', () => {
    const profile = profileOf([poisson(1_000_000, 1_000_000, 1000)], 1)
    const slice = { stripe: { index: 4_321, of: 10_000 }, window: { from: 500.25, to: 1000 } }
    const { first, count } = owned(profile, slice)
    expect(Math.abs(profile.arrivals - 1e9)).toBeLessThan(5 * Math.sqrt(1e9))
    expect(Math.abs(count - 49_975)).toBeLessThan(50)
    expect(due(profile, first)).toBeGreaterThanOrEqual(500.25)
    expect(due(profile, first)).toBeLessThan(500.35)
  })
})

describe('even phases among Poisson ones', () => {
  it('keep their counts and their due times, as if nothing arrived in the others', () => {
    holds(fc.tuple(anyPhases, seeds), ([phases, seed]) => {
      const mixed = profileOf(phases, seed)
      const evenOnly = phases.map((phase) => (phase.load.kind === 'poisson' ? pause(phase.duration) : phase))
      const even = profileOf(evenOnly, seed)
      mixed.pieces.forEach((piece, i) => {
        const alone = even.pieces[i]
        if (alone === undefined || phases[i]?.load.kind === 'poisson') return
        expect(piece.arrivals).toBe(alone.arrivals)
        for (let n = 0; n < piece.arrivals; n++) {
          expect(due(mixed, piece.first + n)).toBe(due(even, alone.first + n))
        }
      })
    })
  })
})

describe('the seed', () => {
  it('decides the draw: another seed, other arrivals; the same seed, the same', () => {
    const draw = (seed: number): number[] => scheduleOf(profileOf([poisson(10, 10, 10)], seed))
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
    expect(draw(1)).not.toEqual(draw(1 + 2 ** 32))
  })

  it('gives two phases that are alike different arrivals', () => {
    const { pieces, ...rest } = profileOf([poisson(30, 30, 10), poisson(30, 30, 10)], 1)
    const profile = { pieces, ...rest }
    const [a, b] = pieces.map(({ first, arrivals, from }) =>
      Array.from({ length: arrivals }, (_, n) => due(profile, first + n) - from),
    )
    expect(a).not.toEqual(b)
  })

  it('draws nothing that an arrival draws: cells and arrivals use different parts of the generator', () => {
    const profile = profileOf([poisson(5, 5, 50), constant(1, 1)], 1)
    const { draws } = profile.pieces[0]?.curve ?? {}
    expect(draws).toEqual({ seed: 1, cell: 0 })
    const counts = Array.from({ length: 50 }, (_, cell) => drawPoisson(5, uniform(1, cell, 0)))
    const own = Array.from(
      { length: 50 },
      (_, cell) => scheduleOf(profile).filter((t) => Math.floor(t) === cell).length,
    )
    expect(own).not.toEqual(counts)
  })
})

describe('slices of Poisson arrivals', () => {
  it('share them out: every arrival has one owner, and the counts add up', () => {
    holds(fc.tuple(anyPhases, seeds, cuts, workerCounts), ([phases, seed, cuts, workers]) => {
      const profile = profileOf(phases, seed)
      const counts = slicesOf(windowsOf(profile, cuts, workers)).map((slice) => owned(profile, slice).count)
      expect(counts.reduce((sum, n) => sum + n, 0)).toBe(profile.arrivals)
    })
  })
})
