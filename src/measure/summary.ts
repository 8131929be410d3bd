/** Histograms to the numbers that people and JSON get, in milliseconds. */
import { type Micros, type Millis, microsToMillis } from '../units.ts'
import type { Histogram } from './histogram.ts'

export type Latency = {
  count: number
  min: Millis
  mean: Millis
  p50: Millis
  p75: Millis
  p90: Millis
  p95: Millis
  p99: Millis
  p999: Millis
  max: Millis
}

/** All zero, with count 0, for an empty histogram. Microsecond values keep their three decimals. */
export function latency(histogram: Histogram): Latency {
  const { count } = histogram
  const at = (percent: number): Millis => microsToMillis(histogram.percentile(percent))
  return {
    count,
    min: count === 0 ? 0 : microsToMillis(histogram.min),
    mean: microsToMillis(Math.round(histogram.mean()) as Micros),
    p50: at(50),
    p75: at(75),
    p90: at(90),
    p95: at(95),
    p99: at(99),
    p999: at(99.9),
    max: count === 0 ? 0 : microsToMillis(histogram.max),
  }
}
