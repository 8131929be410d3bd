/** What was sent and what came back: of a run, and of each value of a dimension. */
import type { Totals } from './merge.ts'
import { type Dimension, named, valueIn } from './names.ts'
import { type Latency, latency } from './summary.ts'

export type Exchanges = {
  requests: number
  responses: number
  failures: number
  latency_ms: { response: Latency; service: Latency }
}

/** `of`: of one value of a dimension only; null: of all. */
export function exchanges(totals: Totals, of: { dimension: Dimension; value: string } | null): Exchanges {
  const name = (metric: string): string => (of ? named(metric, of.dimension, of.value) : metric)
  return {
    requests: totals.counter(name('requests')),
    responses: totals.counter(name('responses')),
    failures: totals.counter(name('failures')),
    latency_ms: {
      response: latency(totals.histogram(name('response'))),
      service: latency(totals.histogram(name('service'))),
    },
  }
}

/** One entry per value of a dimension, the most counted first. */
export function byDimension(totals: Totals, metric: string, dimension: Dimension): { value: string; count: number }[] {
  return [...totals.counters]
    .flatMap(([name, count]) => {
      const value = valueIn(name, metric, dimension)
      return value === null ? [] : [{ value, count }]
    })
    .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
}

export type EndpointExchanges = { endpoint: string } & Exchanges

export const endpointsOf = (totals: Totals): EndpointExchanges[] =>
  byDimension(totals, 'requests', 'endpoint').map(({ value }) => ({
    endpoint: value,
    ...exchanges(totals, { dimension: 'endpoint', value }),
  }))
