/**
 * An HdrHistogram: integer microseconds from 1 µs to 1 h at 3 significant digits, in the standard layout, so that any
 * HDR reader agrees with us bucket by bucket (test/contract/hdr.test.ts holds it to hdr-histogram-js).
 *
 * Layout: values below 2,048 have a bucket each; above, every doubling is cut into 1,024 equal buckets, so a bucket is
 * never wider than 1/1,024 of its values. Counts have 32 bits until one could need more, and are doubles from then on: exact up to 2^53. Half
 * the memory, and a tenth less time to add frames to a dozen of them (docs/decisions/014). `min`, `max` and `sum` are exact, and the sum is one of
 * integers, so adding in any order gives the same bytes.
 */
import type { Micros } from '../units.ts'

export const SIGNIFICANT_DIGITS = 3
export const LOWEST: Micros = 1
export const HIGHEST: Micros = 3_600_000_000
const HALF = 1024
const HALF_BITS = 10
/** Buckets up to the one that holds HIGHEST: (22 doublings + 1) × 1,024. */
export const BUCKETS = 23_552

/** The bucket of a value in [0, HIGHEST]. */
export const bucketOf = (value: Micros): number => {
  if (value < 2 * HALF) return value
  const doubling = 31 - HALF_BITS - Math.clz32(value)
  return doubling * HALF + Math.floor(value / 2 ** doubling)
}

/** The highest value that falls into a bucket: what a percentile reports. */
export const highestIn = (bucket: number): Micros => {
  if (bucket < 2 * HALF) return bucket
  const doubling = Math.floor(bucket / HALF) - 1
  return (bucket - doubling * HALF + 1) * 2 ** doubling - 1
}

/** By bucket. */
export type Counts = Uint32Array | Float64Array

/** The samples that 32 bits count, should all of them be in one bucket. */
const MOST_IN_32_BITS = 2 ** 32 - 1

export class Histogram {
  counts: Counts = new Uint32Array(BUCKETS)
  count = 0
  min: Micros = Number.POSITIVE_INFINITY
  max: Micros = Number.NEGATIVE_INFINITY
  sum = 0
  /** Buckets outside [lowest, highest] are empty; clearing and encoding walk only these. */
  lowest: number = BUCKETS
  highest = -1

  /** Adds one value, a whole number of microseconds. Outside 0…1 h it counts in the last bucket on its side. */
  record(value: Micros): void {
    // Shifts instead of bucketOf's division: 5 ns a sample against 24 (bench/record with one and the other).
    const bounded = value < 0 ? 0 : value > HIGHEST ? HIGHEST : value
    let bucket = bounded
    if (bounded >= 2 * HALF) {
      const doubling = 31 - HALF_BITS - Math.clz32(bounded)
      bucket = doubling * HALF + (bounded >>> doubling)
    }
    ;(this.counts[bucket] as number)++
    if (bucket < this.lowest) this.lowest = bucket
    if (bucket > this.highest) this.highest = bucket
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
    this.sum += value
    if (++this.count === MOST_IN_32_BITS) this.makeRoom(1)
  }

  /** Before so many samples are added to `counts`, wherever they fall. */
  makeRoom(samples: number): void {
    if (this.count + samples > MOST_IN_32_BITS && this.counts instanceof Uint32Array)
      this.counts = Float64Array.from(this.counts)
  }

  /** Empties it, keeping the memory. */
  clear(): void {
    if (this.highest >= 0) this.counts.fill(0, this.lowest, this.highest + 1)
    this.count = 0
    this.sum = 0
    this.min = Number.POSITIVE_INFINITY
    this.max = Number.NEGATIVE_INFINITY
    this.lowest = BUCKETS
    this.highest = -1
  }

  /** Mean in microseconds, from the exact sum; 0 when empty. */
  mean(): Micros {
    return this.count === 0 ? 0 : this.sum / this.count
  }

  /**
   * The value that at least `percent` % of the samples do not exceed: the highest of its bucket, at most 0.1 % above
   * the sample itself, and never above the exact maximum. 0 when empty.
   */
  percentile(percent: number): Micros {
    const rank = Math.max(1, Math.ceil(nextDown((percent / 100) * this.count)))
    let seen = 0
    for (let bucket = this.lowest; bucket <= this.highest; bucket++) {
      seen += this.counts[bucket] as number
      if (seen >= rank) return Math.min(highestIn(bucket), this.max)
    }
    return 0
  }
}

/** A hair below x, so that 0.99 × 100 = 99.00000000000001 does not ask for the hundredth sample. */
const nextDown = (x: number): number => x - x * Number.EPSILON
