/** How slices are dealt to regions: the laws of src/plan/regions.ts. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dealt, fairlyDealt, leastDealt, type RegionShare, windowsOf } from '../../../src/plan/regions.ts'

const shares = (...weights: number[]): RegionShare[] => weights.map((weight, i) => ({ region: `r${i}`, weight }))
const window = (workers: number) => ({ from: 0, to: 10, workers })

describe('slices of a window', () => {
  it.each([
    ['two to one', [2, 1], 3, [0, 1, 0]],
    ['two to one of four: the larger remainder goes up', [2, 1], 4, [0, 0, 1, 0]],
    ['one each interleave', [1, 1], 4, [0, 1, 0, 1]],
    ['the first of equal remainders goes up', [1, 1], 3, [0, 1, 0]],
    ['three regions', [1, 2, 1], 4, [1, 0, 2, 1]],
    ['one region has them all', [3], 3, [0, 0, 0]],
  ])('%s', (_, weights, workers, expected) => {
    expect(dealt({ windows: [window(workers)], regions: shares(...weights) })).toEqual(expected)
  })

  it('are all of the one region where none are named', () => {
    expect(dealt({ windows: [window(2), window(1)] })).toEqual([0, 0, 0])
  })

  const plans = fc.record({
    weights: fc.array(fc.integer({ min: 1, max: 999 }), { minLength: 2, maxLength: 6 }),
    workers: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 4 }),
  })

  it('add up to the whole, each share right to less than one worker in each window, however they are cut', () => {
    fc.assert(
      fc.property(plans, ({ weights, workers }) => {
        const plan = { windows: workers.map(window), regions: shares(...weights) }
        const all = dealt(plan)
        const whole = weights.reduce((a, b) => a + b)
        let at = 0
        for (const [w, n] of workers.entries()) {
          const own = all.slice(at, at + n)
          at += n
          for (const [i, weight] of weights.entries()) {
            const given = own.filter((region) => region === i).length
            expect(Math.abs(given - (n * weight) / whole)).toBeLessThan(1)
            expect(windowsOf(plan, i)[w]?.workers).toBe(given)
          }
        }
        expect(at).toBe(all.length)
      }),
    )
  })
})

describe('the fewest workers of which each region gets one', () => {
  it.each([
    [[1, 1], 2],
    [[2, 1], 2],
    [[1, 1, 1], 3],
    [[100, 1], 51],
  ])('%j: %i', (weights, least) => {
    expect(leastDealt(shares(...weights))).toBe(least)
  })
})

describe('as many workers as a window needs, or a few more', () => {
  it.each([
    [1, [1, 1], 2],
    [1, [2, 1], 3],
    [3, [2, 1], 3],
    [4, [2, 1], 6],
    [20, [2, 1], 20],
    [1, [7, 3], 3],
  ])('%i for %j: %i', (needed, weights, workers) => {
    expect(fairlyDealt(needed, shares(...weights))).toBe(workers)
  })
})
