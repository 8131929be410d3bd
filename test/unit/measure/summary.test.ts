import { describe, expect, it } from 'vitest'
import { Histogram } from '../../../src/measure/histogram.ts'
import { latency } from '../../../src/measure/summary.ts'
import { histogramOf } from '../../support/arbitraries.ts'

describe('the summary of a histogram', () => {
  it('of nothing is all zeros', () => {
    expect(new Set(Object.values(latency(new Histogram())))).toEqual(new Set([0]))
  })

  it('is in milliseconds, three decimals', () => {
    const thousand = histogramOf(Array.from({ length: 1000 }, (_, i) => i + 1))
    expect(latency(thousand)).toEqual({
      ...{ count: 1000, min: 0.001, mean: 0.501, max: 1 },
      ...{ p50: 0.5, p75: 0.75, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999 },
    })
  })

  it('has the exact minimum and maximum, not their buckets', () => {
    expect(latency(histogramOf([1_234_567, 7_654_321]))).toMatchObject({ min: 1234.567, max: 7654.321, p999: 7654.321 })
  })

  it('has its percentiles in order', () => {
    const { min, p50, p75, p90, p95, p99, p999, max } = latency(histogramOf([3, 70_000, 12, 900, 5_000_000, 44]))
    const values = [min, p50, p75, p90, p95, p99, p999, max]
    expect(values).toEqual(values.toSorted((a, b) => a - b))
  })
})
