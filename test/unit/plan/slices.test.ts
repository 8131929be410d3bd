import { describe, expect, it } from 'vitest'
import { share, slicesOf } from '../../../src/plan/slices.ts'

describe('slices', () => {
  it('are the stripes of each window, in order', () => {
    const slices = slicesOf([
      { from: 0, to: 10, workers: 2 },
      { from: 10, to: 20, workers: 1 },
    ])
    expect(slices).toEqual([
      { stripe: { index: 0, of: 2 }, window: { from: 0, to: 10 } },
      { stripe: { index: 1, of: 2 }, window: { from: 0, to: 10 } },
      { stripe: { index: 0, of: 1 }, window: { from: 10, to: 20 } },
    ])
  })
})

describe('the share of a whole number', () => {
  it.each([
    ['10 over 1 is 10', 10, [10]],
    ['10 over 3 is 3, 3, 4', 10, [3, 3, 4]],
    ['2 over 4 leaves two with none', 2, [0, 1, 0, 1]],
    ['0 over 2 is nothing', 0, [0, 0]],
  ])('%s', (_, total, shares) => {
    expect(shares.map((_, index) => share(total, { index, of: shares.length }))).toEqual(shares)
  })
})
