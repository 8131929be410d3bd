/** `slsart remove`: the stage's stack and all that it left. */
import { settingErrors } from '../../aws-errors.ts'
import type { ExitCode } from '../../errors.ts'
import { happeningText, KEPT, questionText, removedText } from '../../report/stack.ts'
import { openClients } from '../../stack/clients.ts'
import { stackName } from '../../stack/names.ts'
import { remove as removeStage, toRemove } from '../../stack/remove.ts'
import type { World } from '../../world.ts'
import { confirmed } from '../confirm.ts'
import type { Args } from '../main.ts'
import { settingsFor } from '../settings.ts'

export async function remove(args: Args, world: World): Promise<ExitCode> {
  const { stage, region } = settingsFor(args, world)
  const name = stackName(stage)
  const clients = await openClients(region, world)
  const { stack, left } = await toRemove(stage, clients)
  if (args.yes !== true && (stack !== null || left.length > 0)) {
    const { terminal } = world
    if (terminal === null) throw settingErrors.unconfirmed(name)
    if (!(await confirmed(questionText(name, clients.region), terminal))) {
      world.stdout.write(KEPT)
      return 0
    }
  }
  const removed = await removeStage(stage, {
    ...{ clients, clock: world.clock },
    tell: (happening) => world.stderr.write(`${happeningText(happening)}\n`),
  })
  world.stdout.write(removedText(removed, name, clients.region))
  return 0
}
