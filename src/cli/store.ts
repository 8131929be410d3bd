/** The store of a run on Lambda, opened from this side. */
import type { CredentialsOf } from '../store/credentials.ts'
import { openStore } from '../store/open.ts'
import type { Store } from '../store/store.ts'
import type { StorePlace } from '../wire/start.ts'
import type { World } from '../world.ts'

type OfRun = { id: string; bucket: string; region: string }
export type Opened = { place: StorePlace; store: Store; credentials: CredentialsOf }

export const openRunStore = ({ id, ...at }: OfRun, world: World): Promise<Opened> => openAt(`runs/${id}/`, at, world)

/** Of all runs of a stage: each one's keys begin with its name. */
export const openRunsStore = (at: Omit<OfRun, 'id'>, world: World): Promise<Opened> => openAt('runs/', at, world)

async function openAt(prefix: string, { bucket, region }: Omit<OfRun, 'id'>, world: World): Promise<Opened> {
  const { credentialChain } = await import('../fleet/lambda/credentials.ts')
  const credentials = credentialChain(world)
  const place = { kind: 'bucket', bucket, prefix, region } as const
  return { place, credentials, store: openStore(place, { env: world.env, credentials }) }
}
