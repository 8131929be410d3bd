/** What the verdict is judged on, read off the state in which a run ended. */
import { artillery, named } from '../measure/names.ts'
import { CAUSES, isLate, notOk, REFUSALS, trustOf, wasSilent } from '../measure/trust.ts'
import type { Evidence } from '../measure/verdict.ts'
import { lostBetween } from './attempts.ts'
import { ledgerOf, type RunState } from './state.ts'
import type { WorkerState } from './workers.ts'

export function evidence(
  state: RunState,
  record: Pick<Evidence, 'problem' | 'cut'>,
  asked: Pick<Evidence, 'thresholds' | 'suggested' | 'quorum' | 'aborted' | 'steps' | 'errorBudget'>,
): Evidence {
  const ledger = ledgerOf(state)
  const lost = (worker: WorkerState): number => lostOf(worker, state.endedAt !== null)
  const late = state.workers.filter(({ condition }) => isLate(condition))
  const silent = state.workers.filter(({ condition }) => wasSilent(condition))
  const gone = state.workers.filter(({ is }) => is === 'lost')
  const replaced = state.workers.filter(({ is, attempts }) => is !== 'lost' && attempts.length > 1)
  const expected = (what: 'ok' | 'failed'): number => state.totals.counter(artillery(`plugins.expect.${what}`))
  const lateness = state.totals.histogram('lateness')
  const sum = (workers: readonly WorkerState[], of: (worker: WorkerState) => number): number =>
    workers.reduce((total, worker) => total + of(worker), 0)
  return {
    ledger,
    trust: trustOf({
      all: ledger.launched + sum(state.workers, lost),
      fromWorkersNotOk: sum(state.workers, (worker) =>
        worker.is === 'lost'
          ? worker.ledger.launched + worker.ledger.lost
          : Math.min(worker.ledger.launched, notOk(worker.condition)) + lost(worker),
      ),
    }),
    requests: state.totals.counter('requests'),
    responses: state.totals.counter('responses'),
    stoppedBy: state.stoppedBy,
    lost: { lost: gone.length, planned: state.workers.length, why: gone[0]?.trouble?.reason ?? '' },
    gaps: {
      workers: state.workers.filter((worker) => worker.is !== 'lost' && lost(worker) > 0).length,
      replaced: replaced.length,
      lost: sum(state.workers, (worker) => (worker.is === 'lost' ? 0 : lost(worker))),
      of: ledger.due,
      why: replaced.flatMap(({ attempts }) => attempts.flatMap(({ reason }) => reason ?? []))[0] ?? '',
    },
    late: {
      workers: late.length,
      // Who was at work through two late times is one.
      arrivals: sum(late, ({ condition, ledger }) => Math.min(ledger.launched, condition.lateArrivals)),
      causes: CAUSES.filter((cause) => late.some(({ condition }) => condition.causes[cause] > 0)),
      refused: Object.keys(REFUSALS).reduce(
        (total, code) => total + state.totals.counter(named('errors', 'error', code)),
        0,
      ),
      latenessP99: lateness.percentile(99),
      latenessMax: lateness.count === 0 ? 0 : lateness.max,
    },
    silent: { workers: silent.length, arrivals: sum(silent, ({ condition }) => condition.silentArrivals) },
    missingFrames: sum(state.workers, ({ slice, attempts }) =>
      attempts.reduce(
        (total, { attempt, own }) =>
          own === null ? total : total + own.frames - state.totals.framesOf(slice, attempt),
        0,
      ),
    ),
    ...record,
    problem: record.problem ?? state.unkept,
    cutOff: sum(
      state.workers.filter(({ is }) => is !== 'lost'),
      (worker) => worker.ledger.unfinished,
    ),
    ...asked,
    expectations: {
      failed: expected('failed'),
      of: expected('failed') + expected('ok'),
    },
  }
}

/** What nobody launched because nobody was there: not what was told to end. A run that nobody ended has no other reason to lose anything. */
function lostOf({ is, attempts, ledger }: WorkerState, wasEnded: boolean): number {
  if (is !== 'lost' && is !== 'done') return 0
  return is === 'done' && wasEnded ? lostBetween(attempts, ledger) : ledger.lost
}
