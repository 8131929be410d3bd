/** What the HTML report's script draws, beside what stands in the page. */
import type { RunRecord } from '../run/record.ts'
import { curveOf } from './curve.ts'
import type { Columns, Drawn, Kind, Percentile } from './page/drawn.ts'
import type { Point, Results } from './results.ts'

export function drawnOf({ state: { plan, totals } }: RunRecord, { steps: { step, points }, heat }: Results): Drawn {
  return {
    ...{ step, columns: columnsOf(points), heat },
    curve: { response: curveOf(totals.histogram('response')), service: curveOf(totals.histogram('service')) },
    phases: plan.profile.pieces.map(({ name, from, duration }) => ({ name, from, to: from + duration })),
  }
}

/** By column, as the names of thousands of rows would be most of the page. */
function columnsOf(points: readonly Point[]): Columns {
  // Where the largest is 0 there was none: a response takes a microsecond at least.
  const latency = (kind: Kind): Record<Percentile, (number | null)[]> => {
    const at = (percentile: Percentile): (number | null)[] =>
      points.map(({ [kind]: latency }) => (latency.max === 0 ? null : latency[percentile]))
    return { p50: at('p50'), p95: at('p95'), p99: at('p99'), max: at('max') }
  }
  return {
    second: points.map(({ second }) => second),
    launched: points.map(({ launched }) => launched),
    requests: points.map(({ requests }) => requests),
    responses: points.map(({ responses }) => responses),
    failures: points.map(({ failures }) => failures),
    ...{ response: latency('response'), service: latency('service'), lateness: latency('lateness') },
  }
}
