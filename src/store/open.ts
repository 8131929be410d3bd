import type { StorePlace } from '../wire/start.ts'
import type { CredentialsOf } from './credentials.ts'
import { folderStore } from './folder.ts'
import { s3Store } from './s3.ts'
import type { Store } from './store.ts'

/** The store at its place; `env` may name another endpoint. */
export const openStore = (
  place: StorePlace,
  by: { env: Record<string, string | undefined>; credentials: CredentialsOf },
): Store => (place.kind === 'folder' ? folderStore(place.folder) : s3Store(place, by))
