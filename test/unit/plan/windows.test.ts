import { describe, expect, it } from 'vitest'
import { profileOf } from '../../../src/plan/profile.ts'
import { cutWindows, divide, idleShare, type NeedFor } from '../../../src/plan/windows.ts'
import { constant, pause, ramp } from '../../support/arbitraries.ts'

const PER_WORKER = 100
const needFor: NeedFor = (peak) => ({ workers: Math.max(1, Math.ceil(peak / PER_WORKER)), decidedBy: 'cpu' })
const lambda = divide(900, 10)

describe('a lifetime', () => {
  it.each([
    ['of Lambda leaves 810 s between start-up and drain', 900, 10, { startUp: 30, drain: 60, longest: 810 }],
    ['is drained for as long as the longest wait', 900, 130, { startUp: 30, drain: 130, longest: 740 }],
    ['that is short gets a tenth to start', 20, 10, { startUp: 2, drain: 10, longest: 8 }],
    ['may leave nothing', 20, 30, { startUp: 2, drain: 30, longest: -12 }],
  ])('%s', (_, seconds, longestWait, divided) => {
    expect(divide(seconds, longestWait)).toEqual(divided)
  })
})

describe('windows', () => {
  it('of a short constant test are one', () => {
    const profile = profileOf([constant(250, 600)], 1)
    expect(cutWindows(profile, lambda, needFor)).toEqual([{ from: 0, to: 600, workers: 3, decidedBy: 'cpu' }])
  })

  it('of three hours are as few as a lifetime allows', () => {
    const windows = cutWindows(profileOf([constant(50, 10_800)], 1), lambda, needFor)
    expect(windows).toHaveLength(Math.ceil(10_800 / 810))
  })

  it.each([
    ['a ramp from nothing', [ramp(0, 5_000, 800)]],
    ['a spike in a quiet hour', [constant(100, 1_800), constant(3_000, 120), constant(100, 1_680)]],
    ['up, hold, down', [ramp(0, 2_000, 600), constant(2_000, 600), ramp(2_000, 0, 600)]],
  ])('of %s pay for less idle time than one size for all', (_, shape) => {
    const profile = profileOf(shape, 1)
    const cut = cutWindows(profile, lambda, needFor)
    const peak = Math.max(...cut.map(({ workers }) => workers))
    const before = idleShare(profile, [{ from: 0, to: profile.duration, workers: peak }], PER_WORKER)
    expect(idleShare(profile, cut, PER_WORKER)).toBeLessThan(0.75 * before)
  })

  it('of a pause still have a worker, and cost little', () => {
    const windows = cutWindows(profileOf([constant(900, 60), pause(600), constant(900, 60)], 1), lambda, needFor)
    expect(windows.map(({ workers }) => workers)).toEqual([9, 1, 9])
  })
})
