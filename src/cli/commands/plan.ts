/** `slsart plan`: what would arrive and who would launch it. Sends nothing. */
import type { ExitCode } from '../../errors.ts'
import { owned } from '../../plan/arrivals.ts'
import { planJson, planText } from '../../report/plan.ts'
import { planFor } from '../../run/prepare.ts'
import { readScript } from '../../scenario/read.ts'
import type { World } from '../../world.ts'
import { readOptions, wishesFor } from '../config.ts'
import type { Args } from '../main.ts'

export async function plan(args: Args, world: World): Promise<ExitCode> {
  const script = await readScript(readOptions(args, world))
  const made = planFor(script, wishesFor(args, world, script))
  const arrivalsOf = made.slices.map((slice) => owned(made.profile, slice).count)
  world.stdout.write(
    args.json ? `${JSON.stringify(planJson(script, made, arrivalsOf), null, 2)}\n` : planText(script, made, arrivalsOf),
  )
  return 0
}
