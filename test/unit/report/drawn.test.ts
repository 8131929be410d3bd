import { describe, expect, it } from 'vitest'
import { curveOf } from '../../../src/report/curve.ts'
import { HeatMap } from '../../../src/report/heat.ts'
import type { Heat } from '../../../src/report/page/drawn.ts'
import { histogramOf } from '../../support/arbitraries.ts'

function heatOf(seconds: readonly (readonly number[])[]): Heat {
  const map = new HeatMap(histogramOf(seconds.flat()), seconds.length)
  for (const [second, values] of seconds.entries()) map.add(second, histogramOf(values))
  return map.done()
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

describe('a heat map', () => {
  it('has every response in the row that holds its time', () => {
    const values = [1, 7, 1_000, 1_023, 50_000, 2_000_000]
    const { lowest, ratio, rows, columns, step } = heatOf(values.map((value) => [value]))
    expect([step, rows, columns.length]).toEqual([1, 40, 6])
    for (const [i, value] of values.entries()) {
      const row = columns[i]?.counts.indexOf(1) ?? -1
      // A bucket of the histogram is up to a thousandth wide.
      expect(lowest * ratio ** row).toBeLessThanOrEqual((value / 1000) * 1.001)
      expect(lowest * ratio ** (row + 1)).toBeGreaterThanOrEqual((value / 1000) * 0.999)
    }
  })
  it('of an hour and more is folded into at most 300 columns, and loses nothing', () => {
    const { step, columns, rows } = heatOf(Array.from({ length: 4_000 }, (_, i) => [1_000 + i, 90_000]))
    expect([step, columns.length, rows]).toEqual([14, 286, 40])
    expect(sum(columns.flatMap(({ counts }) => counts))).toBe(8_000)
    expect(columns.map(({ second }) => second).slice(0, 3)).toEqual([0, 14, 28])
  })
  it('of times that are all alike has one row', () => {
    expect(heatOf([[500, 500], [500]])).toEqual({
      ...{ step: 1, lowest: 0.5, ratio: 1.05, rows: 1 },
      columns: [
        { second: 0, counts: [2] },
        { second: 1, counts: [1] },
      ],
    })
  })
  it('of nothing is empty', () => {
    expect(heatOf([[]])).toMatchObject({ rows: 0, columns: [{ second: 0, counts: [] }] })
  })
})

describe('a curve of percentiles', () => {
  it('goes from the minimum up to the last that one value still tells from all', () => {
    const histogram = histogramOf(Array.from({ length: 1_000 }, (_, i) => (i + 1) * 1_000))
    const curve = curveOf(histogram)
    expect(curve).toHaveLength(61)
    expect(curve[0]).toEqual({ percent: 0, value: 1 })
    expect(curve[20]).toEqual({ percent: 90, value: histogram.percentile(90) / 1000 })
    expect(curve.at(-1)).toEqual({ percent: 99.9, value: histogram.percentile(99.9) / 1000 })
    for (const [i, { value }] of curve.entries()) expect(value).toBeGreaterThanOrEqual(curve[i - 1]?.value ?? 0)
  })
  it('of one value is a point, and of none nothing', () => {
    expect(curveOf(histogramOf([5_000]))).toEqual([{ percent: 0, value: 5 }])
    expect(curveOf(histogramOf([]))).toEqual([])
  })
})
