/** Two runs held against each other: a sentence first, then what it rests on. */
import { basename } from 'node:path'
import { CONFIDENCE, type Compared, LEAST_MOVE, LEAST_SHARE, type Uncompared } from '../measure/compare.ts'
import type { Answer, Difference } from '../run/compare.ts'
import type { RunRecord } from '../run/record.ts'
import { plural } from './advice.ts'
import { int, joined, ms } from './cells.ts'
import { columns } from './columns.ts'

export const compareJson = (answer: Answer): object => ({
  schema: 'slsart.compare/1',
  baseline: answer.baseline.id,
  run: answer.run.id,
  ...{ result: answer.result, sentence: sentenceOf(answer) },
  ...{ confidence: CONFIDENCE, effect: answer.effect },
  inconclusive: answer.unsure.map(({ id }) => id),
  differences: answer.differences,
  compared: answer.compared,
  uncompared: answer.uncompared,
  exit: { code: answer.exit, all: [answer.exit] },
})

export const compareText = (answer: Answer): string =>
  joined([
    [sentenceOf(answer)],
    [
      ...columns([
        ['baseline', ...runCells(answer.baseline)],
        ['run', ...runCells(answer.run)],
      ]),
      ...answer.differences.map(differenceText),
    ],
    tableOf(answer.compared),
    uncomparedOf(answer.uncompared),
    answer.compared.length === 0 ? [] : footOf(answer),
  ])

const runCells = ({ id, script, state, verdict }: RunRecord): string[] => [
  id,
  basename(script.file),
  `${plural(state.plan.arrivals, 'arrival')} in ${int(Math.round(state.plan.profile.duration))} s`,
  `${verdict.result}, trust ${verdict.trust}`,
]

const differenceText = ({ what, baseline, run }: Difference): string =>
  `not of the same ${what}: ${baseline} in the baseline, ${run} in the run`

/** In one line: what somebody needs who reads nothing else. */
function sentenceOf({ result, compared, unsure, effect }: Answer): string {
  if (unsure.length > 0)
    return `Inconclusive: ${unsure.map(({ id }) => `run ${id}`).join(' and ')} ${unsure.length > 1 ? 'are' : 'is'} inconclusive, and so is what follows from ${unsure.length > 1 ? 'them' : 'it'}.`
  if (compared.length === 0)
    return 'Inconclusive: the two runs have too few answers, or lasted too short a time, to be compared.'
  const of = (answer: Compared['answer']): Compared[] => compared.filter((one) => one.answer === answer)
  if (result === 'regression') return `Regression: ${worstText(of('worse'))}.`
  const [better, same] = [of('better').length, of('same').length]
  const parts = [
    ...(same > 0 ? [`${same} stayed within ${percent(effect)}`] : []),
    ...(better > 0 ? [`${better} got better`] : []),
    ...(of('unclear').length > 0 ? [`${of('unclear').length} cannot be told from chance`] : []),
  ]
  return `No regression is shown: of ${plural(compared.length, 'comparison')} ${parts.join(', ')}.`
}

/** What is worse, the worst first, latencies before shares. */
function worstText(worse: readonly Compared[]): string {
  const [first] = worse.toSorted((a, b) => Number(isShare(a)) - Number(isShare(b)) || b.change.low - a.change.low)
  if (first === undefined) return ''
  const { change, metric } = first
  const { low, high } = change
  const moved = isShare(first)
    ? `${METRICS[metric]} of ${whereOf(first)} went from ${percent(first.baseline, 2)} to ${percent(first.run, 2)}`
    : `${METRICS[metric]} of ${whereOf(first)} is ${percent(change.estimate)} longer (${ms(first.baseline)} to ${ms(first.run)} ms; between ${signed(low)} and ${signed(high)})`
  return worse.length > 1 ? `${moved}, and ${worse.length - 1} more got worse` : moved
}

const METRICS: Record<Compared['metric'], string> = {
  ...{ p50_ms: 'p50', p95_ms: 'p95', p99_ms: 'p99' },
  ...{ failures: 'failed requests', error_statuses: 'statuses from 400', failed_users: 'failed virtual users' },
}

const isShare = ({ metric }: Pick<Compared, 'metric'>): boolean => !metric.endsWith('_ms')
const whereOf = ({ endpoint }: Pick<Compared, 'endpoint'>): string => endpoint ?? 'all requests'

const percent = (share: number, digits = Math.abs(share) < 0.1 ? 1 : 0): string =>
  `${(share * 100).toFixed(digits).replace(/\.0$/, '')} %`
const signed = (share: number): string => `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`
const points = (share: number): string => `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(2)} pt`

function tableOf(compared: readonly Compared[]): string[] {
  if (compared.length === 0) return []
  const rows = compared.map((one, i): string[] => {
    const { metric, change, answer } = one
    const shown = isShare(one) ? points : signed
    const value = (n: number): string => (isShare(one) ? percent(n, 2) : `${ms(n)} ms`)
    return [
      whereOf(one) === whereOf(compared[i - 1] ?? { endpoint: '' }) ? '' : whereOf(one),
      ...[METRICS[metric], value(one.baseline), value(one.run), shown(change.estimate)],
      ...[shown(change.low), shown(change.high), answer],
    ]
  })
  return columns([['response time', '', 'baseline', 'run', 'change', 'from', 'to', ''], ...rows])
}

const WHY: Record<Uncompared['why'], string> = {
  few: 'not compared, for too few answers or too short a time',
  'baseline-only': 'only in the baseline',
  'run-only': 'only in the run',
}

const uncomparedOf = (uncompared: readonly Uncompared[]): string[] =>
  [...Map.groupBy(uncompared, ({ why }) => why)].map(
    ([why, of]) =>
      `${WHY[why]}: ${of.map((one) => (one.metric === null ? whereOf(one) : `${METRICS[one.metric]} of ${whereOf(one)}`)).join(', ')}`,
  )

const footOf = ({ compared, effect }: Answer): string[] => [
  `With ${percent(CONFIDENCE)} confidence all ${plural(compared.length, 'change')} lie between "from" and "to". A latency that moved by less than ${percent(effect)}`,
  `or ${LEAST_MOVE} ms, or a share by less than ${percent(LEAST_SHARE)}, is the same.`,
]
