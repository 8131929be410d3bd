/** What is asked of a run's load from elsewhere, and what came of it: documents in the run's store, each pair under one number. */
import type { Epoch, Steering } from '../plan/epochs.ts'
import type { Millis } from '../units.ts'

/** `token`: like no other's, so that a store whose first answer was lost knows what is there for its own. */
export type SteerRequest = { at: Millis; token: string; steering: Steering }

/**
 * Why a load is not steered. `fixed`: it has several windows. `early`: it has not begun, or nobody knows by now. `late`: it is over before all
 * workers would have heard. `ended`: it was told to end, or is over. `paused` and `going`: it is so already.
 * `limited`: it would pass the arrival rates that the script allows. `unreadable`: nobody asks so.
 */
export type Unsteered = 'fixed' | 'early' | 'late' | 'ended' | 'paused' | 'going' | 'limited' | 'unreadable'

/**
 * `taken`: the conductor carries it out, and has not said how. `withdrawn`: whoever asked waits no longer; it is not carried out. Whichever
 * of the two is there first counts; only `taken` is followed by another.
 */
export type SteerAnswer =
  | { kind: 'taken' }
  | { kind: 'withdrawn' }
  | { kind: 'steered'; epoch: Epoch }
  | { kind: 'refused'; why: Unsteered }

/** Of the script's arrival rates: more at once is a slip of the finger. */
export const MOST_SCALE = 10
