/** The store of a run on Lambda, opened from this side. */
import type { Platform } from '../fleet/fleet.ts'
import { dealt } from '../plan/regions.ts'
import type { RunHead } from '../run/record.ts'
import type { CredentialsOf } from '../store/credentials.ts'
import { openStore } from '../store/open.ts'
import { regionsStore } from '../store/regions.ts'
import type { Store } from '../store/store.ts'
import type { StorePlace } from '../wire/start.ts'
import type { World } from '../world.ts'

type OfRun = { id: string; bucket: string; region: string }
/** Of a run's head. */
type Known = Pick<RunHead, 'id' | 'plan'> & { platform: Platform }
export type Opened = { place: StorePlace; store: Store; credentials: CredentialsOf }

export const openRunStore = ({ id, ...at }: OfRun, world: World): Promise<Opened> => openAt(`runs/${id}/`, at, world)

/** Of a run that is known, in each of its regions. */
export async function openStoreOf(run: Known, world: World): Promise<Store> {
  const { id, platform, plan } = run
  const { others = [] } = platform
  const storeAt = async (at: Platform): Promise<Store> => (await openRunStore({ ...at, id }, world)).store
  const home = await storeAt(platform)
  if (others.length === 0) return home
  const regions = dealt(plan)
  return regionsStore([home, ...(await Promise.all(others.map(storeAt)))], (slice) => regions[slice] ?? 0)
}

/** Of all runs of a stage: each one's keys begin with its name. */
export const openRunsStore = (at: Omit<OfRun, 'id'>, world: World): Promise<Opened> => openAt('runs/', at, world)

async function openAt(prefix: string, { bucket, region }: Omit<OfRun, 'id'>, world: World): Promise<Opened> {
  const { credentialChain } = await import('../fleet/lambda/credentials.ts')
  const credentials = credentialChain(world)
  const place = { kind: 'bucket', bucket, prefix, region } as const
  return { place, credentials, store: openStore(place, { env: world.env, credentials }) }
}
