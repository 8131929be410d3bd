/** What the verdict is judged on, read off the state in which a run ended. */
import { artillery } from '../measure/names.ts'
import { isLate, trustOf } from '../measure/trust.ts'
import type { Evidence } from '../measure/verdict.ts'
import { ledgerOf, type RunState, type WorkerState } from './state.ts'

export function evidence(
  state: RunState,
  recordProblem: string | null,
  { thresholds, suggested }: Pick<Evidence, 'thresholds' | 'suggested'>,
): Evidence {
  const ledger = ledgerOf(state)
  const notOk = state.workers.filter((worker) => worker.is === 'lost' || isLate(worker.punctuality))
  const late = state.workers.filter(({ punctuality }) => isLate(punctuality))
  const gone = state.workers.filter(({ is }) => is === 'lost')
  const expected = (what: 'ok' | 'failed'): number => state.totals.counter(artillery(`plugins.expect.${what}`))
  const lateness = state.totals.histogram('lateness')
  const sum = (workers: readonly WorkerState[], of: (worker: WorkerState) => number): number =>
    workers.reduce((total, worker) => total + of(worker), 0)
  return {
    ledger,
    trust: trustOf({
      all: ledger.launched + sum(gone, (worker) => worker.ledger.lost),
      fromWorkersNotOk: sum(notOk, (worker) =>
        worker.is === 'lost' ? worker.ledger.launched + worker.ledger.lost : worker.punctuality.lateArrivals,
      ),
    }),
    requests: state.totals.counter('requests'),
    responses: state.totals.counter('responses'),
    stoppedBy: state.stoppedBy,
    lost: { lost: gone.length, planned: state.workers.length, why: gone[0]?.trouble?.reason ?? '' },
    late: {
      workers: late.length,
      arrivals: sum(late, ({ punctuality }) => punctuality.lateArrivals),
      latenessP99: lateness.percentile(99),
      latenessMax: lateness.count === 0 ? 0 : lateness.max,
    },
    missingFrames: sum(state.workers, ({ slice, framesClaimed }) =>
      framesClaimed === null ? 0 : framesClaimed - state.totals.framesOf(slice, 1),
    ),
    recordProblem,
    ...{ thresholds, suggested },
    expectations: {
      failed: expected('failed'),
      of: expected('failed') + expected('ok'),
    },
  }
}
