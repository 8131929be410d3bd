/** The summary as Markdown: for a pull request, or the step summary of a CI job. */
import { type StepResult, stepHolds } from '../measure/acceptance.ts'
import { byDimension } from '../measure/exchanges.ts'
import { balances } from '../measure/ledger.ts'
import { named } from '../measure/names.ts'
import { latency } from '../measure/summary.ts'
import type { RunRecord } from '../run/record.ts'
import { ledgerOf } from '../run/state.ts'
import { mark, problems, tookMillis } from './acceptance.ts'
import { errorsAdvice, leftOutText, sentence } from './advice.ts'
import { int, joined, latencyCells, latencyHeads } from './cells.ts'
import { monitored } from './monitoring.ts'
import { linesOf } from './platform.ts'
import { regionCells, regionHeads } from './regions.ts'
import { type LeftOut, latencies } from './results.ts'

const MOST_ROWS = 20
const MARKS = { pass: '✅', fail: '❌', inconclusive: '⚠️' }

export function markdownReport(record: RunRecord, leftOut: LeftOut | null): string {
  const { state, script, verdict, thresholds } = record
  const { totals, plan } = state
  const ledger = ledgerOf(state)
  const all = latency(totals.histogram('response'))
  const reasons = [
    ...verdict.reasons.map((reason) => plain(sentence(reason))),
    ...(leftOut ? [leftOutText(leftOut, all)] : []),
  ]
  const sections = [
    [`## ${MARKS[verdict.result]} slsart: ${verdict.result}`],
    reasons.map((reason) => `- ${reason}`),
    [
      `Run \`${record.id}\` of ${code(script.file)} against ${plain(script.target)}, seed ${plan.seed}, trust ${verdict.trust}.`,
      `${int(ledger.due)} arrivals due = ${int(ledger.launched)} launched + ${int(ledger.skipped)} skipped + ${int(ledger.lost)} lost;` +
        ` ${int(ledger.completed)} completed, ${int(ledger.failed)} failed, ${int(ledger.unfinished)} unfinished` +
        `${balances(ledger) ? '' : ' (does not balance)'}.`,
    ],
    table(
      ['step', 'scenario', 'status', 'ms', ''],
      stepsOf(record).map((step) => [
        code(step.step),
        code(step.scenario),
        step.status === null ? '' : String(step.status),
        tookMillis(step),
        stepHolds(step) ? mark(step) : problems(step).map(code).join(' '),
      ]),
    ),
    table(['scenario', 'samples', 'failed', 'errors'], sampledRows(record)),
    linesOf(record).map(([title, line]) => `- ${title}: ${line}`),
    // A few requests say nothing about latencies.
    ...(record.steps === null ? tables(record) : []),
    table(
      ['threshold', ''],
      thresholds.map(({ said, ok, strict }) => [
        code(said),
        `${ok ? 'held' : 'did not hold'}${strict ? '' : ' (optional)'}`,
      ]),
    ),
    table(
      ['error', 'times'],
      byDimension(totals, 'errors', 'error').map(({ value, count }) => [code(value), int(count)]),
    ),
    errorsAdvice(byDimension(totals, 'errors', 'error').map(({ value }) => value)),
  ]
  return joined(sections)
}

function tables(record: RunRecord): string[][] {
  const { totals } = record.state
  const endpoints = byDimension(totals, 'requests', 'endpoint')
  return [
    table(
      ['latency, ms', ...latencyHeads],
      latencies(totals).map(({ name, latency }) => [name, ...latencyCells(latency)]),
    ),
    table(
      ['endpoint', 'requests', 'failed', ...latencyHeads],
      endpoints
        .slice(0, MOST_ROWS)
        .map(({ value, count }) => [
          code(value),
          int(count),
          int(totals.counter(named('failures', 'endpoint', value))),
          ...latencyCells(latency(totals.histogram(named('response', 'endpoint', value)))),
        ]),
    ),
    endpoints.length > MOST_ROWS ? [`and ${endpoints.length - MOST_ROWS} endpoints more`] : [],
    table(['region', ...regionHeads], regionCells(record)),
  ]
}

/** Of a monitoring round those of samples that had errors. */
const stepsOf = ({ steps, monitoring }: RunRecord): readonly StepResult[] =>
  monitoring === null ? (steps ?? []) : monitored(steps ?? [], monitoring).failures.flatMap((sample) => sample.steps)

const sampledRows = ({ steps, monitoring }: RunRecord): string[][] =>
  monitoring === null
    ? []
    : monitored(steps ?? [], monitoring).scenarios.map(({ name, samples, failed, errors }) => [
        code(name),
        ...[samples, failed, errors].map(int),
      ])

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return []
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)]
}

/** A sentence may quote what somebody else has said: no link, no picture, no markup is made of it. */
const plain = (text: string): string =>
  text.replaceAll(/[[\]]/g, '\\$&').replaceAll('<', '&lt;').replaceAll(/\s+/g, ' ')

/** As code, and in one cell: a URL or an error may say anything. */
const code = (text: string): string => `\`${text.replaceAll('`', "'").replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')}\``
