/** A worker's last word to the run's store, for whoever stops the run from elsewhere and has none of its stream. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from '../src/store/store.ts'
import type { Millis } from '../src/units.ts'
import { endedKey } from '../src/wire/keys.ts'

/** A store that hangs must not hold the worker. */
const PATIENCE: Millis = 2_000

/** Nothing is sent any more by this attempt. What cannot be put is missed by whoever waits for it, and by nobody else. */
export async function putEnded(store: Pick<Store, 'put'>, slice: number, attempt: number): Promise<void> {
  const put = store.put(endedKey(slice, attempt), new Uint8Array()).catch(() => {})
  const over = new AbortController()
  await Promise.race([put, sleep(PATIENCE, null, { signal: over.signal }).catch(() => {})])
  over.abort()
}
