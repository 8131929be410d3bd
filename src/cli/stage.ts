/** The stage whose runs are meant: that of --stage and --region, else that of this folder's settings. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { oneLine, usageErrors } from '../errors.ts'
import type { Platform } from '../fleet/fleet.ts'
import { unlistedText } from '../report/going.ts'
import { CONFIG_FILE } from '../stack/names.ts'
import type { Store } from '../store/store.ts'
import type { World } from '../world.ts'
import type { Args } from './main.ts'
import { textFlag } from './said.ts'
import { openRunsStore } from './store.ts'

const isNamed = (args: Args, world: World): boolean =>
  ['stage', 'region'].some((flag) => textFlag(args, world, flag) !== null)

/** Without either, runs are of this folder alone. */
export const isMeant = (args: Args, world: World): boolean =>
  isNamed(args, world) || existsSync(join(world.cwd, CONFIG_FILE))

export type Bucket = Pick<Platform, 'bucket' | 'region'>

/** The bucket of the stage that is meant. Throws a UsageError when there is no such stage. */
export async function stageBucket(args: Args, world: World): Promise<Bucket> {
  const [{ settingsFor }, { openClients }, { bucketOf }] = await Promise.all([
    import('./settings.ts'),
    import('../stack/clients.ts'),
    import('../stack/deployed.ts'),
  ])
  const { stage, region } = settingsFor(args, world)
  const clients = await openClients(region, world)
  const bucket = await bucketOf(clients, stage)
  if (bucket === '') throw usageErrors.noStage(stage, clients.region)
  return { bucket, region: clients.region }
}

/**
 * What `read` finds in the store of all runs of the stage; null when none is meant, or when it cannot be reached and nobody has named it: that
 * is told.
 */
export async function ofStage<T>(
  args: Args,
  world: World,
  read: (store: Store, bucket: Bucket) => Promise<T>,
): Promise<T | null> {
  if (!isMeant(args, world)) return null
  try {
    const bucket = await stageBucket(args, world)
    const { store } = await openRunsStore(bucket, world)
    return await read(store, bucket).finally(() => store.close())
  } catch (error) {
    if (isNamed(args, world)) throw error
    world.stderr.write(`slsart: ${unlistedText.stage(oneLine(error))}\n`)
    return null
  }
}
