/** Which run is meant, and where its record is: in this folder, or made here from the store of its stage. */
import { join } from 'node:path'
import type { SlsartError } from '../errors.ts'
import { withoutStoreText } from '../report/advice.ts'
import { fetchRun } from '../run/fetch.ts'
import { findRun, lastOf, type RunHead, readHead, runsFolder } from '../run/record.ts'
import { documentIn } from '../store/documents.ts'
import { folderStore } from '../store/folder.ts'
import { isRunId } from '../store/runs.ts'
import type { Store } from '../store/store.ts'
import { headKey } from '../wire/keys.ts'
import type { World } from '../world.ts'
import type { Args } from './main.ts'
import { isMeant, stageBucket } from './stage.ts'
import { openRunStore, openStoreOf } from './store.ts'

/**
 * The folder of the run of the argument. A run on Lambda of which the record here was cut off is made whole from its store, if that can be
 * reached.
 */
export async function folderOf(args: Args, world: World): Promise<string> {
  const folder = await placeOf(args, world)
  const head = await readHead(folder)
  const { platform } = head
  if (platform === null || (await lastOf(folder)) !== null) return folder
  await openStoreOf({ ...head, platform }, world)
    .then((store) => filled(folder, store, world))
    .catch((error: SlsartError) => {
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
  if (folder === null) return { id: said, folder, store: await storeElsewhere(said, args, world), isLocal: false }
  const head = await readHead(folder)
  const { id, platform } = head
  if (platform === null) return { id, folder, store: folderStore(folder), isLocal: true }
  return { id, folder, store: await openStoreOf({ ...head, platform }, world), isLocal: false }
}

export type RunStore = { id: string; folder: string | null; store: Store; isLocal: boolean }

async function fetched(id: string, args: Args, world: World): Promise<string> {
  const folder = join(runsFolder(world.cwd), id)
  await filled(folder, await storeElsewhere(id, args, world), world)
  return folder
}

/** Of a run that is not here: any of its regions knows the others. */
async function storeElsewhere(id: string, args: Args, world: World): Promise<Store> {
  const { store } = await openRunStore({ ...(await stageBucket(args, world)), id }, world)
  const head = await documentIn<RunHead>(store, headKey)
  if (head?.platform?.others === undefined) return store
  store.close()
  return openStoreOf({ ...head, platform: head.platform }, world)
}

async function filled(folder: string, store: Store, world: World): Promise<void> {
  try {
    await fetchRun(store, folder, world.clock.wall())
  } finally {
    store.close()
  }
}
