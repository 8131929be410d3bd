/** `invoke --detach`: a run that goes on without this command, in the hands of the stage's state machine. */
import { detachErrors } from '../aws-errors.ts'
import type { ExitCode } from '../errors.ts'
import { detachedText } from '../report/going.ts'
import type { Settings } from '../run/prepared.ts'
import type { Script } from '../scenario/script.ts'
import type { World } from '../world.ts'
import { openFleet, stageFor } from './fleet.ts'
import type { Args } from './main.ts'

/** What needs a command that stays. */
const ATTACHED = ['local', 'acceptance', 'monitoring', 'output', 'progress', 'baseline', 'raw-samples'] as const

/** Throws a UsageError when other flags ask for what only a command that stays can give. */
export function holdToLeaving(args: Args): void {
  if (args.ephemeral === true) throw detachErrors.ephemeral()
  const [flag] = ATTACHED.filter((name) => args[name] !== undefined && args[name] !== false)
  if (flag !== undefined) throw detachErrors.here(`--${flag}`)
}

/** 0 when the run is on its way; everything else is known by then, or never begins. */
export async function leave(args: Args, world: World, script: Script, settings: Settings): Promise<ExitCode> {
  const { id, folder } = settings
  const run = { id, folder, script, wishes: settings, spend: settings }
  const stage = await stageFor(args, world, run)
  const { platform, version, machine } = stage
  if (machine === null) throw detachErrors.noMachine(platform.stage)
  const [{ detach }, { startExecution }, fleet] = await Promise.all([
    import('../run/detach.ts'),
    import('../fleet/detached/execution.ts'),
    openFleet(args, world, run, stage),
  ])
  const { region } = platform
  const { t0, end } = await detach(script, settings, {
    ...{ fleet, world, function: `${platform.function}:${version}` },
    begin: (execution) => startExecution({ machine, run: id, region }, execution),
  }).finally(() => fleet.store.close())
  world.stdout.write(`${detachedText(id, { ...platform, t0, end })}\n`)
  return 0
}
