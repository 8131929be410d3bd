/** A finished run's frames folded into what every report prints: one second after another, one Artillery period after another. */

import { type ArtilleryPeriod, PERIOD_SECONDS, periodOf } from '../measure/artillery.ts'
import { readHead } from '../measure/frame.ts'
import type { Histogram } from '../measure/histogram.ts'
import { Totals } from '../measure/merge.ts'
import { valueIn } from '../measure/names.ts'
import { foldSpans } from '../measure/series.ts'
import { type Latency, latency } from '../measure/summary.ts'
import { isLate, wasSilent } from '../measure/trust.ts'
import { framesBySecond } from '../run/log.ts'
import { eventsPath, type RunRecord } from '../run/record.ts'
import type { WorkerState } from '../run/state.ts'

type SecondRow = {
  second: number
  launched: number
  requests: number
  responses: number
  failures: number
  response: Pick<Latency, 'p50' | 'p95' | 'p99' | 'max'>
  service: Pick<Latency, 'p50' | 'p95' | 'p99' | 'max'>
  lateness: Pick<Latency, 'p50' | 'p95' | 'p99' | 'max'>
}

export type Results = { series: SecondRow[]; periods: ArtilleryPeriod[]; leftOut: LeftOut | null }

/** `leftOut` is what `leavingOut` gave. */
export function resultsOf({ folder, startedAt }: RunRecord, leftOut: LeftOut | null): Results {
  const series: SecondRow[] = []
  const periods: ArtilleryPeriod[] = []
  // Artillery's periods are aligned to the wall clock.
  const offset = Math.floor(startedAt / 1000) % PERIOD_SECONDS
  foldSpans(framesBySecond(eventsPath(folder)), [
    { startOf: (second) => second, visit: (second, totals) => series.push(rowOf(second, totals)) },
    {
      startOf: (second) => Math.floor((second + offset) / PERIOD_SECONDS) * PERIOD_SECONDS - offset,
      visit: (second, totals) => periods.push(periodOf(totals, { startedAt, second, seconds: PERIOD_SECONDS })),
    },
  ])
  return { series, periods, leftOut }
}

/** The run without the workers that were not ok: what they make of the result. */
export type LeftOut = { workers: number[]; response: Latency; service: Latency }

/** Null when all workers were ok, or none. */
export function leavingOut({ folder, state }: RunRecord): LeftOut | null {
  const out = new Set(state.workers.filter(isNotOk).map(({ slice }) => slice))
  if (out.size === 0 || out.size === state.workers.length) return null
  const rest = new Totals()
  try {
    for (const frame of framesBySecond(eventsPath(folder))) if (!out.has(readHead(frame).slice)) rest.add(frame)
  } catch {
    // The summary comes first; a log that cannot be read ends the report that is made of it, and is told then.
    return null
  }
  return {
    workers: [...out],
    response: latency(rest.histogram('response')),
    service: latency(rest.histogram('service')),
  }
}

const isNotOk = ({ is, condition }: WorkerState): boolean => is === 'lost' || isLate(condition) || wasSilent(condition)

/** One entry per value of a dimension, in order of the value's first count. */
export function byDimension(
  totals: Totals,
  metric: string,
  dimension: Parameters<typeof valueIn>[2],
): { value: string; count: number }[] {
  return [...totals.counters]
    .flatMap(([name, count]) => {
      const value = valueIn(name, metric, dimension)
      return value === null ? [] : [{ value, count }]
    })
    .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
}

function rowOf(second: number, totals: Totals): SecondRow {
  const brief = (histogram: Histogram): SecondRow['response'] => {
    const { p50, p95, p99, max } = latency(histogram)
    return { p50, p95, p99, max }
  }
  return {
    second,
    launched: totals.counter('launched'),
    requests: totals.counter('requests'),
    responses: totals.counter('responses'),
    failures: totals.counter('failures'),
    response: brief(totals.histogram('response')),
    service: brief(totals.histogram('service')),
    lateness: brief(totals.histogram('lateness')),
  }
}
