/** What a run cost, beside what its plan estimated: at the prices that it was begun with, without the free tier. */
import { planPrice, priceFor, ratesOf } from '../plan/price.ts'
import { dealt } from '../plan/regions.ts'
import type { Tariff } from '../plan/tariff.ts'
import type { Seconds, Usd } from '../units.ts'
import { costAtMost } from './budget.ts'
import { livesOf } from './lives.ts'
import { besideOf } from './prepare.ts'
import type { RunHead } from './record.ts'
import type { RunState } from './state.ts'

/**
 * In USD; null where no price is known. `actual` is also null when Lambda has not said of every worker what it bills: `atLeast` is what
 * the others cost, `atMost` counts these from their launch to the last moment at which they can have been there. `unknown`: how many of the
 * launched workers they are. `cap`: what was said that the run may cost.
 */
export type Cost = {
  estimated: Usd | null
  actual: Usd | null
  atLeast: Usd | null
  atMost: Usd | null
  cap: Usd | null
  billed: { seconds: Seconds; workers: number; unknown: number }
}

type Paid = Pick<RunHead, 'platform' | 'money' | 'launchedAt'>

/** Null for workers on this machine that cost nothing. */
export function costOf(state: RunState, { platform, money: { cap, tariff }, launchedAt }: Paid): Cost | null {
  if (platform === null && tariff === null) return null
  const lives = livesOf(state)
  const known = lives.flatMap(({ billed }) => billed ?? [])
  const seconds = sum(known) / 1000
  const unknown = lives.length - known.length
  const billed = { seconds, workers: known.length, unknown }
  if (tariff === null) return { estimated: null, actual: null, atLeast: null, atMost: null, cap, billed }
  const atLeast = sum(
    billedByRegion(state, tariff).map(({ tariff, seconds, workers }) => priceFor(seconds, workers, tariff).usd),
  )
  const { expected } = planPrice(state.plan, tariff, besideOf(state.plan))
  return {
    ...{ estimated: expected.usd, actual: unknown === 0 ? atLeast : null, atLeast },
    // What was read from the store says nothing of when anybody was launched, or gone.
    atMost: state.fetched ? null : costAtMost({ lives, begunAt: launchedAt, t0: state.t0 }, ratesOf(tariff)),
    ...{ cap, billed },
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, n) => all + n, 0)

/** What Lambda has said that it bills, of each region that has a tariff of its own. */
function billedByRegion(
  { plan, workers }: Pick<RunState, 'plan' | 'workers'>,
  tariff: Tariff,
): { tariff: Tariff; seconds: Seconds; workers: number }[] {
  const regions = dealt(plan)
  return (tariff.regions ?? [tariff]).map((own, region) => {
    const known = livesOf({ workers: workers.filter(({ slice }) => regions[slice] === region) }).flatMap(
      ({ billed }) => billed ?? [],
    )
    return { tariff: own, seconds: sum(known) / 1000, workers: known.length }
  })
}
