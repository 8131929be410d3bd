/** pass, fail or inconclusive, and why, as data; the sentences are in report/advice.ts. Never pass on partial data. */
import type { Micros, Seconds } from '../units.ts'
import { type Round, roundOf, type StepResult, stepHolds } from './acceptance.ts'
import { balances, type Ledger } from './ledger.ts'
import type { Cause, Trust } from './trust.ts'

/** `observed` has every metric of the expression; null for what was not measured. `at`: in which seconds of the run, null: in all. */
export type Judged = {
  said: string
  strict: boolean
  ok: boolean
  observed: Record<string, number | string | null>
  at: { from: Seconds; to: Seconds } | null
  /** Whether it compares with another run. */
  relative: boolean
}

/** `order`: from elsewhere, by the run's orders. `lease`: nobody renewed it, since the conductor was gone. `budget`: more would have cost more than was said. */
export type StoppedBy = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'order' | 'lease' | 'budget'

export type Reason =
  | { kind: 'stopped'; by: StoppedBy }
  | { kind: 'ledger'; ledger: Ledger }
  | { kind: 'lost-workers'; lost: number; planned: number; why: string }
  | ({ kind: 'gaps' } & Evidence['gaps'])
  | { kind: 'cut-off'; unfinished: number }
  | { kind: 'missing-frames'; frames: number }
  | ({ kind: 'late'; of: number } & Evidence['late'])
  | { kind: 'silent'; workers: number; arrivals: number; of: number }
  | { kind: 'no-response'; requests: number; failed: number }
  | { kind: 'record'; message: string }
  | { kind: 'record-cut'; at: Seconds }
  | ({ kind: 'threshold' } & Pick<Judged, 'said' | 'observed' | 'at' | 'relative'>)
  | ({ kind: 'aborted' } & Aborted)
  | { kind: 'expectations'; failed: number; of: number }
  | { kind: 'suggested'; code: number }
  | { kind: 'acceptance'; failed: number; of: number; scenarios: string[] }
  | ({ kind: 'monitoring'; budget: number } & Round)

/** The threshold that ended the load, and when. */
export type Aborted = { said: string; at: Seconds }

export type Verdict = { result: 'pass' | 'fail' | 'inconclusive'; trust: Trust; reasons: Reason[] }

export type Evidence = {
  ledger: Ledger
  trust: Trust
  requests: number
  responses: number
  stoppedBy: StoppedBy | null
  aborted: Aborted | null
  /** Of scenarios that were tried out: these decide, and nothing else. */
  steps: readonly StepResult[] | null
  /** Of a monitoring round: how many errors its steps may have. */
  errorBudget: number | null
  lost: { lost: number; planned: number; why: string }
  /** Arrivals that nobody launched before a worker began late, or was replaced: `workers` had such gaps, `replaced` were tried again. */
  gaps: { workers: number; replaced: number; lost: number; of: number; why: string }
  /** Virtual users that were not done when a worker's time to drain was over; those of lost workers went with them. */
  cutOff: number
  /** The share of the workers that must have come to their end. */
  quorum: number
  /** `causes`: what made workers late, of any of them. `refused`: errors of requests that were the generator's own. */
  late: {
    workers: number
    arrivals: number
    causes: Cause[]
    refused: number
    latenessP99: Micros
    latenessMax: Micros
  }
  silent: { workers: number; arrivals: number }
  missingFrames: number
  /** Why the record could not be written to its end. */
  problem: string | null
  /** When the record was cut off. */
  cut: { at: Seconds } | null
  thresholds: readonly Judged[]
  /** Of the `expect` plugin. */
  expectations: { failed: number; of: number }
  /** The exit code that the script's own code, or a plugin, suggested; 0 when none did. */
  suggested: number
}

const EXPECT = 21

/**
 * `late`, `silent`, gaps and workers lost within the quorum make a run inconclusive only when its trust is invalid; every other reason does by
 * itself.
 */
export function judge(evidence: Evidence): Verdict {
  const { ledger, trust, requests, late, lost } = evidence
  const reasons: Reason[] = []
  if (evidence.stoppedBy !== null) reasons.push({ kind: 'stopped', by: evidence.stoppedBy })
  // A hair of room: 19 of 20 are 0.95, and 1 - 0.05 is not.
  const enough = lost.planned - lost.lost >= evidence.quorum * lost.planned - 1e-9
  const gone: Reason[] = lost.lost > 0 ? [{ kind: 'lost-workers', ...lost }] : []
  if (!enough) reasons.push(...gone)
  const wholeRun = evidence.stoppedBy === null && evidence.aborted === null
  if (evidence.cutOff > 0 && wholeRun) reasons.push({ kind: 'cut-off', unfinished: evidence.cutOff })
  if (evidence.missingFrames > 0) reasons.push({ kind: 'missing-frames', frames: evidence.missingFrames })
  if (!balances(ledger)) reasons.push({ kind: 'ledger', ledger })
  if (evidence.problem !== null) reasons.push({ kind: 'record', message: evidence.problem })
  if (evidence.cut !== null) reasons.push({ kind: 'record-cut', at: evidence.cut.at })
  const nobodyGotThrough = ledger.failed > 0 && ledger.completed === 0
  // Whoever only tries out knows by the steps that nothing was answered.
  if (evidence.steps === null && evidence.responses === 0 && (requests > 0 || nobodyGotThrough)) {
    reasons.push({ kind: 'no-response', requests, failed: ledger.failed })
  }
  const conclusive = reasons.length === 0 && trust !== 'invalid'
  if (enough) reasons.push(...gone)
  if (evidence.gaps.lost > 0) reasons.push({ kind: 'gaps', ...evidence.gaps })
  if (late.workers > 0) reasons.push({ kind: 'late', ...late, of: ledger.launched })
  if (evidence.silent.workers > 0) reasons.push({ kind: 'silent', ...evidence.silent, of: ledger.launched })
  const round = evidence.errorBudget === null ? null : monitoring(evidence.steps ?? [], evidence.errorBudget)
  if (round !== null && round.errors > 0 && !isSpent(round)) reasons.push(round)
  const failures: Reason[] = evidence.thresholds
    .filter(({ ok, strict }) => strict && !ok)
    // A run that ended early may not have come to what a threshold looks at.
    .filter(({ observed }) => wholeRun || !Object.values(observed).includes(null))
    .map(({ said, observed, at, relative }) => ({ kind: 'threshold', said, observed, at, relative }))
  if (evidence.aborted !== null) failures.unshift({ kind: 'aborted', ...evidence.aborted })
  if (round !== null) failures.push(...(isSpent(round) ? [round] : []))
  else if (evidence.steps !== null) failures.push(...acceptance(evidence.steps))
  else if (evidence.expectations.failed > 0) failures.push({ kind: 'expectations', ...evidence.expectations })
  // The plugin `expect` suggests one itself.
  const expected = evidence.expectations.failed > 0 && evidence.suggested === EXPECT
  if (evidence.suggested !== 0 && !expected) failures.push({ kind: 'suggested', code: evidence.suggested })
  const result = conclusive ? (failures.length > 0 ? 'fail' : 'pass') : 'inconclusive'
  return { result, trust, reasons: [...failures, ...reasons] }
}

function acceptance(steps: readonly StepResult[]): Reason[] {
  const failed = steps.filter((step) => !stepHolds(step))
  if (failed.length === 0) return []
  const scenarios = [...new Set(failed.map(({ scenario }) => scenario))]
  return [{ kind: 'acceptance', failed: failed.length, of: steps.length, scenarios }]
}

type Monitored = Extract<Reason, { kind: 'monitoring' }>

const monitoring = (steps: readonly StepResult[], budget: number): Monitored => ({
  ...{ kind: 'monitoring', budget },
  ...roundOf(steps),
})

/** As many errors as the budget has are tolerated. */
export const isSpent = ({ errors, budget }: Pick<Monitored, 'errors' | 'budget'>): boolean => errors > budget
