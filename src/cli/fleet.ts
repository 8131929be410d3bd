/** The fleet that a run goes to: processes on this machine, or the workers of a stage, in one region or several. */
import { localFleet } from '../fleet/local/fleet.ts'
import type { World } from '../world.ts'
import type { Args } from './main.ts'
import { machineOf, openFleet, type Ready, type Run, stageFor } from './opening.ts'
import { holdToCap } from './spend.ts'

/** Throws a PreflightError when there is no such stage, it has another version, the run may not cost what it would, or nobody agrees to the price. No AWS code is loaded for `--local`. */
export async function fleetFor(args: Args, world: World, run: Run): Promise<Ready> {
  const { regions } = run.wishes
  if (args.local === true) {
    holdToCap(args, world, run, null)
    return { fleet: localFleet(world, run.folder), regions, machine: null }
  }
  if (regions.length > 1) return (await import('./dealing.ts')).dealtFleet(args, world, run)
  const stage = await stageFor(args, world, run)
  return { fleet: await openFleet(args, world, run, stage), regions, machine: machineOf(stage, run.id) }
}
