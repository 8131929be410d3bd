/** A plan held against what the account or the machine can give, before anything is launched. */
import type { Plan } from './plan.ts'

export type Limits = { workers: number }
export type Refusal = { what: 'workers'; asked: number; fits: number }

/** What cannot fit, each with the number that would. An empty list lets the run begin. */
export function preflight(plan: Plan, limits: Limits): Refusal[] {
  const most = plan.windows.reduce((peak, { workers }) => Math.max(peak, workers), 0)
  return most > limits.workers ? [{ what: 'workers', asked: most, fits: limits.workers }] : []
}
