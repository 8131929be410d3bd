/** `slsart plan`: what would arrive and who would launch it. Sends nothing. */
import type { ExitCode } from '../../errors.ts'
import { ACCOUNT_DEFAULTS, type Limits } from '../../plan/preflight.ts'
import { planJson, planText } from '../../report/plan.ts'
import { fitOf, planFor } from '../../run/prepare.ts'
import type { World } from '../../world.ts'
import { dotenvFor, scriptFor, wishesFor } from '../config.ts'
import type { Args } from '../main.ts'
import { machineFor, settingsFor } from '../settings.ts'
import { aimOf } from '../targets.ts'

export async function plan(args: Args, world: World): Promise<ExitCode> {
  const env = dotenvFor(args, world)
  const script = await scriptFor(args, world, env)
  const wishes = wishesFor(args, world, script)
  const made = planFor(script, wishes)
  const account = args['check-account'] === true ? await accountLimits(args, world) : null
  const fit = args.local ? null : fitOf(script, made, { wishes, machine: machineFor(args, world), account })
  const { strangers } = await aimOf(args, world, { script, env })
  const found = { fit, strangers }
  world.stdout.write(
    args.json ? `${JSON.stringify(planJson(script, made, found), null, 2)}\n` : planText(script, made, found),
  )
  return 0
}

/** Throws a PreflightError when the account cannot be asked. */
async function accountLimits(args: Args, world: World): Promise<Limits> {
  const [{ openClients }, { quotas }] = await Promise.all([
    import('../../stack/clients.ts'),
    import('../../stack/account.ts'),
  ])
  const { unreserved } = await quotas(await openClients(settingsFor(args, world).region, world))
  return { ...ACCOUNT_DEFAULTS, workers: unreserved }
}
