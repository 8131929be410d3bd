/**
 * Phases and limits to a Plan: what will arrive, and which worker launches it. Pure arithmetic, no clock, no I/O.
 *
 *   profile.ts   phases → the curve        arrivals.ts   arrival k → when, and whose
 *   slices.ts    workers → slices          choose.ts     arrival k → which scenario and row
 *   preflight.ts plan × limits → refusals
 */
import type { Seed } from '../units.ts'
import { type Phase, type Profile, peakRate, profileOf } from './profile.ts'
import { type Slice, slicesOf, type Window } from './slices.ts'

export type Plan = { profile: Profile; seed: Seed; windows: Window[]; slices: Slice[]; arrivals: number }

/** Arrivals per second that one worker takes on when nobody says how many workers: see docs/measuring.md. */
const ARRIVAL_RATE_PER_WORKER = 100

/** `workers: null` lets the plan decide. `maxVusers` of a phase bounds the workers: a share of 0 could launch nothing. */
export function planRun({
  phases,
  seed,
  workers,
}: {
  phases: readonly Phase[]
  seed: Seed
  workers: number | null
}): Plan {
  const profile = profileOf(phases)
  const caps = phases.flatMap(({ maxVusers }) => (maxVusers === null ? [] : [maxVusers]))
  const wanted = workers ?? Math.max(1, Math.ceil(peakRate(profile) / ARRIVAL_RATE_PER_WORKER))
  const windows = [{ from: 0, to: profile.duration, workers: Math.min(wanted, ...caps) }]
  return { profile, seed, windows, slices: slicesOf(windows), arrivals: profile.arrivals }
}
