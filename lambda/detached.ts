/** A worker that a state machine starts. What it would stream goes to the store alone. */
import { Writable } from 'node:stream'
import { documentIn } from '../src/store/documents.ts'
import type { Store } from '../src/store/store.ts'
import { type ItemEvent, type Shared, sharedKey } from '../src/wire/detached.ts'
import type { Start } from '../src/wire/start.ts'

/** The start that is meant, put together from what lies in the run's store. Throws when that is not there. */
export async function startOf({ place, item }: ItemEvent, store: Pick<Store, 'get'>): Promise<Start> {
  const shared = (await documentIn<Partial<Shared>>(store, sharedKey)) ?? {}
  if (shared.run === undefined) throw new Error(`${place.prefix}${sharedKey} is gone: its run is over`)
  return { ...(shared as Shared), ...item }
}

/** Where a stream goes that nobody listens to. */
export const nobody = (): Writable => new Writable({ write: (_chunk, _encoding, written) => written() })
