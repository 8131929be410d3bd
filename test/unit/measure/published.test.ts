import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Histogram } from '../../../src/measure/histogram.ts'
import { emptyLedger } from '../../../src/measure/ledger.ts'
import { Totals } from '../../../src/measure/merge.ts'
import { published, spread } from '../../../src/measure/published.ts'
import { frameBytes } from '../../support/arbitraries.ts'

const histogramOf = (values: readonly number[]): Histogram => {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram
}

describe('what is published of a run', () => {
  it('is its counts, and its times when there are any', () => {
    const totals = new Totals()
    totals.add(
      frameBytes({ counters: { requests: 3, responses: 2, failures: 1 }, samples: { response: [1_000, 5_000] } }),
    )
    const ledger = { ...emptyLedger(), due: 4, launched: 3, lost: 1, completed: 2, failed: 1 }
    expect(published(totals, ledger)).toEqual([
      { name: 'Launched', kind: 'count', value: 3 },
      { name: 'Lost', kind: 'count', value: 1 },
      { name: 'Failed', kind: 'count', value: 1 },
      { name: 'Requests', kind: 'count', value: 3 },
      { name: 'Responses', kind: 'count', value: 2 },
      { name: 'Failures', kind: 'count', value: 1 },
      { name: 'ResponseTime', kind: 'time', values: [1, 5], counts: [1, 1] },
    ])
  })
})

describe('a histogram in few values', () => {
  it.each([
    ['one', [700], [0.7], [1]],
    ['two that are the same', [700, 700], [0.7, 0.7], [1, 1]],
    ['nothing took any time', [0, 0, 0], [0, 0, 0], [1, 1, 1]],
    ['ends and a middle', [1_000, 2_000, 2_000, 4_000], [1, 2, 4], [1, 2, 1]],
  ])('%s', (_, samples, values, counts) => {
    expect(spread(histogramOf(samples), 150)).toEqual({ values, counts })
  })

  it('keeps the ends, the count and nearly the sum, and is never longer than asked', () => {
    const micros = fc.oneof(fc.nat(3_000), fc.nat(60_000_000), fc.nat(3_600_000_000))
    fc.assert(
      fc.property(
        fc.array(micros, { minLength: 1, maxLength: 2_000 }),
        fc.integer({ min: 3, max: 150 }),
        (samples, most) => {
          const histogram = histogramOf(samples)
          const { values, counts } = spread(histogram, most)
          expect(values.length).toBeLessThanOrEqual(most)
          expect(counts).toHaveLength(values.length)
          expect(counts.every((count) => count > 0)).toBe(true)
          expect(values[0]).toBe(histogram.min / 1000)
          expect(values.at(-1)).toBe(histogram.max / 1000)
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(histogram.count)
          const sum = values.reduce((total, value, i) => total + value * 1000 * (counts[i] as number), 0)
          expect(Math.abs(sum - histogram.sum)).toBeLessThanOrEqual(histogram.sum / 1000 + 1)
        },
      ),
    )
  })
})
