import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { due } from '../../../src/plan/arrivals.ts'
import { type Phase, peakRate, profileOf, rate } from '../../../src/plan/profile.ts'
import { constant, count, pause, ramp } from '../../support/arbitraries.ts'

const dueTimes = (phases: Phase[]): number[] => {
  const profile = profileOf(phases, 1)
  return Array.from({ length: profile.arrivals }, (_, k) => due(profile, k))
}

describe('the number of arrivals', () => {
  it.each([
    ['600/s for 5 s is 3000', [constant(600, 5)], 3000],
    ['0.5/s for 20 s is 10', [constant(0.5, 20)], 10],
    ['0.7/s for 45 s is 32: 31.5 rounds up, though 0.7 × 45 is 31.499999999999996', [constant(0.7, 45)], 32],
    ['0.1/s for 710 s is 71', [constant(0.1, 710)], 71],
    ['0.1/s for 5 s is 1: a half rounds up', [constant(0.1, 5)], 1],
    ['0.1/s for 4.9 s is none', [constant(0.1, 4.9)], 0],
    ['0.01/s for 0.3 s, a hundred times, is 0 and not the rounding of each', Array(100).fill(constant(0.01, 0.3)), 0],
    ['0.1/s for 1 s, ten times, is 1', Array(10).fill(constant(0.1, 1)), 1],
    ['a ramp from 0 to 10/s over 10 s is 50', [ramp(0, 10, 10)], 50],
    ['a ramp from 10 to 0/s over 10 s is 50', [ramp(10, 0, 10)], 50],
    ['a ramp from 1000 to 3000/s over 3 s is 6000', [ramp(1000, 3000, 3)], 6000],
    ['a ramp from 0.1 to 0.2/s over 10 s is 2: 1.5 rounds up', [ramp(0.1, 0.2, 10)], 2],
    ['a ramp from 0 to 0/s is none', [ramp(0, 0, 60)], 0],
    ['a ramp whose ends are equal is constant', [ramp(7, 7, 3)], 21],
    ['9999 counted over 1 s is 9999', [count(9999, 1)], 9999],
    ['7 counted over 0.3 s is 7', [count(7, 0.3)], 7],
    ['1 counted over 300 s is 1', [count(1, 300)], 1],
    ['none counted is none', [count(0, 10)], 0],
    ['a pause is none', [pause(30)], 0],
    ['halves of two phases make one arrival together', [constant(0.5, 1), constant(0.5, 1)], 1],
    ['a million a second for a thousand seconds is a billion', [constant(1e6, 1000)], 1e9],
    ['a rate of 1e-7/s for 5e6 s is 1', [constant(1e-7, 5e6)], 1],
  ])('%s', (_, phases: Phase[], arrivals) => {
    expect(profileOf(phases, 1).arrivals).toBe(arrivals)
  })

  it('is rate × 60 for every whole rate from 1 to 1000 over a minute', () => {
    const rates = Array.from({ length: 1000 }, (_, i) => i + 1)
    expect(rates.filter((each) => profileOf([constant(each, 60)], 1).arrivals !== each * 60)).toEqual([])
  })

  it('is the seconds for every rate of 1/s, cut into as many phases as there are seconds', () => {
    const lengths = [1, 2, 3, 10, 100, 710]
    const counts = lengths.map((length) => profileOf(Array(length).fill(constant(1, 1)), 1).arrivals)
    expect(counts).toEqual(lengths)
  })
})

type SplitCase = { name: string; phases: Record<string, number>[]; idealArrivals: number }

const phaseOfSpec = ({
  duration = 0,
  pause: paused,
  arrivalCount,
  arrivalRate = 0,
  rampTo,
}: Record<string, number>): Phase => {
  if (paused !== undefined) return pause(paused)
  if (arrivalCount !== undefined) return count(arrivalCount, duration)
  return ramp(arrivalRate, rampTo ?? arrivalRate, duration)
}

describe('the profiles that serverless-artillery is known to split have the ideal number', async () => {
  const path = new URL('../../fixtures/split-cases.json', import.meta.url)
  const cases = JSON.parse(await readFile(path, 'utf8')) as SplitCase[]

  it.each(cases)('$name: $idealArrivals', ({ phases, idealArrivals }) => {
    expect(profileOf(phases.map(phaseOfSpec), 1).arrivals).toBe(Math.round(idealArrivals))
  })
})

describe('due times', () => {
  it('of a constant rate are evenly spread, half an interval from either end', () => {
    expect(dueTimes([constant(2, 3)])).toEqual([0.25, 0.75, 1.25, 1.75, 2.25, 2.75])
  })

  it('of a count are evenly spread', () => {
    expect(dueTimes([count(4, 2)])).toEqual([0.25, 0.75, 1.25, 1.75])
  })

  it('ramp 10 -> 20 over 1 s is spread over the second, ever closer', () => {
    const times = dueTimes([ramp(10, 20, 1)])
    const gaps = times.slice(1).map((t, i) => t - (times[i] ?? 0))
    expect(times).toHaveLength(15)
    expect(times[0]).toBeCloseTo((2 * 0.5) / (10 + Math.sqrt(110)), 12)
    expect(times.at(-1)).toBeGreaterThan(0.97)
    expect(times.at(-1)).toBeLessThan(1)
    expect(gaps.every((gap, i) => i === 0 || gap < (gaps[i - 1] ?? 0))).toBe(true)
  })

  it('of a ramp down to 0 mirror those of the ramp up from 0', () => {
    const up = dueTimes([ramp(0, 10, 10)])
    const down = dueTimes([ramp(10, 0, 10)])
    up.forEach((t, k) => {
      expect(down.at(-1 - k)).toBeCloseTo(10 - t, 9)
    })
  })

  it('never fall into a pause', () => {
    const times = dueTimes([constant(50, 30), pause(30), constant(50, 30)])
    expect(times.filter((t) => t > 30 && t < 60)).toEqual([])
    expect(times.filter((t) => t > 60)).toHaveLength(1500)
  })

  it('of the last half of an arrival fall on the very end of the phase', () => {
    expect(dueTimes([constant(0.5, 1)])).toEqual([1])
    expect(dueTimes([constant(0.7, 45), pause(5)]).at(-1)).toBe(45)
  })

  it('carry the fraction of an arrival from one phase into the next', () => {
    expect(dueTimes([constant(0.25, 1), constant(1, 2)])).toEqual([1.25, 2.25])
  })

  it('of a ramp so flat that its slope is all but nothing stay evenly spread', () => {
    const times = dueTimes([ramp(10, 10.000000001, 10)])
    times.forEach((t, k) => {
      expect(t).toBeCloseTo((k + 0.5) / 10, 6)
    })
  })

  it('begin where the phases before end, as decimals add up: ten times 0.1 s is 1 s', () => {
    const { pieces, duration } = profileOf(Array(10).fill(constant(10, 0.1)), 1)
    expect(pieces.map(({ from }) => from)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
    expect(duration).toBe(1)
  })
})

describe('a phase on the curve', () => {
  it('keeps its name, its place and its maxVusers', () => {
    const { pieces } = profileOf([constant(1, 10), { ...ramp(0, 5, 20), name: 'peak', maxVusers: 3 }], 1)
    const [, peak] = pieces
    expect(peak).toMatchObject({
      phase: 1,
      name: 'peak',
      from: 10,
      duration: 20,
      maxVusers: 3,
      first: 10,
      arrivals: 50,
    })
    expect(peak?.curve).toMatchObject({ startRate: 0, endRate: 5, duration: 20, first: 10, lead: 0.5 })
  })

  it('is plain data: a profile that went through JSON is the same profile', () => {
    const profile = profileOf([constant(0.7, 12.25), ramp(0, 3.3, 7), pause(1), count(5, 2)], 1)
    expect(JSON.parse(JSON.stringify(profile))).toEqual(profile)
  })
})

describe('the curve', () => {
  const profile = profileOf([ramp(0, 10, 10), pause(5), constant(4, 5)], 1)

  it.each([
    ['before the start', -1, 0],
    ['at the start', 0, 0],
    ['half way up the ramp', 5, 5],
    ['in the pause', 12, 0],
    ['at a seam, by the later phase', 15, 4],
    ['inside the last phase', 17.5, 4],
    ['at the end', 20, 4],
    ['after the end', 20.1, 0],
  ])('%s', (_, t, arrivalRate) => {
    expect(rate(profile, t)).toBe(arrivalRate)
  })
})

describe('the peak arrival rate', () => {
  it.each([
    ['of a ramp up is its end', [ramp(0, 10, 10)], 10],
    ['of a ramp down is its start', [ramp(12, 1, 10)], 12],
    ['of a count is the count over the duration', [count(100, 8)], 12.5],
    ['of several phases is the highest', [constant(3, 5), pause(1), ramp(1, 2, 5)], 3],
    ['of a pause is 0', [pause(1)], 0],
  ])('%s', (_, phases: Phase[], peak) => {
    expect(peakRate(profileOf(phases, 1))).toBe(peak)
  })
})
