/** What is said of a run that goes on without its command, and at its end to whom it may concern. */
import { basename } from 'node:path'
import { latency } from '../measure/summary.ts'
import { recordLines, subjectOf, type Told } from '../round-texts.ts'
import type { RunRecord } from '../run/record.ts'
import { ledgerOf } from '../run/state.ts'
import type { Millis } from '../units.ts'
import { sentence } from './advice.ts'
import { int } from './cells.ts'

/** Of a verdict; the report has all. */
const MOST_REASONS = 5

type Where = { stage: string; region: string; t0: Millis; end: Millis }

const clockTime = (at: Millis): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`

export function detachedText(run: string, { stage, region, t0, end }: Where): string {
  const of = `${run} --stage ${stage} --region ${region}`
  return [
    `run ${run} goes on by itself on the stage ${stage} in ${region}`,
    `load       from ${clockTime(t0)}, and over by ${clockTime(end)} at the latest`,
    `watch      slsart attach ${of}`,
    `results    slsart report ${of}`,
    `end early  slsart kill ${of}`,
  ].join('\n')
}

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
