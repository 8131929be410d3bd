/** A histogram cut down to bands, to be drawn: four to a doubling, from 1 µs to 1 h, so that a band is never wider than a fifth of its values. */
import type { Micros } from '../units.ts'
import { HIGHEST, type Histogram, highestIn } from './histogram.ts'

const PER_DOUBLING = 4

/** The band of a value in microseconds. */
const bandOf = (value: Micros): number => Math.floor(Math.log2(Math.max(1, value)) * PER_DOUBLING)
/** Where a band begins, in microseconds. */
export const bandStart = (band: number): Micros => 2 ** (band / PER_DOUBLING)
const BANDS: number = bandOf(HIGHEST) + 1

/** How many samples lie in each band. */
export function bandsOf({ counts, lowest, highest }: Histogram): Uint32Array {
  const bands = new Uint32Array(BANDS)
  for (let bucket = lowest; bucket <= highest; bucket++) {
    const count = counts[bucket] as number
    if (count > 0) (bands[Math.min(BANDS - 1, bandOf(highestIn(bucket)))] as number) += count
  }
  return bands
}
