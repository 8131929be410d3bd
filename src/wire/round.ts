/** Scheduled monitoring: what the schedule calls the worker's function with, and what `deploy --monitor` leaves in the bucket for it. */
import type { Plan } from '../plan/plan.ts'
import type { Sampling } from '../plan/sampling.ts'
import type { Start } from './start.ts'

/** The event. `topic`: who is to be told. */
export type RoundCall = { monitor: { bucket: string; region: string; topic: string } }

/**
 * What all rounds have in common: `start` is the worker's but for what each round is given anew, `head` its run.json, which the worker fills in
 * and otherwise knows nothing of.
 */
export type RoundDocument = {
  schema: 'slsart.round/1'
  stage: string
  /** Its file's name. */
  script: string
  sampling: Sampling
  /** How many of them are sampled. */
  scenarios: number
  start: Start
  head: Record<string, unknown> & { plan: Plan }
}

/** Beside `runs/`, whose objects go with time. */
export const monitorPrefix = 'monitor/'
export const roundKey = 'round.json'
/** What was told last: a state that lasts is not told again. */
export const toldKey = 'told.json'

/** Metrics of a round, and by what they are found. */
export const roundMetrics = {
  errors: 'MonitoringErrors',
  samples: 'MonitoringSamples',
  spent: 'MonitoringSpent',
} as const

/** A dimension is up to 1,024 printable ASCII signs, and does not begin with a colon. */
export const dimensionText = (text: string): string =>
  text
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .replace(/^:/, '?')
    .slice(-1_024)
    .trim() || '?'
