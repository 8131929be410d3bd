/** A script and what the user wants of the run, to its plan. */
import { preflightErrors } from '../errors.ts'
import { type Plan, planRun } from '../plan/plan.ts'
import { peakRate } from '../plan/profile.ts'
import { divide, type Lifetime } from '../plan/windows.ts'
import type { Limits } from '../scenario/limits.ts'
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

/** Throws a PreflightError when the script's own limits, or a worker's life, leave no way to run it. */
export function planFor(script: Script, { seed, workers, workerLifetime }: Wishes): Plan {
  const { limits } = script
  const session = sessionOf(script)
  const lifetime = lifetimeFor(limits, workerLifetime, session.longest)
  const { arrivalRatePerWorker } = limits
  const plan = planRun({ phases: script.phases, seed, workers, lifetime, arrivalRatePerWorker, session })
  holdToLimits(plan, limits)
  return plan
}

function lifetimeFor({ window, startUp }: Limits, seconds: Seconds | null, longestWait: Seconds): Lifetime | null {
  if (seconds === null && window === null) return null
  const own = seconds === null ? divide(Number.POSITIVE_INFINITY, longestWait) : divide(seconds, longestWait)
  const lifetime = { ...own, longest: Math.min(own.longest, window ?? own.longest), startUp: startUp ?? own.startUp }
  if (lifetime.longest <= 0) throw preflightErrors.lifetime(seconds ?? 0, lifetime)
  return lifetime
}

function holdToLimits({ profile, windows }: Plan, limits: Limits): void {
  const peak = peakRate(profile)
  if (limits.duration !== null && profile.duration > limits.duration) {
    throw preflightErrors.limit(
      'duration',
      profile.duration,
      limits.duration,
      'Shorten the phases, or raise the limit.',
    )
  }
  if (limits.arrivalRate !== null && peak > limits.arrivalRate) {
    throw preflightErrors.limit('arrivals a second', peak, limits.arrivalRate, 'Lower the phases, or raise the limit.')
  }
  const most = limits.arrivalRatePerWorker
  for (const { workers, decidedBy } of windows) {
    if (most === null || decidedBy !== 'asked' || peak / workers <= most) continue
    const enough = Math.ceil(peak / most)
    throw preflightErrors.limit(
      'arrivals a second of one worker',
      peak / workers,
      most,
      `--workers ${enough} would do.`,
    )
  }
}
