/**
 * A slice's attempts, and the ledger that they make together. What is due from a moment on belongs to the attempt that began then; what was due
 * before and was told by nobody is lost. With a worker that is gone 3 s into its window, and its next attempt begun at 5 s:
 *
 *   due        0 1 2 3 4 5 6 7 8 9
 *   attempt 1  0 1 2 . .              told by its frames; 3 and 4 are lost
 *   attempt 2            5 6 7 8 9
 *
 * A frame that comes late still counts: what it tells of was not lost after all.
 */
import type { Ledger } from '../measure/ledger.ts'
import type { Millis, Seconds } from '../units.ts'

type Told = Pick<Ledger, 'launched' | 'skipped' | 'completed' | 'failed'>

/** What a worker said of itself at its end. */
type Own = Pick<Ledger, 'due' | 'lost' | 'unfinished'> & { frames: number }

export type Attempt = {
  attempt: number
  /** From when on the slice's arrivals are its own; null: it has not begun. */
  from: Seconds | null
  /** By its frames. */
  told: Told
  /** null: it has not said `done`. */
  own: Own | null
  launchedAt: Millis
  /** When its end was heard of; null: it may be at work. */
  endedAt: Millis | null
  /** Why it is gone without having said `done`; null while all is well. */
  reason: string | null
  /** How long the platform charges it for; null where nobody charges, or has not said. */
  billed: Millis | null
}

/** `from`: the beginning of its window; a later attempt begins when the orders say so. */
export const newAttempt = (attempt: number, from: Seconds, launchedAt: Millis): Attempt => ({
  ...{ attempt, launchedAt, from: attempt === 1 ? from : null, own: null, endedAt: null, reason: null, billed: null },
  told: { launched: 0, skipped: 0, completed: 0, failed: 0 },
})

/** The list with that attempt changed; as it is when it has none. */
export const withAttempt = (
  attempts: readonly Attempt[],
  number: number,
  update: (attempt: Attempt) => Partial<Attempt>,
): readonly Attempt[] =>
  attempts.map((attempt) => (attempt.attempt === number ? { ...attempt, ...update(attempt) } : attempt))

/** How many arrivals the slice is due from a second of the run on. */
type DueFrom = (from: Seconds) => number

/**
 * `isOver`: nobody else will try the slice. With frames missing what is lost can fall below nothing; it is cut there, and the ledger
 * then does not balance, as it should not.
 */
export function ledgerOfAttempts(attempts: readonly Attempt[], due: number, dueFrom: DueFrom, isOver: boolean): Ledger {
  const ledger: Ledger = { due, launched: 0, skipped: 0, lost: 0, completed: 0, failed: 0, unfinished: 0 }
  const begun = attempts.filter(({ from }) => from !== null)
  // What was due before anybody began.
  ledger.lost = begun.length > 0 ? due - dueFrom(begun[0]?.from as Seconds) : isOver ? due : 0
  for (const { told } of attempts) for (const key of Object.keys(told) as (keyof Told)[]) ledger[key] += told[key]
  for (const [i, { told, own, from, endedAt }] of begun.entries()) {
    const next = begun[i + 1]?.from ?? null
    if (own === null && endedAt === null) continue
    ledger.unfinished += own?.unfinished ?? Math.max(0, told.launched - told.completed - told.failed)
    const rest = next === null ? 0 : dueFrom(next)
    const mine = dueFrom(from as Seconds)
    // What it was due by its own account is not what it is due now when the load was steered since, or when it was stopped before it heard when it joins.
    if (own !== null) ledger.lost += Math.max(0, own.lost + mine - own.due - rest)
    else if (next !== null || isOver) ledger.lost += Math.max(0, mine - rest - told.launched - told.skipped)
  }
  return ledger
}

/** How many were lost before the last attempt began: nobody told them not to be launched. */
export const lostBetween = (attempts: readonly Attempt[], { lost }: Ledger): number =>
  Math.max(0, lost - (attempts.at(-1)?.own?.lost ?? 0))
