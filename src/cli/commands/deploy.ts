/** `slsart deploy`: the stage's stack, and this command line's worker in it. */
import type { ExitCode } from '../../errors.ts'
import { deployedText, happeningText } from '../../report/stack.ts'
import { deploy as deployStage } from '../../stack/apply.ts'
import { openClients } from '../../stack/clients.ts'
import { putRound } from '../../stack/round.ts'
import { workerZip } from '../../stack/zip.ts'
import { microsToMillis } from '../../units.ts'
import type { World } from '../../world.ts'
import type { Args } from '../main.ts'
import { documentOf, watchedFor } from '../monitoring.ts'
import { settingsFor } from '../settings.ts'
import { version } from '../version.ts'

export async function deploy(args: Args, world: World): Promise<ExitCode> {
  const settings = settingsFor(args, world)
  const { monitoring } = settings
  const watched = monitoring && (await watchedFor(args, world, monitoring))
  const began = world.clock.steady()
  const clients = await openClients(settings.region, world)
  const deployed = await deployStage(settings, workerZip(), {
    ...{ clients, clock: world.clock },
    tell: (happening) => world.stderr.write(`${happeningText(happening)}\n`),
  })
  if (watched !== null) {
    const document = await documentOf(watched, { settings, deployed, region: clients.region }, world)
    await putRound(clients, deployed.bucket, document)
  }
  const took = microsToMillis(world.clock.steady() - began) / 1000
  world.stdout.write(deployedText(deployed, settings, { region: clients.region, version, took }))
  return 0
}
