/** The laws of steering: whatever is scaled, paused and resumed, every arrival keeps one owner and the past stays the past. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { due, owned, pieceOf } from '../../src/plan/arrivals.ts'
import { type Epoch, steer } from '../../src/plan/epochs.ts'
import { type Phase, type Profile, peakRate, profileOf, rate } from '../../src/plan/profile.ts'
import { slicesOf } from '../../src/plan/slices.ts'
import {
  anyPhases,
  constant,
  count,
  cuts,
  epochs,
  phases,
  poisson,
  ramp,
  seeds,
  windowsOf,
  workerCounts,
} from '../support/arbitraries.ts'
import * as oracle from '../support/oracle.ts'
import { holds, SLOW } from '../support/property.ts'

const scheduleOf = (profile: Profile): number[] => Array.from({ length: profile.arrivals }, (_, k) => due(profile, k))
const sent = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

/** Spans of running: from when to when on the run's clock, what virtual time it begins at, and the scale. */
type Span = { from: number; to: number; virtual: number; scale: number }

function spansOf(phases: readonly Phase[], epochs: readonly Epoch[]): Span[] {
  const ends = phases.map((_, i) => phases.slice(0, i + 1).reduce((sum, { duration }) => sum + duration, 0))
  const spans: Span[] = []
  let [from, virtual, scale, running] = [0, 0, 1, true]
  for (const epoch of [...epochs, null]) {
    const to = epoch?.at ?? Number.MAX_SAFE_INTEGER
    if (running) spans.push({ from, to, virtual, scale })
    virtual += running ? to - from : 0
    from = to
    if (epoch?.kind === 'scale') scale = epoch.scale
    if (epoch?.kind === 'pause') running = false
    if (epoch?.kind === 'resume') running = true
    if (epoch?.kind === 'end-phase') virtual = ends.find((end) => end > virtual + 1e-9) ?? virtual
  }
  return spans
}

/** The area under the steered curve up to t. */
const steeredArea = (phases: readonly Phase[], epochs: readonly Epoch[], t: number): number =>
  spansOf(phases, epochs)
    .filter(({ from }) => from < t)
    .reduce((sum, { from, to, virtual, scale }) => {
      const end = virtual + Math.min(t, to) - from
      return sum + scale * (oracle.areaAt(phases, end) - oracle.areaAt(phases, virtual))
    }, 0)

describe('1. every arrival has exactly one owner', () => {
  it('under any epochs, for any workers and windows, each worker steering for itself', () => {
    const input = fc.record({ phases: anyPhases, epochs, cuts, workers: workerCounts, seed: seeds })
    holds(
      input,
      ({ phases, epochs, cuts, workers, seed }) => {
        const profile = profileOf(phases, seed)
        const steered = steer(profile, epochs)
        const owners = new Map<number, number>()
        for (const slice of slicesOf(windowsOf(steered, cuts, workers))) {
          const mine = steer(sent(profile), sent(epochs))
          const { first, end, step } = owned(mine, slice)
          for (let k = first; k < end; k += step) {
            expect(owners.has(k)).toBe(false)
            owners.set(k, due(mine, k))
          }
        }
        const together = Array.from({ length: steered.arrivals }, (_, k) => owners.get(k))
        expect(together).toEqual(scheduleOf(steered))
      },
      SLOW,
    )
  })

  it('and due times rise with k, each inside a stretch of its own phase', () => {
    holds(fc.tuple(anyPhases, epochs, seeds), ([phases, epochs, seed]) => {
      const steered = steer(profileOf(phases, seed), epochs)
      let before = 0
      for (let k = 0; k < steered.arrivals; k++) {
        const t = due(steered, k)
        const { from, duration, phase } = pieceOf(steered, k)
        expect(t >= before && t >= from && t <= from + duration + 1e-9).toBe(true)
        expect(phase).toBeLessThan(phases.length)
        before = t
      }
    })
  })
})

describe('2. the number due follows the steered curve', () => {
  it('never further from it than half an arrival', () => {
    const moments = fc.array(fc.double({ min: 0, max: 120, noNaN: true }), { minLength: 4, maxLength: 4 })
    holds(fc.tuple(phases, epochs, moments), ([phases, epochs, moments]) => {
      const steered = steer(profileOf(phases, 1), epochs)
      const schedule = scheduleOf(steered)
      const around = schedule.slice(0, 3).flatMap((t) => [t - 1e-9, t + 1e-9])
      const seams = epochs.flatMap(({ at }) => [at - 1e-9, at, at + 1e-9])
      for (const t of [...moments, ...around, ...seams].filter((t) => t >= 0)) {
        const dueBy = schedule.filter((moment) => moment <= t).length
        expect(Math.abs(dueBy - steeredArea(phases, epochs, t))).toBeLessThanOrEqual(0.5 + 1e-6)
      }
    })
  })

  it('so doubling the whole of a run is doubling its phases', () => {
    const steered = steer(profileOf([ramp(0, 10, 20), constant(10, 5), count(30, 3)], 1), [
      { at: 0, kind: 'scale', scale: 2 },
    ])
    const written = profileOf([ramp(0, 20, 20), constant(20, 5), count(60, 3)], 1)
    expect(scheduleOf(steered)).toEqual(scheduleOf(written))
  })

  it('and the scale is of what the script says, not of the scale before it', () => {
    const twice = steer(profileOf([constant(10, 30)], 1), [
      { at: 10, kind: 'scale', scale: 2 },
      { at: 20, kind: 'scale', scale: 1 },
    ])
    expect(twice.arrivals).toBe(100 + 200 + 100)
    expect([5, 15, 25].map((t) => rate(twice, t))).toEqual([10, 20, 10])
    expect(peakRate(twice)).toBe(20)
  })
})

describe('3. what is due before an epoch stays due at the same moment', () => {
  it('to the bit, whatever comes after', () => {
    holds(fc.tuple(anyPhases, epochs, seeds), ([phases, epochs, seed]) => {
      const profile = profileOf(phases, seed)
      const all = steer(profile, epochs)
      epochs.forEach(({ at }, i) => {
        const known = scheduleOf(steer(profile, epochs.slice(0, i)))
        const past = known.filter((t) => t < at)
        expect(past.map((_, k) => due(all, k))).toEqual(past)
      })
    })
  })

  it('even when it was due in the very moment in which the load became none', () => {
    const none: Epoch = { at: 5, kind: 'scale', scale: 0 }
    const steered = steer(profileOf([constant(0.1, 12)], 1), [none, { at: 6, kind: 'scale', scale: 10 }])
    expect(scheduleOf(steered)).toEqual([5, 7, 8, 9, 10, 11, 12])
  })

  it('and no epochs change nothing', () => {
    holds(fc.tuple(anyPhases, seeds), ([phases, seed]) => {
      const profile = profileOf(phases, seed)
      expect(steer(profile, []).pieces).toEqual(profile.pieces)
      expect(steer(profile, []).arrivals).toBe(profile.arrivals)
    })
  })
})

describe('4. a pause', () => {
  const pauses = fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 1, max: 60_000 }))

  it('moves what is due after it by its length, and nothing else', () => {
    holds(fc.tuple(anyPhases, seeds, pauses), ([phases, seed, [hundredths, length]]) => {
      const at = hundredths / 100
      const profile = profileOf(phases, seed)
      const steered = steer(profile, [
        { at, kind: 'pause' },
        { at: at + length / 100, kind: 'resume' },
      ])
      expect(steered.arrivals).toBe(profile.arrivals)
      for (let k = 0; k < profile.arrivals; k++) {
        const t = due(profile, k)
        if (t < at) expect(due(steered, k)).toBe(t)
        // One that is due at the very end of a phase that ends with the pause's beginning still goes.
        else if (t > at + 1e-9) expect(due(steered, k)).toBeCloseTo(t + length / 100, 9)
      }
    })
  })

  it('lets nothing fall due while it lasts', () => {
    holds(fc.tuple(anyPhases, epochs, seeds), ([phases, epochs, seed]) => {
      const schedule = scheduleOf(steer(profileOf(phases, seed), epochs))
      const spans = spansOf(phases, epochs)
      for (const t of schedule) {
        expect(spans.some(({ from, to }) => t >= from - 1e-9 && t <= to + 1e-9)).toBe(true)
      }
    })
  })

  it('that is not resumed ends the profile where it begins', () => {
    const steered = steer(profileOf([constant(10, 30)], 1), [{ at: 12.34, kind: 'pause' }])
    expect(steered).toMatchObject({ arrivals: 123, duration: 12.34 })
  })

  it('of a paused run, and the resuming of a running one, change nothing', () => {
    const once: Epoch[] = [
      { at: 5, kind: 'pause' },
      { at: 9, kind: 'resume' },
    ]
    const twice: Epoch[] = [
      { at: 2, kind: 'resume' },
      { at: 5, kind: 'pause' },
      { at: 7, kind: 'pause' },
      { at: 9, kind: 'resume' },
      { at: 10, kind: 'resume' },
    ]
    const profile = profileOf([ramp(3, 9, 20)], 1)
    expect(scheduleOf(steer(profile, twice)).map((t) => t.toFixed(9))).toEqual(
      scheduleOf(steer(profile, once)).map((t) => t.toFixed(9)),
    )
  })

  it('can be rescaled while it lasts', () => {
    const steered = steer(profileOf([constant(10, 20)], 1), [
      { at: 5, kind: 'pause' },
      { at: 6, kind: 'scale', scale: 3 },
      { at: 8, kind: 'resume' },
    ])
    expect(steered).toMatchObject({ arrivals: 50 + 450, duration: 23 })
    expect(due(steered, 49)).toBeLessThan(5)
    expect(due(steered, 50)).toBeGreaterThanOrEqual(8)
  })
})

describe('5. the end of a phase', () => {
  it('brings the next one forward as it is written, and leaves the rest of it out', () => {
    const phases = [constant(10, 30), constant(2, 20), ramp(2, 20, 10)]
    const steered = steer(profileOf(phases, 1), [{ at: 12, kind: 'end-phase' }])
    expect(steered).toMatchObject({ duration: 12 + 20 + 10, arrivals: 120 + 40 + 110 })
    expect([11, 13, 31].map((t) => rate(steered, t))).toEqual([10, 2, 2])
  })

  it('keeps the scale, and the last one’s is the run’s', () => {
    const steered = steer(profileOf([constant(10, 30), constant(2, 20)], 1), [
      { at: 5, kind: 'scale', scale: 3 },
      { at: 10, kind: 'end-phase' },
      { at: 15, kind: 'end-phase' },
    ])
    expect(steered).toMatchObject({ duration: 15, arrivals: 50 + 150 + 30 })
  })

  it('can be asked for in a pause', () => {
    const steered = steer(profileOf([constant(10, 30), constant(2, 20)], 1), [
      { at: 5, kind: 'pause' },
      { at: 8, kind: 'end-phase' },
      { at: 9, kind: 'resume' },
    ])
    expect(steered).toMatchObject({ duration: 29, arrivals: 50 + 40 })
    expect(due(steered, 50)).toBeGreaterThanOrEqual(9)
  })
})

describe('6. Poisson arrivals', () => {
  it('stay Poisson when they are scaled: gaps by the steered area are exponential', () => {
    const phases = [poisson(40, 40, 1000)]
    const epochs: Epoch[] = [
      { at: 100.5, kind: 'scale', scale: 2 },
      { at: 500.25, kind: 'pause' },
      { at: 600, kind: 'resume' },
      { at: 700.125, kind: 'scale', scale: 0.25 },
    ]
    const areas = scheduleOf(steer(profileOf(phases, 11), epochs)).map((t) => steeredArea(phases, epochs, t))
    const gaps = areas.map((area, i) => area - (areas[i - 1] ?? 0)).toSorted((a, b) => a - b)
    const n = gaps.length
    const distance = Math.max(...gaps.map((gap, i) => Math.abs(1 - Math.exp(-gap) - (i + 0.5) / n)))
    expect(n).toBeGreaterThan(45_000)
    expect(Math.sqrt(n) * distance).toBeLessThan(1.36)
  })

  it('owe nothing to what came before the change: counts on both sides of it are uncorrelated', () => {
    const seeds = 20_000
    const sides = Array.from({ length: seeds }, (_, seed) => {
      const steered = steer(profileOf([poisson(40, 40, 1)], seed), [{ at: 0.5, kind: 'scale', scale: 2 }])
      const before = scheduleOf(steered).filter((t) => t < 0.5).length
      return [(before - 20) / Math.sqrt(20), (steered.arrivals - before - 40) / Math.sqrt(40)] as const
    })
    const correlation = sides.reduce((sum, [a, b]) => sum + a * b, 0) / seeds
    expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(seeds))
  })
})
