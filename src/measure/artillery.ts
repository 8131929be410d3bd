/**
 * The part of the report in the shape of `artillery run --output`: what Artillery's engine reported, under its names.
 * Its `http.response_time` is time to first byte in whole milliseconds and appears only here.
 */
import { type Micros, type Millis, microsToMillis } from '../units.ts'
import type { Histogram } from './histogram.ts'
import type { Totals } from './merge.ts'
import { artilleryName, artilleryRateName } from './names.ts'

/** The version whose engines are ours, and whose report's shape this is. */
export const ARTILLERY = '2.0.34'

export const PERIOD_SECONDS = 10

type Summary = Record<
  'min' | 'max' | 'count' | 'mean' | 'p50' | 'median' | 'p75' | 'p90' | 'p95' | 'p99' | 'p999',
  number
>

export type ArtilleryPeriod = {
  counters: Record<string, number>
  rates: Record<string, number>
  summaries: Record<string, Summary>
  histograms: Record<string, Summary>
  period: string
  firstMetricAt: Millis
  lastMetricAt: Millis
  firstCounterAt: Millis
  lastCounterAt: Millis
  firstHistogramAt: Millis
  lastHistogramAt: Millis
}

/** One span of `seconds` from `second` of the run, in Artillery's shape; moments are known to the second. */
export function periodOf(
  totals: Totals,
  { startedAt, second, seconds }: { startedAt: Millis; second: number; seconds: number },
): ArtilleryPeriod {
  const start = startedAt + Math.max(0, second) * 1000
  const end = startedAt + (second + seconds) * 1000
  const counters: Record<string, number> = { 'vusers.failed': 0 }
  const rates: Record<string, number> = {}
  for (const [name, value] of totals.counters) {
    const counter = artilleryName(name)
    const rate = artilleryRateName(name)
    if (counter !== null) counters[counter] = value
    if (rate !== null) rates[rate] = Math.round(value / Math.max(1, (end - start) / 1000))
  }
  const summaries: Record<string, Summary> = {}
  for (const [name, histogram] of totals.histograms) {
    const metric = artilleryName(name)
    if (metric !== null && histogram.count > 0) summaries[metric] = summaryOf(histogram)
  }
  return {
    ...{ counters, rates, summaries, histograms: summaries },
    period: String(Math.floor((startedAt + second * 1000) / 1000) * 1000),
    ...{ firstMetricAt: start, lastMetricAt: end, firstCounterAt: start, lastCounterAt: end },
    ...{ firstHistogramAt: start, lastHistogramAt: end },
  }
}

function summaryOf(histogram: Histogram): Summary {
  const round = (value: Micros): number => Math.round(microsToMillis(value) * 10) / 10
  const at = (percent: number): number => round(histogram.percentile(percent))
  return {
    min: round(histogram.min),
    max: round(histogram.max),
    count: histogram.count,
    mean: round(histogram.mean()),
    ...{ p50: at(50), median: at(50), p75: at(75), p90: at(90), p95: at(95), p99: at(99), p999: at(99.9) },
  }
}
