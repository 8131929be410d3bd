/** What a run may cost: flag, else SLSART_MAX_COST, else `config.slsart.maxCost`; and by which price, if the script says one. */
import { usageErrors } from '../errors.ts'
import { planPrice } from '../plan/price.ts'
import type { Machine } from '../plan/tariff.ts'
import { capText } from '../report/advice.ts'
import { moneyFor, needsOf, type Spend } from '../run/money.ts'
import { besideOf, planFor, type Wishes } from '../run/prepare.ts'
import type { Script } from '../scenario/script.ts'
import type { World } from '../world.ts'
import type { Args } from './main.ts'
import { textFlag } from './said.ts'

/** Throws a UsageError for what is no number above 0. */
export function spendFor(args: Args, world: World, { wishes }: Script): Spend {
  const text = textFlag(args, world, 'max-cost')
  if (text === null) return { maxCost: wishes.maxCost, price: wishes.price }
  const value = /^(\d+[.]?\d*|[.]\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
  if (!Number.isFinite(value) || value <= 0) {
    throw usageErrors.number('--max-cost', text, 'a number above 0: US dollars, such as 5 or 0.25')
  }
  return { maxCost: value, price: wishes.price }
}

/** Throws a PreflightError for a cap that cannot be held or that the plan cannot do with; says so when it may cut the load. */
export function holdToCap(
  args: Args,
  world: World,
  { script, wishes, spend }: { script: Script; wishes: Wishes; spend: Spend },
  machine: Machine | null,
): void {
  const plan = planFor(script, wishes)
  // As the fleet will have it.
  const writes = machine !== null && args.ephemeral !== true
  const now = world.clock.wall()
  const { cap, tariff } = moneyFor(script, plan, { ...spend, wishes, machine, writes, now })
  if (cap === null || tariff === null || args.quiet === true) return
  const { enough } = needsOf(plan, tariff, writes)
  const { expected } = planPrice(plan, tariff, besideOf(plan))
  if (enough > cap) world.stderr.write(`note: ${capText(cap, expected.usd, enough)}\n`)
}
