/** A plan held against what the account or the machine can give, before anything is launched. */
import type { Seconds } from '../units.ts'
import { type Dealt, windowsOf } from './regions.ts'
import type { Window } from './slices.ts'

/** `workers`: at the same time. `startsPer10s`: null when starting is not rationed. */
export type Limits = { workers: number; startsPer10s: number | null }

/** AWS's defaults: 1,000 concurrent environments a region, 1,000 started in 10 s of one function. */
export const ACCOUNT_DEFAULTS: Limits = { workers: 1_000, startsPer10s: 1_000 }

/** `region`: of a share of the plan. */
export type Refusal = { region?: string } & (
  | { what: 'workers'; asked: number; fits: number }
  | { what: 'starts'; asked: number; fits: number; seconds: number }
)

/** What a worker lives beside its window: it is started so long before, and has virtual users at work so long after. */
export type Beside = { startUp: Seconds; session: Seconds }

/** What cannot fit, each with the number that would. An empty list lets the run begin. */
export function preflight(windows: readonly Window[], beside: Beside, limits: Limits): Refusal[] {
  const { startUp } = beside
  const refusals: Refusal[] = []
  const together = windows.reduce((most, _, i) => Math.max(most, aliveAt(windows, i, beside)), 0)
  if (together > limits.workers) refusals.push({ what: 'workers', asked: together, fits: limits.workers })
  const largest = windows.reduce((most, { workers }) => Math.max(most, workers), 0)
  if (limits.startsPer10s !== null) {
    const fits = Math.floor(limits.startsPer10s * Math.max(1, startUp / 10))
    if (largest > fits) refusals.push({ what: 'starts', asked: largest, fits, seconds: startUp })
  }
  return refusals
}

/** The same of each region's share, held against that region's limits. */
export const preflightRegions = (plan: Dealt, beside: Beside, limits: readonly Limits[]): Refusal[] =>
  (plan.regions ?? []).flatMap(({ region }, i) =>
    preflight(windowsOf(plan, i), beside, limits[i] ?? ACCOUNT_DEFAULTS).map((refusal) => ({ ...refusal, region })),
  )

/** Workers that are there when those of window `i` are started: at a seam, and for short windows at several, they meet. */
function aliveAt(windows: readonly Window[], i: number, { startUp, session }: Beside): number {
  const starting = windows[i] as Window
  let workers = starting.workers
  for (let j = i - 1; j >= 0 && (windows[j] as Window).to + session > starting.from - startUp; j--) {
    workers += (windows[j] as Window).workers
  }
  return workers
}
