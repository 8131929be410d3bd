/** What is told of a detached run at its end. */
import { basename } from 'node:path'
import { latency } from '../measure/summary.ts'
import { recordLines, subjectOf, type Told } from '../round-texts.ts'
import type { RunRecord } from '../run/record.ts'
import { ledgerOf } from '../run/state.ts'
import { sentence } from './advice.ts'
import { int } from './cells.ts'

/** Of a verdict; the report has all. */
const MOST_REASONS = 5

/** What the stage's topic is told. */
export function endedTexts({ id, script, state, platform, verdict, exit }: RunRecord): Told {
  const { stage = '', region = '', bucket = '' } = platform ?? {}
  const { due, launched, lost } = ledgerOf(state)
  const { totals } = state
  const { p99 } = latency(totals.histogram('response'))
  const head = `slsart: ${basename(script.file)} (${stage}, ${region}): ${verdict.result}, exit ${exit.code}`
  const lines = [
    head,
    '',
    `${int(launched)} of ${int(due)} virtual users launched, ${int(lost)} lost; ${int(totals.counter('requests'))} requests, ` +
      `${int(totals.counter('failures'))} failed; response p99 ${p99.toFixed(1)} ms; trust ${verdict.trust}.`,
    ...verdict.reasons.slice(0, MOST_REASONS).map((reason) => `  ${sentence(reason)}`),
    '',
    ...recordLines({ run: id, stage, region, bucket }),
  ]
  return { subject: subjectOf(head), message: lines.join('\n') }
}
