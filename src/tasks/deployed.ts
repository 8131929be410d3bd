/** A deployed stage's workers, for a program's tasks. Loaded when there are tasks for it. */
import { join } from 'node:path'
import { settingsFor } from '../cli/settings.ts'
import { openRunStore } from '../cli/store.ts'
import { lambdaFleet } from '../fleet/lambda/fleet.ts'
import { openClients } from '../stack/clients.ts'
import { readyStage } from '../stack/deployed.ts'
import { workerZip } from '../stack/zip.ts'
import type { World } from '../world.ts'
import { open } from './open.ts'
import type { Opened } from './pool.ts'
import type { LambdaFleetOptions } from './types.ts'

/** More must be asked for: an account of its own has room for so many only when nobody else is there. */
const USUAL = 100

/** Throws a PreflightError when there is no such stage, or it has another version of the worker. */
export async function openDeployed(options: LambdaFleetOptions, world: World): Promise<Opened> {
  const settings = settingsFor({ stage: options.stage, region: options.region }, world)
  const clients = await openClients(settings.region, world)
  const { platform, version } = await readyStage(clients, settings.stage, workerZip().sha256)
  return open(options, world, {
    usual: USUAL,
    async make(id, folder) {
      const opened = await openRunStore({ ...platform, id }, world)
      return lambdaFleet({
        ...{ ...opened, world, platform, version, ephemeral: false, logs: join(folder, 'logs') },
        note: () => {},
      })
    },
    // A worker that is still there finds its orders; the bucket's lifecycle removes what is left, later.
    clear: async ({ store }, _, isQuiet) => (isQuiet ? store.clear('').catch(() => {}) : undefined),
  })
}
