import { describe, expect, it } from 'vitest'
import { profileOf } from '../../../src/plan/profile.ts'
import { longestRound, samplePhases } from '../../../src/plan/sampling.ts'

const sampling = { size: 50, averagePause: 0.2, pauseVariance: 0.1, errorBudget: 4, warningThreshold: 0.9 }
const pauses = (seed: number): number[] =>
  samplePhases(sampling, 3, seed).flatMap(({ load, duration }) => (load.kind === 'pause' ? [duration] : []))

describe('a monitoring round', () => {
  it('has each scenario as often as it says, a pause before each time', () => {
    const phases = samplePhases({ ...sampling, size: 2 }, 3, 7)
    expect(phases.map(({ name, load }) => [name, load])).toEqual([
      ['pause 1', { kind: 'pause' }],
      ['samples 1', { kind: 'count', arrivals: 3 }],
      ['pause 2', { kind: 'pause' }],
      ['samples 2', { kind: 'count', arrivals: 3 }],
    ])
    expect(profileOf(phases, 7).arrivals).toBe(6)
  })

  it('draws its pauses from the seed, evenly around their average and within their variance', () => {
    expect(pauses(7)).toEqual(pauses(7))
    expect(pauses(7)).not.toEqual(pauses(8))
    const all = Array.from({ length: 20 }, (_, seed) => pauses(seed)).flat()
    expect(Math.min(...all)).toBeGreaterThanOrEqual(0.1)
    expect(Math.max(...all)).toBeLessThanOrEqual(0.3)
    expect(all.reduce((sum, pause) => sum + pause, 0) / all.length).toBeCloseTo(0.2, 2)
    expect(new Set(all).size).toBeGreaterThan(100)
  })

  it('never draws a pause of nothing, which would be no phase', () => {
    const least = samplePhases({ ...sampling, averagePause: 0.0004, pauseVariance: 0.0004 }, 1, 7)
    expect(Math.min(...least.map(({ duration }) => duration))).toBe(0.001)
  })

  it('is at the most as long as all its pauses can be', () => {
    expect(longestRound({ ...sampling, size: 5 })).toBeCloseTo(6.5, 9)
    expect(profileOf(samplePhases(sampling, 3, 7), 7).duration).toBeLessThan(longestRound(sampling))
  })
})
