/** `slsart plan`: what would arrive and who would launch it. Sends nothing. */
import type { ExitCode } from '../../errors.ts'
import { planJson, planText } from '../../report/plan.ts'
import { planFor } from '../../run/prepare.ts'
import { readScript } from '../../scenario/read.ts'
import type { World } from '../../world.ts'
import { readOptions, wishesFor } from '../config.ts'
import type { Args } from '../main.ts'

export async function plan(args: Args, world: World): Promise<ExitCode> {
  const script = await readScript(readOptions(args, world))
  const made = planFor(script, wishesFor(args, world, script))
  world.stdout.write(args.json ? `${JSON.stringify(planJson(script, made), null, 2)}\n` : planText(script, made))
  return 0
}
