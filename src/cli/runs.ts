/** Which run is meant, and where its record is: in this folder, or made here from the store of its stage. */
import { join } from 'node:path'
import type { SlsartError } from '../errors.ts'
import { withoutStoreText } from '../report/advice.ts'
import { fetchRun } from '../run/fetch.ts'
import { findRun, lastOf, readHead, runsFolder } from '../run/record.ts'
import { folderStore } from '../store/folder.ts'
import { isRunId } from '../store/runs.ts'
import type { Store } from '../store/store.ts'
import type { World } from '../world.ts'
import type { Args } from './main.ts'
import { type Bucket, isMeant, stageBucket } from './stage.ts'
import { openRunStore } from './store.ts'

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

/** The same, with its record as it is. A run that is not here is looked for on the stage that is meant. */
export async function placeOf(args: Args, world: World): Promise<string> {
  const said = (args.run as string | undefined) ?? null
  return (await hereOr(said, args, world)) ?? fetched(said ?? '', args, world)
}

/** The folder of a run that is here; null for one that may be elsewhere. */
async function hereOr(said: string | null, args: Args, world: World): Promise<string | null> {
  return findRun(world.cwd, said).catch((error: unknown) => {
    if (said === null || !isRunId(said) || !isMeant(args, world)) throw error
    return null
  })
}

/** The store of a run as it is, here or elsewhere, and its folder when it is here. */
export async function storeOf(said: string, args: Args, world: World): Promise<RunStore> {
  const folder = await hereOr(said, args, world)
  if (folder === null) return remote(said, null, await placeElsewhere(said, args, world), world)
  const { id, platform } = await readHead(folder)
  if (platform === null) return { id, folder, store: folderStore(folder), isLocal: true }
  return remote(id, folder, { ...platform, id }, world)
}

export type RunStore = { id: string; folder: string | null; store: Store; isLocal: boolean }

async function remote(id: string, folder: string | null, place: Place, world: World): Promise<RunStore> {
  return { id, folder, store: (await openRunStore(place, world)).store, isLocal: false }
}

async function fetched(id: string, args: Args, world: World): Promise<string> {
  const folder = join(runsFolder(world.cwd), id)
  await filled(folder, await placeElsewhere(id, args, world), world)
  return folder
}

/** Of a run that is not here. */
const placeElsewhere = async (id: string, args: Args, world: World): Promise<Place> => ({
  ...(await stageBucket(args, world)),
  id,
})

type Place = Bucket & { id: string }

async function filled(folder: string, place: Place, world: World): Promise<void> {
  const { store } = await openRunStore(place, world)
  try {
    await fetchRun(store, folder, world.clock.wall())
  } finally {
    store.close()
  }
}
