/** The fleets that programs make. Nothing is opened before there is a task. */
import { realWorld, type World } from '../world.ts'
import { openLocal } from './open.ts'
import { Pool } from './pool.ts'
import type { FleetOptions, Functions, LambdaFleetOptions, TaskPool } from './types.ts'

/** Workers as processes of this machine, each the very bundle that runs on Lambda. */
export function localFleet<M = Functions>(options: FleetOptions): TaskPool<M> {
  const world = theWorld()
  return typed(new Pool(world, () => openLocal(options, world)))
}

/** Workers as invocations of the function of a stage: `slsart deploy` makes one. */
export function lambdaFleet<M = Functions>(options: LambdaFleetOptions): TaskPool<M> {
  const world = theWorld()
  return typed(
    new Pool(world, async () => {
      const { openDeployed } = await import('./deployed.ts')
      return openDeployed(options, world)
    }),
  )
}

/** What a module's functions take and return only its types say. */
const typed = <M>(pool: Pool): TaskPool<M> => pool as TaskPool<M>

let known: World | null = null

/** One for all fleets of a process, which is another's. */
function theWorld(): World {
  known ??= realWorld({ isOurs: false })
  return known
}
