import { artilleryPower } from '../../src/plan/capacity.ts'
import { type Plan, planRun } from '../../src/plan/plan.ts'
import type { Phase } from '../../src/plan/profile.ts'

/** A plan of one window with so many workers, or as many as one-request virtual users need. */
export const planOf = (phases: readonly Phase[], workers: number | null, seed = 1): Plan =>
  planRun({ phases, seed, workers, ...plain })

const plain = {
  lifetime: null,
  most: { arrivalRate: null, arrivalRatePerWorker: null },
  session: { requests: 1, thinking: 0 },
  power: artilleryPower,
}
