/** What a run may cost, and by which prices: settled before anything is launched. */
import { preflightErrors } from '../errors.ts'
import type { Plan } from '../plan/plan.ts'
import { FIRST_START, planPrice, ratesOf } from '../plan/price.ts'
import { PRICES_DATE } from '../plan/prices.ts'
import { isTariff, type Machine, type OwnPrice, type Tariff, tariffOf, type Unpriced } from '../plan/tariff.ts'
import type { Script } from '../scenario/script.ts'
import type { Millis, Usd } from '../units.ts'
import { shutdown } from '../wire/orders.ts'
import { costBy, type Life, type Terms } from './budget.ts'
import { besideOf, nearestShare, type Wishes } from './prepare.ts'

/** `maxCost: null`: whatever it costs. `price`: what the user says that he pays, instead of the table. */
export type Spend = { maxCost: Usd | null; price: OwnPrice | null }

/** Of a run. `tariff: null`: its workers cost nothing, or nobody knows what. */
export type Money = { cap: Usd | null; tariff: Tariff | null }

/** Without a word about whether it can be held. */
export function moneyOf(machine: Machine | null, price: OwnPrice | null, cap: Usd | null): Money {
  const tariff = tariffOf(machine, price)
  return { cap, tariff: isTariff(tariff) ? tariff : null }
}

/** Less load than that is not worth a start. */
export const LEAST_LOAD: Millis = 1_000

/** So long the table is believed. */
const KEPT: Millis = 365 * 86_400_000

/** `writes`: whether its workers keep batches. */
type Asked = Spend & { wishes: Wishes; machine: Machine | null; writes: boolean; now: Millis }

/** Throws a PreflightError when there is a cap, and nobody knows the price, or the plan cannot do with it. */
export function moneyFor(script: Script, plan: Plan, asked: Asked): Money {
  const { maxCost: cap, price, machine, wishes, writes } = asked
  const money = moneyOf(machine, price, cap)
  const { tariff } = money
  if (cap === null) return money
  const why = whyUnpriced(asked)
  if (why !== null) throw preflightErrors.unpriced(cap, why)
  if (tariff === null) return money
  const least = (other: Plan): Usd => needsOf(other, tariff, writes).least
  if (least(plan) <= cap) return money
  throw preflightErrors.overCap(cap, {
    ...needsOf(plan, tariff, writes),
    share: nearestShare(script, wishes, (other) => least(other) <= cap),
  })
}

function whyUnpriced({ machine, price, now }: Asked): Unpriced | { what: 'outdated'; date: string } | null {
  const found = tariffOf(machine, price)
  if (found !== null && !isTariff(found)) return found
  const isTables = machine !== null && price === null
  return isTables && now - Date.parse(PRICES_DATE) > KEPT ? { what: 'outdated', date: PRICES_DATE } : null
}

/**
 * `least`: what a run to its end costs at the least, and what there must be for it to begin. `enough`: what is expected, and that its workers may take to end.
 */
export function needsOf(plan: Plan, tariff: Tariff, writes: boolean): { least: Usd; enough: Usd } {
  const terms: Terms = { rates: ratesOf(tariff), tail: shutdown(writes) }
  const workers = plan.windows[0]?.workers ?? 0
  const fresh: Life = { launchedAt: 0, endedAt: null, billed: null, strays: 0 }
  const spending = { lives: Array<Life>(workers).fill(fresh), begunAt: 0, t0: null }
  const begun = costBy(FIRST_START * 1000 + LEAST_LOAD, spending, terms)
  const { low, expected } = planPrice(plan, tariff, besideOf(plan))
  const most = plan.windows.reduce((sum, window) => Math.max(sum, window.workers), 0)
  return {
    least: Math.max(low.usd, begun),
    enough: Math.max(begun, expected.usd + (most * terms.rates.second * terms.tail) / 1000),
  }
}
