/** hdr-histogram-js is the reference for our histogram: it reads what we write, and we read what it writes. */
import { inflateSync } from 'node:zlib'
import fc from 'fast-check'
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram as Reference,
} from 'hdr-histogram-js'
import { describe, expect, it } from 'vitest'
import { addCounts } from '../../src/measure/counts.ts'
import { bucketOf, HIGHEST, Histogram, highestIn, LOWEST, SIGNIFICANT_DIGITS } from '../../src/measure/histogram.ts'
import { v2Base64 } from '../../src/report/hdr.ts'
import { histogramOf, micros } from '../support/arbitraries.ts'
import { holds } from '../support/property.ts'

const PERCENTS = [50, 75, 90, 95, 99, 99.9, 100]
const samples = fc.array(micros, { minLength: 1, maxLength: 150 })

const reference = (values: readonly number[]): Reference => {
  const histogram = build({
    bitBucketSize: 64,
    lowestDiscernibleValue: LOWEST,
    highestTrackableValue: HIGHEST,
    numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
    autoResize: false,
  })
  for (const value of values) histogram.recordValue(value)
  return histogram
}

/** The counts payload inside the reference's own encoding: base64, cookie and length, deflated; 40 bytes of header. */
const payloadOf = (histogram: Reference): Uint8Array => {
  const packed = Buffer.from(encodeIntoCompressedBase64(histogram), 'base64')
  return inflateSync(packed.subarray(8)).subarray(40)
}

describe('hdr-histogram-js reads our histogram', () => {
  const decoded = (values: readonly number[]): Reference =>
    decodeFromCompressedBase64(v2Base64(histogramOf(values)), 64)

  it('with as many samples', () => {
    holds(samples, (values) => expect(decoded(values).totalCount).toBe(values.length), { runs: 200 })
  })

  it('with the minimum and maximum in the same buckets', () => {
    holds(
      samples,
      (values) => {
        const theirs = decoded(values)
        expect(bucketOf(theirs.maxValue)).toBe(bucketOf(Math.max(...values)))
        const nonZero = values.filter((value) => value > 0)
        if (nonZero.length > 0) expect(bucketOf(theirs.minNonZeroValue)).toBe(bucketOf(Math.min(...nonZero)))
      },
      { runs: 200 },
    )
  })

  it('with the same percentiles, bucket by bucket', () => {
    holds(
      samples,
      (values) => {
        const ours = histogramOf(values)
        const theirs = decoded(values)
        for (const percent of PERCENTS) {
          expect(highestIn(bucketOf(ours.percentile(percent)))).toBe(theirs.getValueAtPercentile(percent))
        }
      },
      { runs: 200 },
    )
  })

  it('when it is empty', () => {
    expect(decoded([]).totalCount).toBe(0)
  })

  it.each([
    ['a value of 0', [0]],
    ['an hour', [HIGHEST]],
    ['both', [0, HIGHEST]],
    ['the sign bit', [2 ** 31 - 1, 2 ** 31]],
    ['a hundred thousand of one', Array<number>(100_000).fill(1_234)],
  ])('with %s in it', (_, values) => {
    const theirs = decoded(values)
    expect(theirs.totalCount).toBe(values.length)
    expect(theirs.getValueAtPercentile(100)).toBe(highestIn(bucketOf(values.at(-1) ?? 0)))
  })
})

describe('we read the counts of hdr-histogram-js', () => {
  const counts = (values: readonly number[]): Histogram => {
    const into = new Histogram()
    addCounts(payloadOf(reference(values)), into)
    return into
  }

  it('to the same buckets', () => {
    holds(samples, (values) => expect(counts(values).counts).toEqual(histogramOf(values).counts), { runs: 200 })
  })

  it('when runs of empty buckets are between them, and when none are', () => {
    for (const values of [
      [0, 1, 2, 3],
      [0, 2, 4],
      [5, HIGHEST],
      [2_046, 2_047, 2_048, 2_050],
    ]) {
      expect(counts(values).counts).toEqual(histogramOf(values).counts)
    }
  })
})

describe('both know the same layout', () => {
  it('value by value, recorded alone', () => {
    holds(
      micros,
      (value) => {
        const theirs = reference([value])
        expect(highestIn(bucketOf(value))).toBe(theirs.getValueAtPercentile(100))
      },
      { runs: 200 },
    )
  })
})
