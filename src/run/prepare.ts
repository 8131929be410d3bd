/** A script and what the user wants of the run, to its plan. */
import { preflightErrors } from '../errors.ts'
import { artilleryPower, meanPower, nativePower, type WorkerPower } from '../plan/capacity.ts'
import { type Plan, planRun } from '../plan/plan.ts'
import {
  ACCOUNT_DEFAULTS,
  type Limits as AccountLimits,
  type Beside,
  preflight,
  type Refusal,
} from '../plan/preflight.ts'
import { type Price, priceOf } from '../plan/price.ts'
import { type Phase, peakIn, peakRate } from '../plan/profile.ts'
import { samplePhases } from '../plan/sampling.ts'
import { isTariff, type Machine, type OwnPrice, tariffOf } from '../plan/tariff.ts'
import { divide, type Lifetime } from '../plan/windows.ts'
import type { EngineName } from '../scenario/engine.ts'
import type { Limits } from '../scenario/limits.ts'
import type { Scenario, Script } from '../scenario/script.ts'
import { sessionOf } from '../scenario/session.ts'
import type { Seconds, Seed } from '../units.ts'

export type Wishes = {
  seed: Seed
  /** null: the plan decides. */
  workers: number | null
  /** How long a worker may live; null: as long as the run. */
  workerLifetime: Seconds | null
}

/** The script with each of its scenarios once. */
export const tryOut = (script: Script): Script =>
  inTurn(script, (arrivals) => [
    { name: 'acceptance', duration: 1, load: { kind: 'count', arrivals }, maxVusers: null },
  ])

/** The script as a monitoring round. */
export const sampled = (script: Script, seed: Seed): Script =>
  inTurn(script, (scenarios) => samplePhases(script.sampling, scenarios, seed))

/** Its scenarios one after the other, on the engine that tells of each step, and no limits on what a few requests would say of them. */
function inTurn(script: Script, phasesFor: (scenarios: number) => Phase[]): Script {
  const arrivals = script.scenarios.filter(({ weight }) => weight > 0).length
  const notes = script.notes.filter((note) => note !== 'arrivals' && note !== 'ramps')
  const scenarios = script.scenarios.map((scenario): Scenario => {
    return { ...scenario, engine: 'artillery', why: { kind: 'acceptance', at: scenario.why.at } }
  })
  return { ...script, phases: phasesFor(arrivals), warmUp: [], thresholds: [], quorum: 1, notes, scenarios }
}

/** Throws a PreflightError when the script's own limits, a worker's life or chance leave no way to run it. */
export function planFor(script: Script, wishes: Wishes): Plan {
  const plan = planWithin(script, wishes)
  if (plan.arrivals === 0) throw preflightErrors.noArrivals(wishes.seed)
  holdToLimits(plan, script.limits)
  return plan
}

function planWithin(script: Script, { seed, workers, workerLifetime }: Wishes): Plan {
  const { limits } = script
  const session = sessionOf(script)
  const lifetime = lifetimeFor(limits, workerLifetime, session.longest)
  const { arrivalRate, arrivalRatePerWorker } = limits
  const most = { arrivalRate, arrivalRatePerWorker }
  const power = meanPower(session.kinds.map(({ engine, ...kind }) => ({ ...kind, power: POWER[engine] })))
  return planRun({ phases: script.phases, seed, workers, lifetime, most, session, power })
}

const POWER: Record<EngineName, WorkerPower> = { artillery: artilleryPower, native: nativePower }

/** On this machine nothing cuts a worker off but this: as long as on Lambda, or for ever when loops may run for ever. */
const LOCAL_DRAIN: Seconds = 60

/** How long after its window a worker waits for who is still at work; null: as long as it takes. */
export function drainOf(script: Script, plan: Plan): Seconds | null {
  if (plan.lifetime !== null) return plan.lifetime.drain
  const { longest, guessed } = sessionOf(script)
  return guessed ? null : Math.max(LOCAL_DRAIN, longest)
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
  if (most === null) return
  for (const window of windows) {
    const each = peakIn(profile, window) / window.workers
    // The plan's own choice is within the limit, but for rounding; --workers and maxVusers may leave too few.
    if (each <= most * (1 + 1e-9)) continue
    const enough = Math.ceil((each * window.workers) / most)
    const way =
      window.decidedBy === 'asked'
        ? `--workers ${enough} would do.`
        : `It needs ${enough} workers, and maxVusers allows ${window.workers}.`
    throw preflightErrors.limit('arrivals a second of one worker', each, most, way)
  }
}

/** What its workers live beside their windows. */
export const besideOf = ({ lifetime, shape }: Plan): Beside => ({
  startUp: lifetime?.startUp ?? 0,
  session: shape.seconds,
})

/** What a plan meets on Lambda: its price, what the account would refuse, and the share of the load that would fit. */
export type Fit = {
  machine: Machine
  price: { low: Price; expected: Price } | null
  limits: AccountLimits
  refusals: Refusal[]
  /** Of the script's arrival rates, rounded down to a hundredth; null when all of it fits or no share would. */
  nearest: number | null
}

/** `account`: what it says of itself; null: what the script says, else AWS's defaults. */
type Asked = { wishes: Wishes; machine: Machine; account: AccountLimits | null; price: OwnPrice | null }

export function fitOf(script: Script, plan: Plan, { wishes, machine, account, price }: Asked): Fit {
  const { concurrency, startsPer10s } = script.account
  const limits = account ?? {
    workers: concurrency ?? ACCOUNT_DEFAULTS.workers,
    startsPer10s: startsPer10s ?? ACCOUNT_DEFAULTS.startsPer10s,
  }
  const beside = besideOf(plan)
  const refusals = preflight(plan.windows, beside, limits)
  const fits = ({ windows }: Plan): boolean => preflight(windows, beside, limits).length === 0
  const tariff = tariffOf(machine, price)
  return {
    ...{ machine, limits, refusals, price: isTariff(tariff) ? priceOf(plan.windows, tariff, beside) : null },
    nearest: refusals.length === 0 ? null : nearestShare(script, wishes, fits),
  }
}

/** Of the script's arrival rates, the largest share whose plan fits, rounded down to a hundredth; null when none does. */
export const nearestShare = (script: Script, wishes: Wishes, fits: (plan: Plan) => boolean): number | null =>
  largestShare((share) => {
    const phases = script.phases.map((phase) => scaled(phase, share))
    return fits(planWithin({ ...script, phases }, wishes))
  })

function scaled(phase: Phase, share: number): Phase {
  const { load } = phase
  if (load.kind === 'pause') return phase
  if (load.kind === 'count') return { ...phase, load: { ...load, arrivals: Math.floor(load.arrivals * share) } }
  return { ...phase, load: { ...load, from: load.from * share, to: load.to * share } }
}

/** The largest whole hundredth that fits, by bisection: less load never needs more workers. */
function largestShare(fits: (share: number) => boolean): number | null {
  let low = 0
  let high = 100
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (fits(middle / 100)) low = middle
    else high = middle
  }
  return low === 0 ? null : low / 100
}
