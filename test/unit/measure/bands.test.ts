import { expect, it } from 'vitest'
import { bandStart, bandsOf } from '../../../src/measure/bands.ts'
import { HIGHEST } from '../../../src/measure/histogram.ts'
import { histogramOf } from '../../support/arbitraries.ts'

const used = (values: readonly number[]): [start: number, count: number][] =>
  [...bandsOf(histogramOf(values))].flatMap((count, band) => (count > 0 ? [[bandStart(band), count]] : []))

it('each sample is in the band that begins at or below it, and the next begins above', () => {
  for (const value of [1, 3, 500, 2_048, 12_345, 1_000_000, 59_999_999]) {
    const [[start, count] = [0, 0], ...more] = used([value])
    expect(more).toEqual([])
    expect(count).toBe(1)
    expect(start).toBeLessThanOrEqual(value * 1.001)
    expect(start * 2 ** 0.25).toBeGreaterThan(value * 0.999)
  }
})

it('a doubling has four', () => expect(used([1_024, 1_218, 1_449, 1_723]).length).toBe(4))
it('what is out of range is at its ends', () => expect(used([0, HIGHEST, HIGHEST * 2])[0]?.[0]).toBe(1))
it('no sample is lost', () => {
  const values = Array.from({ length: 1_000 }, (_, i) => i * i)
  expect(used(values).reduce((sum, [, count]) => sum + count, 0)).toBe(1_000)
})
