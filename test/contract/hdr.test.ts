/** hdr-histogram-js is the reference for our histogram: it reads what we write, and writes the same. */
import { inflateSync } from 'node:zlib'
import fc from 'fast-check'
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram as Reference,
} from 'hdr-histogram-js'
import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter } from '../../src/measure/bytes.ts'
import { writeCounts } from '../../src/measure/counts.ts'
import { bucketOf, HIGHEST, highestIn, LOWEST, SIGNIFICANT_DIGITS } from '../../src/measure/histogram.ts'
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

describe('our counts are those of hdr-histogram-js', () => {
  /** Bucket and count of each; empty ones are said one by one there, in runs here. */
  const buckets = (payload: Uint8Array): [number, number][] => {
    const reader = new ByteReader(payload)
    const all: [number, number][] = []
    for (let bucket = 0; !reader.ended; ) {
      const number = reader.signed()
      if (number > 0) all.push([bucket, number])
      bucket += number < 0 ? -number : 1
    }
    return all
  }
  const ours = (values: readonly number[]): Uint8Array => {
    const out = new ByteWriter()
    writeCounts(histogramOf(values), out)
    return out.written()
  }
  const agree = (values: readonly number[]): void =>
    expect(buckets(ours(values))).toEqual(buckets(payloadOf(reference(values))))

  it('bucket by bucket', () => {
    holds(samples, agree, { runs: 200 })
  })

  it.each([[[0, 1, 2, 3]], [[0, 2, 4]], [[5, HIGHEST]], [[2_046, 2_047, 2_048, 2_050]]])('of %j', agree)
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

/**
 * Histograms as the implementations in Java and C write them, published with those and their ports: 0 to 99,999; ten thousand of
 * 1 ms and one of 100 s; and the same with what would have been asked every 10 ms meanwhile.
 */
describe('the published vectors', () => {
  const STALL = 100_000_000
  const asked = [...Array<number>(10_000).fill(1_000), STALL]
  const meanwhile = Array.from({ length: STALL / 10_000 - 1 }, (_, i) => STALL - (i + 1) * 10_000)
  it.each<[string, string, number[]]>([
    [
      'of Java',
      'HISTFAAAAE54nO3IoRGAMBREwQQQSGawiDSBJp2BoAMapQMQoQD8333iZm45rzmlsqam/zbvT7Pd7egAgHAGIKwRCGsCwipAWBUI68iS9L/6At/YGc4=',
      Array.from({ length: 100_000 }, (_, value) => value),
    ],
    ['of C', 'HISTFAAAACl4nJNpmSzMwMBgyAABzFCaEURcm7yEwf4DROA8/4I5jNM7mJgAlWkH9g==', asked],
    [
      'of C, corrected',
      'HISTFAAAAP94nJNpmSzMwCByigECmKE0I4i4NnkJg/0HiMB5/gVzGD8aM/3lZ7rPyTSbjektC9N7Fqa' +
        'HzEzbmZi2whCEvZKRaSYj02wwiYng4tFM3lDoC2dhhwh5UyZlJlUMjClCmgpMEUUmQSZ+IBZEojFFCM' +
        'vQRwUxenmZ2MGQFUqz4+CTo4I2pg4dFdQylZWJkYkZCaPyMEUIydPLjMHrssFixuB12XD0HRAwMsFJg' +
        'kwilZHJHHKmjzp41MFDOjhYmFiQEUEmMWqGsvKBd8Fwd/Co/waTC9jYOMAIiSJRhLbKh5x9Q87Bo/YN' +
        'bfsoM4CPhw+IIJAkxnDXN+QcTIpyAPnGh6k=',
      [...asked, ...meanwhile],
    ],
  ])('%s are what we write', (_, vector, values) => {
    const counts = (base64: string): Buffer => inflateSync(Buffer.from(base64, 'base64').subarray(8)).subarray(40)
    const ours = histogramOf(values)
    expect(counts(v2Base64(ours))).toEqual(counts(vector))
  })
})
