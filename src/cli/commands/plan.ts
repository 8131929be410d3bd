/** `slsart plan`: what would arrive and who would launch it. Sends nothing. */
import type { ExitCode } from '../../errors.ts'
import { planJson, planText } from '../../report/plan.ts'
import { fitOf, planFor } from '../../run/prepare.ts'
import type { World } from '../../world.ts'
import { dotenvFor, machineFor, scriptFor, wishesFor } from '../config.ts'
import type { Args } from '../main.ts'

export async function plan(args: Args, world: World): Promise<ExitCode> {
  const script = await scriptFor(args, world, dotenvFor(args, world))
  const wishes = wishesFor(args, world, script)
  const made = planFor(script, wishes)
  const fit = args.local ? null : fitOf(script, made, wishes, machineFor(args, world))
  world.stdout.write(
    args.json ? `${JSON.stringify(planJson(script, made, fit), null, 2)}\n` : planText(script, made, fit),
  )
  return 0
}
