import { describe, expect, it } from 'vitest'
import { preflight } from '../../../src/plan/preflight.ts'
import { constant } from '../../support/arbitraries.ts'
import { planOf } from '../../support/plans.ts'

describe('preflight', () => {
  const plan = planOf([constant(1, 10)], 8)

  it.each([
    ['lets a plan begin that fits', 9, []],
    ['lets a plan begin that just fits', 8, []],
    ['refuses one worker too many, with the number that fits', 7, [{ what: 'workers', asked: 8, fits: 7 }]],
  ])('%s', (_, workers, refusals) => {
    expect(preflight(plan, { workers })).toEqual(refusals)
  })
})
