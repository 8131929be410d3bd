/** Which run is meant, and where its record is: in this folder, or made here from the store of its stage. */
import { join } from 'node:path'
import { type SlsartError, usageErrors } from '../errors.ts'
import type { Platform } from '../fleet/fleet.ts'
import { withoutStoreText } from '../report/advice.ts'
import { fetchRun } from '../run/fetch.ts'
import { findRun, lastOf, readHead, runsFolder } from '../run/record.ts'
import type { World } from '../world.ts'
import { textFlag } from './config.ts'
import type { Args } from './main.ts'
import { settingsFor } from './settings.ts'
import { openRunStore } from './store.ts'

/** As `invoke` makes them: nothing else is looked for in a bucket. */
const RUN = /^\d{8}-\d{6}-[0-9a-f]{6}$/

/**
 * The folder of the run of the argument. A run on Lambda of which the record here was cut off is made whole from its store, if that can be
 * reached.
 */
export async function folderOf(args: Args, world: World): Promise<string> {
  const folder = await placeOf(args, world)
  const { id, platform } = await readHead(folder)
  if (platform === null || (await lastOf(folder)) !== null) return folder
  await filled(folder, { ...platform, id }, world).catch((error: SlsartError) => {
    world.stderr.write(`slsart: ${withoutStoreText(error.message)}\n`)
  })
  return folder
}

/** The same, with its record as it is. A run that is not here is looked for on the stage that --stage or --region name. */
export async function placeOf(args: Args, world: World): Promise<string> {
  const said = (args.run as string | undefined) ?? null
  const elsewhere = ['stage', 'region'].some((flag) => textFlag(args, world, flag) !== null)
  const here = await findRun(world.cwd, said).catch((error: unknown) => {
    if (!elsewhere || said === null || !RUN.test(said)) throw error
    return null
  })
  return here ?? fetched(said ?? '', args, world)
}

async function fetched(id: string, args: Args, world: World): Promise<string> {
  const [{ openClients }, { bucketOf }] = await Promise.all([
    import('../stack/clients.ts'),
    import('../stack/deployed.ts'),
  ])
  const { stage, region } = settingsFor(args, world)
  const clients = await openClients(region, world)
  const bucket = await bucketOf(clients, stage)
  if (bucket === '') throw usageErrors.noStage(stage, clients.region)
  const folder = join(runsFolder(world.cwd), id)
  await filled(folder, { bucket, region: clients.region, id }, world)
  return folder
}

type Place = Pick<Platform, 'bucket' | 'region'> & { id: string }

async function filled(folder: string, place: Place, world: World): Promise<void> {
  const { store } = await openRunStore(place, world)
  try {
    await fetchRun(store, folder, world.clock.wall())
  } finally {
    store.close()
  }
}
