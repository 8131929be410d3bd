/** A script and what the user wants of the run, to its plan. */
import { preflightErrors } from '../errors.ts'
import { type Plan, planRun } from '../plan/plan.ts'
import { divide } from '../plan/windows.ts'
import type { Script } from '../scenario/script.ts'
import { sessionOf } from '../scenario/session.ts'
import type { Seconds, Seed } from '../units.ts'

export type Wishes = {
  seed: Seed
  /** null: the plan decides. */
  workers: number | null
  /** How long a worker may live; null: as long as the run. */
  workerLifetime: Seconds | null
}

/** Throws a PreflightError for a lifetime that leaves no time for a window. */
export function planFor(script: Script, { seed, workers, workerLifetime }: Wishes): Plan {
  const session = sessionOf(script)
  const lifetime = workerLifetime === null ? null : divide(workerLifetime, session.longest)
  if (lifetime !== null && lifetime.longest <= 0) throw preflightErrors.lifetime(workerLifetime ?? 0, lifetime)
  return planRun({ phases: script.phases, seed, workers, lifetime, session })
}
