/** A histogram as the curve of its percentiles, denser towards the slowest. */
import type { Histogram } from '../measure/histogram.ts'
import { microsToMillis } from '../units.ts'
import type { CurvePoint } from './page/drawn.ts'

/** Points between 0 and 90 %, between 90 and 99 %, and so on. */
const PER_NINE = 20

/** From the minimum to the last percentile that a single value still tells from 100 %. Empty for an empty histogram. */
export function curveOf(histogram: Histogram): CurvePoint[] {
  const { count } = histogram
  if (count === 0) return []
  const nines = Math.log10(count)
  return Array.from({ length: Math.floor(nines * PER_NINE) + 1 }, (_, i) => {
    const percent = 100 * (1 - 10 ** (-i / PER_NINE))
    const value = i === 0 ? histogram.min : histogram.percentile(percent)
    return { percent: Math.round(percent * 1e6) / 1e6, value: microsToMillis(value) }
  })
}
