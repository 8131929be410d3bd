import { describe, expect, it } from 'vitest'
import { BUCKETS, bucketOf, HIGHEST, Histogram, highestIn } from '../../../src/measure/histogram.ts'
import { histogramOf } from '../../support/arbitraries.ts'

describe('the bucket of a value', () => {
  it.each([
    ['0 is bucket 0', 0, 0],
    ['2047 is the last with a bucket to itself', 2047, 2047],
    ['2048 shares its bucket with 2049', 2048, 2048],
    ['2049 shares its bucket with 2048', 2049, 2048],
    ['4095 is the last of the first doubling', 4095, 3071],
    ['4096 begins the second', 4096, 3072],
    ['2^31 − 1 is below the sign bit', 2 ** 31 - 1, 22_527],
    ['2^31 is past the sign bit', 2 ** 31, 22_528],
    ['an hour is within the last doubling', HIGHEST, 23_220],
  ])('%s', (_, value, bucket) => {
    expect(bucketOf(value)).toBe(bucket)
  })

  it('of an hour is one of the histogram’s', () => {
    expect(bucketOf(HIGHEST)).toBeLessThan(BUCKETS)
  })

  it.each([
    ['a bucket of one', 2047, 2047],
    ['a bucket of two', 2048, 2049],
    ['the last of the first doubling', 3071, 4095],
    ['the first of the second', 3072, 4099],
  ])('ends at its highest value: %s', (_, bucket, highest) => {
    expect(highestIn(bucket)).toBe(highest)
  })

  it('touches the next: what comes after the highest value of each is in the one above it', () => {
    const buckets = Array.from({ length: bucketOf(HIGHEST) }, (_, bucket) => bucket)
    const torn = buckets.filter((b) => bucketOf(highestIn(b)) !== b || bucketOf(highestIn(b) + 1) !== b + 1)
    expect(torn).toEqual([])
  })
})

describe('a histogram', () => {
  it('is empty at first: count 0, mean 0, every percentile 0', () => {
    const empty = new Histogram()
    expect([empty.count, empty.sum, empty.mean(), empty.percentile(50), empty.percentile(100)]).toEqual([0, 0, 0, 0, 0])
  })

  it('keeps count, sum, min, max and mean exactly', () => {
    const { count, sum, min, max, ...rest } = histogramOf([1_000_001, 7, 2_999_999])
    expect({ count, sum, min, max }).toEqual({ count: 3, sum: 4_000_007, min: 7, max: 2_999_999 })
    expect(histogramOf([1_000_001, 7, 2_999_999]).mean()).toBe(4_000_007 / 3)
    expect(rest.highest).toBe(bucketOf(2_999_999))
  })

  it.each([
    ['below 0 in the first bucket', -5, 0],
    ['over an hour in the last', HIGHEST + 1_000_000, bucketOf(HIGHEST)],
    ['far over an hour in the last', 2 ** 40, bucketOf(HIGHEST)],
  ])('counts a value %s, and keeps its exact value in min, max and sum', (_, value, bucket) => {
    const histogram = histogramOf([value])
    expect(histogram.counts[bucket]).toBe(1)
    expect(histogram).toMatchObject({ count: 1, min: value, max: value, sum: value, lowest: bucket, highest: bucket })
  })

  it.each([2 ** 32 - 3, 2 ** 40])('counts exactly past 2^32: %d of a value and three more', (many) => {
    const histogram = histogramOf([7])
    histogram.makeRoom(many)
    histogram.counts[5] = many
    histogram.count += many
    for (let i = 0; i < 3; i++) histogram.record(5)
    expect([histogram.counts[5], histogram.counts[7], histogram.count]).toEqual([many + 3, 1, many + 4])
    expect(histogram.percentile(100)).toBe(7)
  })

  it('is as new after clear', () => {
    const used = histogramOf([1, 2_000, 3_000_000, HIGHEST])
    used.clear()
    expect(used).toEqual(new Histogram())
  })

  it('keeps nothing of what was cleared when it is used again', () => {
    const used = histogramOf([5, HIGHEST])
    used.clear()
    used.record(700)
    expect(used).toEqual(histogramOf([700]))
  })
})

describe('percentiles', () => {
  const hundred = histogramOf(Array.from({ length: 100 }, (_, i) => i + 1))

  it.each([
    ['the 0th of 1…100 is 1', 0, 1],
    ['the 1st is 1', 1, 1],
    ['just over the 1st is 2', 1.1, 2],
    ['the 50th is 50', 50, 50],
    ['the 99th is 99, although 0.99 × 100 could round up', 99, 99],
    ['the 99.9th is 100', 99.9, 100],
    ['the 100th is 100', 100, 100],
  ])('%s', (_, percent, value) => {
    expect(hundred.percentile(percent)).toBe(value)
  })

  it.each([7, 14, 28, 29, 55, 56, 57, 58])(
    'the %dth of 1…100 is that number, whatever the floating point says',
    (n) => {
      expect(hundred.percentile(n)).toBe(n)
    },
  )

  it('of one value are that value, not the end of its bucket', () => {
    const one = histogramOf([1_234_567])
    expect([0, 50, 99.9, 100].map((percent) => one.percentile(percent))).toEqual(Array(4).fill(1_234_567))
  })

  it('are the highest value of the bucket, unless the maximum is in it', () => {
    const two = histogramOf([1_000_000, 2_000_000])
    expect(two.percentile(50)).toBe(highestIn(bucketOf(1_000_000)))
    expect(two.percentile(100)).toBe(2_000_000)
  })
})
