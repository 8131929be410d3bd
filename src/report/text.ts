/** The summary that a person reads when a run is over. */
import type { StepResult } from '../measure/acceptance.ts'
import { apdexOf } from '../measure/ensure.ts'
import { byDimension } from '../measure/exchanges.ts'
import { balances } from '../measure/ledger.ts'
import type { Totals } from '../measure/merge.ts'
import { artillery, named } from '../measure/names.ts'
import { latency } from '../measure/summary.ts'
import type { Sampling } from '../plan/sampling.ts'
import type { RunRecord } from '../run/record.ts'
import { countWorkers, ledgerOf } from '../run/state.ts'
import { acceptanceText } from './acceptance.ts'
import { epochText, errorsAdvice, leftOutText, sentence } from './advice.ts'
import { int, joined, latencyCells, latencyHeads } from './cells.ts'
import { columns } from './columns.ts'
import { monitoringText } from './monitoring.ts'
import { linesOf } from './platform.ts'
import { type LeftOut, latencies } from './results.ts'

const MOST_ROWS = 12

export function textReport(record: RunRecord, leftOut: LeftOut | null): string {
  const { state, script, verdict } = record
  const { totals } = state
  const ledger = ledgerOf(state)
  const done = countWorkers(state, 'done')
  const sections = [
    [
      `run ${record.id}   ${script.file}`,
      `target ${script.target}   seed ${state.plan.seed}   workers ${done} of ${state.workers.length} to the end`,
    ],
    [
      `arrivals   due ${int(ledger.due)} = launched ${int(ledger.launched)} + skipped ${int(ledger.skipped)} + lost ${int(ledger.lost)}`,
      `           launched ${int(ledger.launched)} = completed ${int(ledger.completed)} + failed ${int(ledger.failed)} + unfinished ${int(ledger.unfinished)}` +
        `   ledger ${balances(ledger) ? 'balanced' : 'NOT BALANCED'}`,
      `requests   ${int(totals.counter('requests'))} sent, ${int(totals.counter('responses'))} answered, ${int(totals.counter('failures'))} failed`,
    ],
    steering(record),
    // A few requests say nothing about latencies.
    ...(record.steps === null ? tables(record) : triedOut(record.steps, record.monitoring)),
    counts('status', byDimension(totals, 'responses', 'status')),
    errors(totals),
    record.thresholds.map(
      ({ said, ok, strict }, i) =>
        `${i === 0 ? 'thresholds' : ' '.repeat(10)} ${ok ? 'ok  ' : 'FAIL'} ${said}${strict ? '' : ' (optional)'}`,
    ),
    apdex(totals),
    linesOf(record).map(([title, line]) => `${title.padEnd(10)} ${line}`),
    [
      `verdict    ${verdict.result}   trust ${verdict.trust}`,
      ...verdict.reasons.map((reason) => `           ${sentence(reason)}`),
      ...(leftOut ? [`           ${leftOutText(leftOut, latency(totals.histogram('response')))}`] : []),
      ...(record.after?.problem ? [`after      ${record.after.problem}`] : []),
    ],
  ]
  return joined(sections)
}

const triedOut = (steps: readonly StepResult[], monitoring: Sampling | null): string[][] =>
  monitoring === null ? acceptanceText(steps) : monitoringText(steps, monitoring)

function errors(totals: Totals): string[] {
  const all = byDimension(totals, 'errors', 'error')
  const advice = errorsAdvice(all.map(({ value }) => value))
  return [...counts('errors', all), ...advice.map((text) => `${' '.repeat(10)} ${text}`)]
}

function steering({ state: { epochs, plan } }: RunRecord): string[] {
  if (epochs.length === 0) return []
  const said = epochs.map((epoch) => `${epochText(epoch)} at ${epoch.at.toFixed(1)} s`)
  return [`steered    ${said.join(', ')}: ${int(plan.arrivals)} arrivals were planned`]
}

function tables(record: RunRecord): string[][] {
  const { state, script } = record
  const warmUps = script.warmUp.map((i) => state.plan.profile.pieces[i]?.name).join(', ')
  return [
    columns([
      ['latency ms', ...latencyHeads],
      ...latencies(state.totals).map(({ name, latency }) => [name, ...latencyCells(latency)]),
    ]),
    warmUps === '' ? [] : [`warm-up    ${warmUps}: in the ledger, and in nothing else here`],
    endpoints(record),
  ]
}

function apdex(totals: Totals): string[] {
  const counters = Object.fromEntries(
    ['satisfied', 'tolerated', 'frustrated'].map((name) => [
      `apdex.${name}`,
      totals.counter(artillery(`apdex.${name}`)),
    ]),
  )
  const found = apdexOf(counters)
  return found === null ? [] : [`apdex      ${found.score.toFixed(2)} (${found.ranking})`]
}

function endpoints({ state: { totals } }: RunRecord): string[] {
  const all = byDimension(totals, 'requests', 'endpoint')
  const rows = all.slice(0, MOST_ROWS).map(({ value, count }) => {
    const response = latency(totals.histogram(named('response', 'endpoint', value)))
    const failures = totals.counter(named('failures', 'endpoint', value))
    return [value, int(count), int(failures), ...latencyCells(response)]
  })
  if (rows.length === 0) return []
  const rest = all.length - rows.length
  return [
    ...columns([['response ms by endpoint', 'requests', 'failed', ...latencyHeads], ...rows]),
    ...(rest > 0 ? [`and ${rest} more in the JSON report`] : []),
  ]
}

function counts(title: string, entries: { value: string; count: number }[]): string[] {
  if (entries.length === 0) return []
  const shown = entries.slice(0, MOST_ROWS).map(({ value, count }) => `${value} × ${int(count)}`)
  const rest = entries.length - shown.length
  return [`${title.padEnd(10)} ${shown.join(', ')}${rest > 0 ? `, and ${rest} more` : ''}`]
}
