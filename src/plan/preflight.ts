/** A plan held against what the account or the machine can give, before anything is launched. */
import type { Window } from './slices.ts'

/** `workers`: at the same time. `startsPer10s`: null when starting is not rationed. */
export type Limits = { workers: number; startsPer10s: number | null }

/** AWS's defaults: 1,000 concurrent environments a region, 1,000 started in 10 s of one function. */
export const ACCOUNT_DEFAULTS: Limits = { workers: 1_000, startsPer10s: 1_000 }

export type Refusal =
  | { what: 'workers'; asked: number; fits: number }
  | { what: 'starts'; asked: number; fits: number; seconds: number }

/** What cannot fit, each with the number that would. An empty list lets the run begin. */
export function preflight(windows: readonly Window[], startUp: number | null, limits: Limits): Refusal[] {
  const refusals: Refusal[] = []
  // At a seam the next window's workers are there before this one's have gone.
  const together = windows.reduce((most, { workers }, i) => Math.max(most, workers + (windows[i + 1]?.workers ?? 0)), 0)
  if (together > limits.workers) refusals.push({ what: 'workers', asked: together, fits: limits.workers })
  const largest = windows.reduce((most, { workers }) => Math.max(most, workers), 0)
  if (limits.startsPer10s !== null && startUp !== null) {
    const fits = Math.floor(limits.startsPer10s * Math.max(1, startUp / 10))
    if (largest > fits) refusals.push({ what: 'starts', asked: largest, fits, seconds: startUp })
  }
  return refusals
}
