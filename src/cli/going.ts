/** Which run that goes on is meant: the one that is named, or the newest of this folder that has not ended. */
import { usageErrors } from '../errors.ts'
import { hasLapsed, look, type Place, type Seen } from '../run/kill.ts'
import { lastOf, pastRuns } from '../run/record.ts'
import { documentOf } from '../store/documents.ts'
import { patient } from '../store/patient.ts'
import type { Millis } from '../units.ts'
import type { World } from '../world.ts'
import type { Args } from './main.ts'
import { type RunStore, storeOf } from './runs.ts'

const EVERY: Record<'here' | 'elsewhere', Millis> = { here: 100, elsewhere: 500 }

/** What is known of a run before anything is asked of it. `seen`: null when its ending is known without. */
export type Found = { run: RunStore; place: Place; isOver: boolean; seen: Seen | null }

/** Throws a UsageError when there is none, or not that one. */
export async function foundRun(args: Args, world: World): Promise<Found> {
  const said = args.run as string | undefined
  if (said !== undefined) return find(said, args, world)
  const runs = await pastRuns(world.cwd)
  const [newest] = runs
  if (newest === undefined) throw usageErrors.noneGoing()
  let lapsed: Found | null = null
  for (const { head } of runs.filter(({ ending }) => ending === null)) {
    const one = await find(head.id, args, world)
    const isIdle = one.isOver || one.seen === null || hasLapsed(one.seen, world.clock.wall())
    // Its command was killed some day, or is frozen: unless there is one that certainly goes on.
    if (!isIdle) return one
    if (!one.isOver) lapsed ??= one
  }
  return lapsed ?? find(newest.head.id, args, world)
}

async function find(said: string, args: Args, world: World): Promise<Found> {
  const run = await storeOf(said, args, world)
  const place = placeIn(run, world)
  if (await hasEnding(run)) return { run, place, isOver: true, seen: null }
  const seen = await look(place)
  if (seen.orders === null && run.folder === null) throw usageErrors.notInStore()
  return { run, place, isOver: seen.isOver || seen.orders === null, seen }
}

/** Where a run is looked at, and how often. */
export const placeIn = ({ store, isLocal }: Pick<RunStore, 'store' | 'isLocal'>, world: World): Place => ({
  ...{ store: patient(store), clock: world.clock, every: isLocal ? EVERY.here : EVERY.elsewhere },
  isGone: isLocal ? (claim) => isGone(claim, world) : null,
})

export const hasEnding = async ({ folder }: Pick<RunStore, 'folder'>): Promise<boolean> =>
  folder !== null && (await lastOf(folder)) !== null

/** Another machine may share the folder. */
function isGone(claim: Uint8Array, { machine, isThere }: World): boolean {
  try {
    const said = documentOf<{ machine?: string; pid?: number }>(claim)
    return said.machine === machine.name && said.pid !== undefined && !isThere(said.pid)
  } catch {
    return false
  }
}
