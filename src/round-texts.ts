/** Monitoring in words: what a round came to, what is told of it and of detached runs, and why one is refused. The kinds of errors are in errors.ts. */
import { PreflightError, UsageError } from './errors.ts'
import { grouped } from './units.ts'

const plural = (n: number, word: string): string => `${grouped(n)} ${word}${n === 1 ? '' : 's'}`

type Counted = { errors: number; samples: number; failed: number; budget: number }

const seenText = ({ errors, failed, samples }: Counted): string =>
  `${plural(errors, 'error')} in ${failed} of ${plural(samples, 'sample')}`

/** A reason of the verdict, by its shape. `scenarios`: those that had errors. */
export function roundSentence(round: Counted & { scenarios: readonly string[] }): string {
  const { errors, budget, scenarios } = round
  const seen = `${seenText(round)} (${scenarios.join(', ')})`
  return errors > budget
    ? `The error budget is spent: ${seen}, and ${budget} ${budget === 1 ? 'is' : 'are'} tolerated.`
    : `${seen}: within the error budget of ${budget}.`
}

/** When the pauses alone may bring a round near what the script lets a run last. */
export const longRoundText = (seconds: number, limit: number): string =>
  `a round may last ${seconds.toFixed(1)} s, and the script's limit is ${limit} s: \`warningThreshold\` says from which share of it to say so`

export const monitorErrors = {
  alertOnly: (): UsageError =>
    new UsageError('an alert needs something to tell of: a monitored script, or detached runs', {
      hint: 'Stages with --role-arn have no state machine for detached runs: give --monitor FILE, or leave --alert out.',
    }),
  tooLong: (seconds: number, most: number): PreflightError =>
    new PreflightError(`a monitoring round may last ${seconds.toFixed(0)} s, and there are ${most} s for one`, {
      hint: 'Give a longer --every, or sample less: `config.slsart.monitoring`. Nothing was deployed.',
    }),
} as const

/** How a scheduled round ended. `why`: of a worker that could not do it; null when it was told to stop. */
export type RoundState = Counted & { planned: number } & ({ is: 'ok' | 'spent' } | { is: 'broken'; why: string | null })

type OfRun = { stage: string; region: string; bucket: string; script: string; run: string }
/** Of a step that was sampled, by its shape. */
type Failing = {
  scenario: string
  step: string
  status: number | null
  asserted: readonly { ok: boolean; said: string }[]
  error: string | null
}

const MOST_FAILING = 5
/** SNS takes so much ASCII for a subject. */
const SUBJECT = 100

const roundSaid: Record<RoundState['is'], string> = {
  ok: 'within its error budget again',
  spent: 'the error budget is spent',
  broken: 'a round could not be run',
}

/** A message to a stage's topic. */
export type Told = { subject: string; message: string }

/** What is told when the state of what is monitored has changed, and where its record is. */
export function roundTexts(of: OfRun, state: RoundState, steps: readonly Failing[]): Told {
  const { script, stage, region } = of
  const head = `slsart: ${script} (${stage}, ${region}): ${roundSaid[state.is]}`
  const numbers = `${seenText(state)}; the error budget is ${state.budget}.`
  const why =
    state.is === 'broken' ? [`${state.samples} of ${state.planned} samples were taken. ${state.why ?? ''}`.trim()] : []
  const failing = steps.map(failingText).filter((text) => text !== '')
  const more = failing.length - MOST_FAILING
  const lines = [
    head,
    '',
    ...[...why, numbers],
    ...failing.slice(0, MOST_FAILING).map((text) => `  ${text}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
    '',
    ...recordLines(of),
  ]
  return { subject: subjectOf(head), message: lines.join('\n') }
}

export const subjectOf = (head: string): string => head.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, SUBJECT)

/** Where a run's record is. */
export const recordLines = ({ run, stage, region, bucket }: Omit<OfRun, 'script'>): string[] => [
  `Run ${run}: slsart report ${run} --stage ${stage} --region ${region}`,
  `https://s3.console.aws.amazon.com/s3/buckets/${bucket}?region=${region}&prefix=runs/${run}/`,
]

/** Of a detached run whose last step did not come to its end. The state machine puts in the run's name, and the region. */
export const unclosed = {
  subject: (stage: string): string => `slsart: the report of a detached run could not be made (${stage})`,
  message: (stage: string): string =>
    `Run {} is over, and its report was not made in the bucket. What there is: slsart report {} --stage ${stage} --region {}`,
} as const

/** Empty when the step held. */
function failingText({ scenario, step, status, asserted, error }: Failing): string {
  const said = [...asserted.filter(({ ok }) => !ok).map(({ said }) => said), ...(error === null ? [] : [error])]
  if (said.length === 0) return ''
  return `${scenario}: ${step}${status === null ? '' : ` answered ${status}`}: ${said.join('; ')}`
}
