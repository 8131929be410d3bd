/** Steering while it runs: what is asked, and from when on it holds. */
import { type Epoch, isPaused, type Steering, steer } from '../plan/epochs.ts'
import type { Plan } from '../plan/plan.ts'
import { type Profile, peakIn } from '../plan/profile.ts'
import { mostTogether } from '../plan/slices.ts'
import type { Seconds } from '../units.ts'
import { askedEvery } from '../wire/orders.ts'
import type { SteerAnswer, Unsteered } from '../wire/steering.ts'
import type { RunState } from './state.ts'

/** Resolves when the orders that say so are in the run's store, or at once with why not; rejects when they could not be written. */
export type Steer = (steering: Steering) => Promise<SteerAnswer>

/** What can be done to a run while it is under way; null when its load cannot be steered. */
export type Controls = { steer: Steer | null }

/** The load as it will be if a pause ends now. */
export function aheadOf({ plan, profile, epochs, at }: Pick<RunState, 'plan' | 'profile' | 'epochs' | 'at'>): Profile {
  const last = epochs.at(-1)
  if (last === undefined || !isPaused(epochs)) return profile
  return steer(plan.profile, [...epochs, { at: Math.max(at, last.at), kind: 'resume' }])
}

/** An epoch lies so far ahead that all workers have read of it before it begins: with what the order takes to get to them. */
const aheadIn = ({ windows }: Plan): Seconds => 1 + askedEvery(mostTogether(windows), true) / 1000

/** A scaled rate that is meant to be the limit may be a bit above it. */
const ROUNDING = 1e-9

/** Workers that live shorter than the run would have to be launched by another plan. */
export const isSteerable = ({ windows }: Plan): boolean => windows.length === 1

type Load = Pick<RunState, 't0' | 'endedAt' | 'plan' | 'stage' | 'at' | 'profile' | 'epochs'>

/** Why the load cannot be steered so, or would not change; null: it can. */
function whyNot({ t0, endedAt, plan, stage, at, profile, epochs }: Load, { kind }: Steering): Unsteered | null {
  const paused = isPaused(epochs)
  if (!isSteerable(plan)) return 'fixed'
  if (endedAt !== null || stage === 'over') return 'ended'
  if (t0 === null || stage !== 'running') return 'early'
  if (!paused && at + aheadIn(plan) >= profile.duration) return 'late'
  if (kind === 'pause' && paused) return 'paused'
  return kind === 'resume' && !paused ? 'going' : null
}

/** Whether the load passes the script's limits from the last epoch on, or would when it goes on after a pause. */
function isTooMuch({ profile, windows, most }: Plan, epochs: readonly Epoch[]): boolean {
  const at = epochs.at(-1)?.at ?? 0
  const ahead = steer(profile, isPaused(epochs) ? [...epochs, { at, kind: 'resume' }] : epochs)
  const peak = peakIn(ahead, { from: at, to: ahead.duration })
  const { arrivalRate, arrivalRatePerWorker: each } = most
  const limits = [arrivalRate ?? peak, each === null ? peak : each * mostTogether(windows)]
  return limits.some((limit) => peak > limit * (1 + ROUNDING))
}

/** The run's epochs with one more, null when the load cannot be steered so; and what is to be said of that. */
export function steeredBy(state: Load, steering: Steering): { epochs: Epoch[] | null; answer: SteerAnswer } {
  const why = whyNot(state, steering)
  if (why !== null) return { epochs: null, answer: { kind: 'refused', why } }
  const { epochs, at, plan } = state
  const soon = Math.max(at, 0) + aheadIn(plan)
  // To the millisecond, and never before the last one: what workers have done by that stays as it is.
  const from = Math.max(Math.ceil(soon * 1000) / 1000, epochs.at(-1)?.at ?? 0)
  const epoch: Epoch = { ...steering, at: from }
  if (isTooMuch(plan, [...epochs, epoch])) return { epochs: null, answer: { kind: 'refused', why: 'limited' } }
  return { epochs: [...epochs, epoch], answer: { kind: 'steered', epoch } }
}
