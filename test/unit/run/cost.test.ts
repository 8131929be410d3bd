import { describe, expect, it } from 'vitest'
import { PER_GB_SECOND, PER_INVOCATION, PER_STORE_GET, PER_STORE_PUT } from '../../../src/plan/prices.ts'
import { costOf } from '../../../src/run/cost.ts'
import type { Platform } from '../../../src/run/platform.ts'
import { begin, type RunState, reduce } from '../../../src/run/state.ts'
import { constant } from '../../support/arbitraries.ts'
import { planOf } from '../../support/plans.ts'

const platform: Platform = {
  ...{ stage: 'dev', region: 'eu-west-1', function: 'f', bucket: 'b', arch: 'arm64', memoryMb: 2_048 },
}

/** Three workers, of which those were launched and gone that have a bill. */
function stateOf(bills: readonly (number | null)[]): RunState {
  const slices = bills.map((_, slice) => slice)
  const launched = reduce(begin(planOf([constant(3, 4)], 3), 0), { type: 'launched', slices, attempt: 1 }, 0)
  return bills.reduce<RunState>(
    (state, billed, slice) =>
      reduce(state, { type: 'gone', slice, attempt: 1, again: false, reason: 'returned', billed }, 1),
    launched,
  )
}

describe('what a run cost', () => {
  it('is what each worker was billed, its start, and what it asked of the store', () => {
    const { actual, atLeast, estimated, billed } = costOf(stateOf([30_000, 60_000, 90_000]), platform)
    const lambda = 180 * 2 * PER_GB_SECOND.arm64 + 3 * PER_INVOCATION
    const store = 180 * PER_STORE_GET + (3 + 180 / 30) * PER_STORE_PUT
    expect(actual).toBeCloseTo(lambda + store, 12)
    expect(atLeast).toBe(actual)
    expect(estimated).toBeGreaterThan(0)
    expect(billed).toEqual({ seconds: 180, workers: 3, unknown: 0 })
  })

  it('is not known when one bill is not, but is no less than the others', () => {
    const { actual, atLeast, billed } = costOf(stateOf([30_000, null, 90_000]), platform)
    expect(actual).toBeNull()
    expect(atLeast).toBeCloseTo(costOf(stateOf([30_000, 90_000]), platform).actual ?? 0, 12)
    expect(billed).toEqual({ seconds: 120, workers: 2, unknown: 1 })
  })

  it('has nothing for workers that were never launched', () => {
    expect(costOf(stateOf([]), platform)).toMatchObject({ actual: 0, billed: { workers: 0, unknown: 0 } })
  })

  it('is the time alone where no price is known', () => {
    const somewhere = { ...platform, region: 'mars-north-1' }
    expect(costOf(stateOf([1_000, 1_000, 1_000]), somewhere)).toEqual({
      ...{ estimated: null, actual: null, atLeast: null, billed: { seconds: 3, workers: 3, unknown: 0 } },
    })
  })
})
