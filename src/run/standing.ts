/** How each worker stands right now, in one word; what the verdict says of a whole run is in measure/trust.ts. */
import type { Seconds } from '../units.ts'
import type { WorkerState } from './workers.ts'

export const STANDINGS = ['ok', 'late', 'silent', 'lost', 'waiting', 'starting', 'done', 'cancelled'] as const
export type Standing = (typeof STANDINGS)[number]

/** As in measure/trust.ts: late for so many seconds, silent without a frame for so many. */
const LATE: Seconds = 3
const SILENT: Seconds = 5

/** `at`: seconds of the run. */
export function standingOf({ is, condition }: WorkerState, at: Seconds): Standing {
  if (is === 'ready') return 'ok'
  if (is !== 'running') return is
  const { heardOf, lateSince, refusedAt } = condition
  if (heardOf !== null && at - (heardOf + 1) > SILENT) return 'silent'
  if (refusedAt !== null && refusedAt === heardOf) return 'late'
  return lateSince !== null && (heardOf ?? lateSince) + 1 - lateSince >= LATE ? 'late' : 'ok'
}

export const standingsOf = (workers: readonly WorkerState[], at: Seconds): Standing[] =>
  workers.map((worker) => standingOf(worker, at))
