/** `slsart plan`: what would arrive and who would launch it. Sends nothing. */
import { type ExitCode, PreflightError } from '../../errors.ts'
import type { Plan } from '../../plan/plan.ts'
import { ACCOUNT_DEFAULTS, type Limits } from '../../plan/preflight.ts'
import { type Capped, planJson, planText } from '../../report/plan.ts'
import { moneyFor, moneyOf, needsOf } from '../../run/money.ts'
import { fitOf, planFor, type Wishes } from '../../run/prepare.ts'
import type { Script } from '../../scenario/script.ts'
import type { World } from '../../world.ts'
import { dotenvFor, scriptFor, wishesFor } from '../config.ts'
import type { Args } from '../main.ts'
import { inRegion, regionsFor } from '../regions.ts'
import { machineFor, settingsFor } from '../settings.ts'
import { spendFor } from '../spend.ts'
import { aimOf } from '../targets.ts'

export async function plan(args: Args, world: World): Promise<ExitCode> {
  const env = dotenvFor(args, world)
  const script = await scriptFor(args, world, env)
  const wishes = wishesFor(args, world, script)
  const made = planFor(script, wishes)
  const accounts = args['check-account'] === true ? await accountLimits(args, world) : null
  const price = script.wishes.price
  const fit = args.local ? null : fitOf(script, made, { wishes, machine: machineFor(args, world), accounts, price })
  const { strangers } = await aimOf(args, world, { script, env })
  const found = { fit, strangers, capped: cappedBy(args, world, { script, wishes, plan: made }) }
  world.stdout.write(
    args.json ? `${JSON.stringify(planJson(script, made, found), null, 2)}\n` : planText(script, made, found),
  )
  return 0
}

/** What --max-cost would make of it; null without one. */
function cappedBy(
  args: Args,
  world: World,
  { script, wishes, plan }: { script: Script; wishes: Wishes; plan: Plan },
): Capped | null {
  const spend = spendFor(args, world, script)
  if (spend.maxCost === null) return null
  const machine = args.local === true ? null : machineFor(args, world)
  const writes = machine !== null
  const { tariff } = moneyOf(machine, spend.price, null)
  const needs = tariff === null ? { least: null, enough: null } : needsOf(plan, tariff, writes)
  const capped = { usd: spend.maxCost, ...needs, refused: null }
  try {
    moneyFor(script, plan, { ...spend, wishes, machine, writes, now: world.clock.wall() })
    return capped
  } catch (error) {
    if (!(error instanceof PreflightError)) throw error
    return { ...capped, refused: error.message }
  }
}

/** In each region. Throws a PreflightError when the account cannot be asked. */
async function accountLimits(args: Args, world: World): Promise<Limits[]> {
  const [{ openClients }, { quotas }] = await Promise.all([
    import('../../stack/clients.ts'),
    import('../../stack/account.ts'),
  ])
  const { shares, home } = regionsFor(args, world)
  const { region } = settingsFor(inRegion(args, home), world)
  const asked = shares.length === 0 ? [region] : shares.map((share) => share.region)
  return Promise.all(
    asked.map(async (one) => {
      const { unreserved } = await quotas(await openClients(one, world))
      return { ...ACCOUNT_DEFAULTS, workers: unreserved }
    }),
  )
}
