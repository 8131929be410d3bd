/** The laws of the plan (docs: "What must be true"), on generated profiles, workers and windows, against the oracle. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { due, owned, pieceOf } from '../../src/plan/arrivals.ts'
import { chooseRow, chooseScenario } from '../../src/plan/choose.ts'
import { type Profile, profileOf } from '../../src/plan/profile.ts'
import { type Slice, share, slicesOf } from '../../src/plan/slices.ts'
import { anyPhases, cuts, longPhases, phases, ramp, seeds, windowsOf, workerCounts } from '../support/arbitraries.ts'
import * as oracle from '../support/oracle.ts'
import { holds, SLOW } from '../support/property.ts'

const splits = fc.record({ phases: anyPhases, cuts, workers: workerCounts })

/** A profile as a worker gets it: through JSON. */
const sent = (profile: Profile): Profile => JSON.parse(JSON.stringify(profile)) as Profile

const arrivalsOf = (profile: Profile, slice: Slice): number[] => {
  const { first, end, step } = owned(profile, slice)
  const arrivals: number[] = []
  for (let k = first; k < end; k += step) arrivals.push(k)
  return arrivals
}

/** A few arrivals of a profile that is too long to look at whole: the ends, the seams, and some in between. */
const someArrivals = ({ arrivals, pieces }: Profile): number[] => {
  const seams = pieces.flatMap(({ first, arrivals: n }) => [first, first + 1, first + Math.floor(n / 2), first + n - 1])
  const spread = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => Math.floor((arrivals * i) / 8))
  return [...new Set([...seams, ...spread])].filter((k) => k >= 0 && k < arrivals)
}

describe('1. every arrival has exactly one owner', () => {
  it('for any workers and any windows that tile the time, cut wherever they may be', () => {
    holds(splits, ({ phases, cuts, workers }) => {
      const profile = profileOf(phases, 1)
      const owners = new Uint8Array(profile.arrivals)
      for (const slice of slicesOf(windowsOf(profile, cuts, workers))) {
        for (const k of arrivalsOf(profile, slice)) owners[k] = (owners[k] ?? 0) + 1
      }
      expect(owners.every((n) => n === 1)).toBe(true)
    })
  })

  it('and that is the stripe and the window it falls into', () => {
    holds(splits, ({ phases, cuts, workers }) => {
      const profile = profileOf(phases, 1)
      for (const slice of slicesOf(windowsOf(profile, cuts, workers))) {
        const { stripe, window } = slice
        const last = window.to >= profile.duration
        const arrivals = arrivalsOf(profile, slice)
        expect(owned(profile, slice).count).toBe(arrivals.length)
        const strangers = arrivals.filter((k) => {
          const t = due(profile, k)
          return k % stripe.of !== stripe.index || t < window.from || (t >= window.to && !last)
        })
        expect(strangers).toEqual([])
      }
    })
  })

  it('and all slices together are the schedule of one worker, to the bit', () => {
    holds(splits, ({ phases, cuts, workers }) => {
      const profile = profileOf(phases, 1)
      const alone = Array.from({ length: profile.arrivals }, (_, k) => due(profile, k))
      const together = slicesOf(windowsOf(profile, cuts, workers)).flatMap((slice) => {
        const mine = sent(profile)
        return arrivalsOf(mine, slice).map((k) => due(mine, k))
      })
      expect(together.toSorted((a, b) => a - b)).toEqual(alone)
    })
  })
})

describe('2. the number due never differs from the ideal curve by more than half an arrival', () => {
  const TOLERANCE = 1e-6
  /** Arrivals due at or before t, by looking at the whole schedule. */
  const dueBy = (schedule: readonly number[], t: number): number => schedule.filter((moment) => moment <= t).length

  it('at each arrival, where the curve passes k + ½', () => {
    holds(phases, (phases) => {
      const profile = profileOf(phases, 1)
      for (const k of someArrivals(profile)) {
        expect(Math.abs(oracle.areaAt(phases, due(profile, k)) - (k + 0.5))).toBeLessThan(TOLERANCE)
      }
    })
  })

  it('just before and just after arrivals, at seams and anywhere else', () => {
    const moments = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 })
    holds(fc.record({ phases, moments }), ({ phases, moments }) => {
      const profile = profileOf(phases, 1)
      const schedule = Array.from({ length: profile.arrivals }, (_, k) => due(profile, k))
      const around = someArrivals(profile).flatMap((k) => [due(profile, k) - 1e-9, due(profile, k) + 1e-9])
      const seams = profile.pieces.map(({ from }) => from)
      const anywhere = moments.map((share) => share * profile.duration)
      for (const t of [...around.slice(0, 12), ...seams, ...anywhere, profile.duration]) {
        const at = Math.min(Math.max(t, 0), profile.duration)
        expect(Math.abs(dueBy(schedule, at) - oracle.areaAt(phases, at))).toBeLessThanOrEqual(0.5 + TOLERANCE)
      }
    })
  })
})

describe('3. the count is the area, rounded, halves up', () => {
  const counted = fc.oneof(phases, longPhases)

  it('over the whole profile', () => {
    holds(counted, (phases) => expect(profileOf(phases, 1).arrivals).toBe(oracle.arrivalsOf(phases)))
  })

  it('and so is each phase’s share of it, by the curve at its ends', () => {
    holds(counted, (phases) => {
      const { pieces } = profileOf(phases, 1)
      expect(pieces.map(({ arrivals }) => arrivals)).toEqual(oracle.arrivalsPerPhase(phases))
    })
  })

  it('so a phase with an integer total has exactly that many, whatever came before it', () => {
    holds(fc.tuple(counted, fc.nat(100_000), fc.integer({ min: 1, max: 900 })), ([before, arrivals, duration]) => {
      const load = { kind: 'count', arrivals } as const
      const { pieces } = profileOf([...before, { name: 'whole', duration, load, maxVusers: null }], 1)
      expect(pieces.at(-1)?.arrivals).toBe(arrivals)
    })
  })

  it('and an arrival belongs to the phase that holds its k + ½', () => {
    holds(counted, (phases) => {
      const profile = profileOf(phases, 1)
      const seams = oracle.seamsOf(phases)
      for (const k of someArrivals(profile)) expect(pieceOf(profile, k).phase).toBe(oracle.phaseHolding(seams, k))
    })
  })
})

describe('4. who launches an arrival changes nothing about it', () => {
  it('(k, due time, scenario, row) are the same for one worker and for any split', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 })
    const script = fc.record({ weights, rows: fc.integer({ min: 1, max: 20 }), seed: seeds })
    holds(
      fc.tuple(splits, script),
      ([{ phases, cuts, workers }, { weights, rows, seed }]) => {
        const workload = (slices: readonly Slice[]): unknown[] =>
          slices
            .flatMap((slice) => {
              const profile = sent(profileOf(phases, 1))
              return arrivalsOf(profile, slice).map((k) => ({
                k,
                due: due(profile, k),
                phase: pieceOf(profile, k).phase,
                scenario: chooseScenario(weights, seed, k),
                rows: (['sequence', 'random'] as const).map((order, feed) => chooseRow(order, rows, { seed, k, feed })),
              }))
            })
            .toSorted((a, b) => a.k - b.k)
        const profile = profileOf(phases, 1)
        const alone = workload(slicesOf([{ from: 0, to: profile.duration, workers: 1 }]))
        expect(workload(slicesOf(windowsOf(profile, cuts, workers)))).toEqual(alone)
      },
      SLOW,
    )
  })
})

describe('5. a slice costs what it owns', () => {
  it('to find it, a number of looks at the curve that grows with the logarithm of the whole', () => {
    holds(fc.tuple(longPhases, cuts, workerCounts), ([phases, cuts, workers]) => {
      const profile = profileOf(phases, 1)
      const slices = slicesOf(windowsOf(profile, cuts, workers))
      let looks = 0
      const watched: Profile = {
        ...profile,
        get pieces() {
          looks++
          return profile.pieces
        },
      }
      for (const slice of slices) owned(watched, slice)
      // Two bisections over the arrivals, each look of which is a bisection over at most 6 phases.
      const bound = 2 * (Math.log2(profile.arrivals + 1) + 1) * 8
      expect(looks / slices.length).toBeLessThanOrEqual(bound)
    })
  })

  it('so a billion arrivals over 10,000 workers and two windows are dealt out at once, to the last one', () => {
    const profile = profileOf([{ ...ramp(0, 2_000_000, 1000), name: 'peak' }], 1)
    const slices = slicesOf([
      { from: 0, to: 123.456, workers: 10_000 },
      { from: 123.456, to: 1000, workers: 10_000 },
    ])
    const counts = slices.map((slice) => owned(profile, slice).count)
    expect(profile.arrivals).toBe(1_000_000_000)
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(1_000_000_000)
    const second = counts.slice(10_000)
    expect(Math.max(...second) - Math.min(...second)).toBeLessThanOrEqual(1)
  })
})

describe('due times', () => {
  const MICRO = 1e-6

  it('are the oracle’s within a microsecond', () => {
    holds(phases, (phases) => {
      const profile = profileOf(phases, 1)
      const seams = oracle.seamsOf(phases)
      for (const k of someArrivals(profile)) {
        expect(Math.abs(due(profile, k) - oracle.dueAt(phases, seams, k))).toBeLessThanOrEqual(MICRO)
      }
    })
  })

  it('are the oracle’s within a microsecond over hours and millions of arrivals', () => {
    holds(
      longPhases,
      (phases) => {
        const profile = profileOf(phases, 1)
        const seams = oracle.seamsOf(phases)
        for (const k of someArrivals(profile)) {
          expect(Math.abs(due(profile, k) - oracle.dueAt(phases, seams, k))).toBeLessThanOrEqual(MICRO)
        }
      },
      { examples: [[ramp(1.1, 0, 1990)]] },
    )
  })

  it('rise with k', () => {
    holds(anyPhases, (phases) => {
      const profile = profileOf(phases, 1)
      let before = 0
      for (let k = 0; k < profile.arrivals; k++) {
        const t = due(profile, k)
        if (t < before) expect.fail(`arrival ${k} is due at ${t}, the one before it at ${before}`)
        before = t
      }
    })
  })
})

describe('a worker’s share of a whole number', () => {
  it('adds up to it, and no two shares differ by more than one', () => {
    holds(fc.tuple(fc.nat(1_000_000_000), fc.integer({ min: 1, max: 2_000 })), ([total, of]) => {
      const shares = Array.from({ length: of }, (_, index) => share(total, { index, of }))
      expect(shares.reduce((sum, n) => sum + n, 0)).toBe(total)
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1)
    })
  })
})
