/**
 * Whether a worker that is gone is replaced: its slice's next attempt takes over what is due from when it is ready. What was due in between is
 * lost, and counted.
 */
import type { Gone } from '../fleet/fleet.ts'
import type { Millis } from '../units.ts'
import type { RunState } from './state.ts'
import { lastAttempt } from './workers.ts'

/** Whoever fails so often fails for a reason that another attempt will not mend. */
const ATTEMPTS = 3
/** Starting a worker takes as long: of a window with less left nothing could be saved. */
const WORTH_IT: Millis = 1_000

/** `to`: when its window ends; null before T0. `givenUp`: it was told to stop, and has perhaps done so in order. `ending`: the load was told to end. */
export function isReplaced(
  state: RunState,
  { slice, attempt, retry }: Pick<Gone, 'retry'> & { slice: number; attempt: number },
  { now, to, givenUp, ending }: { now: Millis; to: Millis | null; givenUp: boolean; ending: boolean },
): boolean {
  const worker = state.workers[slice]
  if (worker === undefined || ending || !retry || (worker.is === 'done' && !givenUp)) return false
  // Its claim was another's, or its time was over: a fault of the order, not of the worker.
  if (worker.trouble?.fault?.code === 'late') return false
  return attempt === lastAttempt(worker) && attempt < ATTEMPTS && (to === null || now < to - WORTH_IT)
}
