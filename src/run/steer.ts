/** Steering while it runs: what is asked, and from when on it holds. */
import { type Epoch, isPaused, steer } from '../plan/epochs.ts'
import type { Plan } from '../plan/plan.ts'
import type { Profile } from '../plan/profile.ts'
import type { Seconds } from '../units.ts'
import type { RunState } from './state.ts'

export type Steering = { kind: 'scale'; scale: number } | { kind: 'pause' } | { kind: 'resume' } | { kind: 'end-phase' }

/** What can be done to a run while it is under way; null when its load cannot be steered. */
export type Controls = { steer: ((steering: Steering) => void) | null }

/** The load as it will be if a pause ends now. */
export function aheadOf({ plan, profile, epochs, at }: Pick<RunState, 'plan' | 'profile' | 'epochs' | 'at'>): Profile {
  const last = epochs.at(-1)
  if (last === undefined || !isPaused(epochs)) return profile
  return steer(plan.profile, [...epochs, { at: Math.max(at, last.at), kind: 'resume' }])
}

/** Workers look for orders once a second: an epoch lies so far ahead that all have read it before it begins. */
const AHEAD: Seconds = 2

/** Workers that live shorter than the run would have to be launched by another plan. */
export const isSteerable = ({ windows }: Plan): boolean => windows.length === 1

/** Whether there is a load left to steer. */
const canSteer = ({ t0, endedAt, plan, stage, at, profile, epochs }: RunState): boolean =>
  t0 !== null &&
  endedAt === null &&
  stage === 'running' &&
  isSteerable(plan) &&
  (isPaused(epochs) || at + AHEAD < profile.duration)

/** The run's epochs with one more; null when the load cannot be steered, or would not change. */
export function steeredBy(state: RunState, steering: Steering): Epoch[] | null {
  const { epochs, at } = state
  const paused = isPaused(epochs)
  if (!canSteer(state) || (steering.kind === 'pause' && paused) || (steering.kind === 'resume' && !paused)) return null
  const soon = Math.max(at, 0) + AHEAD
  // To the millisecond, and never before the last one: what workers have done by that stays as it is.
  const from = Math.max(Math.ceil(soon * 1000) / 1000, epochs.at(-1)?.at ?? 0)
  return [...epochs, { ...steering, at: from }]
}
