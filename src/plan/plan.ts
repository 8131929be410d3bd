/**
 * Phases and limits to a Plan: what will arrive, and which worker launches it. Pure arithmetic, no clock, no I/O.
 *
 *   profile.ts   phases → the curve            arrivals.ts   arrival k → when, and whose
 *   capacity.ts  a peak → least workers        windows.ts    a worker's life → where to cut time
 *   poisson.ts   arrivals by chance            epochs.ts     steering → another profile
 *   slices.ts    windows → slices              choose.ts     arrival k → which scenario and row
 *   price.ts     windows → USD                 preflight.ts  plan × limits → refusals
 */
import type { Seconds, Seed } from '../units.ts'
import { leastWorkers, type VuShape, type WorkerPower } from './capacity.ts'
import { type Phase, type Profile, peakRate, profileOf } from './profile.ts'
import { cutWindows, type Lifetime, type NeedFor, type SizedWindow } from './windows.ts'

export type Plan = {
  profile: Profile
  seed: Seed
  windows: SizedWindow[]
  /** Of all windows together. */
  workers: number
  arrivals: number
  /** null: workers live as long as the run. */
  lifetime: Lifetime | null
  shape: VuShape
  most: MostRates
}

/** Arrivals a second that are not passed, however the load is steered; null: as many as it takes. */
type MostRates = { arrivalRate: number | null; arrivalRatePerWorker: number | null }

export type PlanSettings = {
  phases: readonly Phase[]
  seed: Seed
  /** How many workers every window gets; null lets the plan decide. */
  workers: number | null
  lifetime: Lifetime | null
  most: MostRates
  session: { requests: number; thinking: Seconds }
  /** What one worker can do with the engines that the scenarios run on. */
  power: WorkerPower
}

/** A request's answer is expected after this long when workers are counted; nobody has measured it yet. */
export const ASSUMED_LATENCY: Seconds = 0.2

export function planRun(settings: PlanSettings): Plan {
  const { phases, seed, workers, lifetime, most, session, power } = settings
  const profile = profileOf(phases, seed)
  const shape = { requests: session.requests, seconds: session.thinking + session.requests * ASSUMED_LATENCY }
  const needFor: NeedFor = (peak, maxVusers) => {
    if (workers === null) return leastWorkers(peak, maxVusers, shape, power, most.arrivalRatePerWorker)
    const capped = maxVusers !== null && maxVusers < workers
    return capped ? { workers: maxVusers, decidedBy: 'max-vusers' } : { workers, decidedBy: 'asked' }
  }
  const windows = lifetime === null ? [oneWindow(profile, phases, needFor)] : cutWindows(profile, lifetime, needFor)
  return {
    profile,
    seed,
    windows,
    workers: windows.reduce((sum, window) => sum + window.workers, 0),
    arrivals: profile.arrivals,
    lifetime,
    shape,
    most,
  }
}

function oneWindow(profile: Profile, phases: readonly Phase[], needFor: NeedFor): SizedWindow {
  const caps = phases.flatMap(({ maxVusers }) => (maxVusers === null ? [] : [maxVusers]))
  return { from: 0, to: profile.duration, ...needFor(peakRate(profile), caps.length === 0 ? null : Math.min(...caps)) }
}
