import { describe, expect, it } from 'vitest'
import type { Phase } from '../../../src/plan/profile.ts'
import { constant, pause, ramp } from '../../support/arbitraries.ts'
import { planOf } from '../../support/plans.ts'

const workersOf = (phases: Phase[], workers: number | null): number => planOf(phases, workers).windows[0]?.workers ?? 0

const capped = (phase: Phase, maxVusers: number): Phase => ({ ...phase, maxVusers })

describe('the number of workers', () => {
  it.each([
    ['is one for a small arrival rate', [constant(5, 10)], null, 1],
    ['is one for 240 arrivals a second of one request', [constant(240, 10)], null, 1],
    ['is one more above each 240 of them', [constant(240.5, 10)], null, 2],
    ['goes by the peak of a ramp', [ramp(0, 1000, 10)], null, 5],
    ['is one for a profile that never sends', [pause(10)], null, 1],
    ['is what was asked for', [constant(5, 10)], 7, 7],
    ['is never over maxVusers, or a share of it would be 0', [capped(constant(500, 10), 3)], null, 3],
    ['is never over the least maxVusers', [capped(constant(1, 1), 9), capped(constant(1, 1), 4)], 20, 4],
    ['is not raised to maxVusers', [capped(constant(5, 10), 50)], null, 1],
  ])('%s', (_, phases: Phase[], asked, workers) => {
    expect(workersOf(phases, asked)).toBe(workers)
  })
})

describe('a plan', () => {
  it('has one window over the whole profile, the seed and the arrivals', () => {
    const plan = planOf([constant(10, 5), pause(1.5)], 3, 99)
    expect(plan.windows).toEqual([{ from: 0, to: 6.5, workers: 3, decidedBy: 'asked' }])
    expect(plan).toMatchObject({ seed: 99, arrivals: 50, workers: 3 })
  })

  it('says that maxVusers decided when it leaves fewer workers than were asked for', () => {
    const [window] = planOf([capped(constant(10, 5), 2)], 3).windows
    expect(window).toMatchObject({ workers: 2, decidedBy: 'max-vusers' })
  })
})
