/** The claims of workers, from this side. */
import type { Store } from '../store/store.ts'
import { claimKey } from '../wire/keys.ts'
import type { SliceAttempt } from '../wire/orders.ts'

const GIVEN_UP = 'given up '

/**
 * Takes the claim of a worker that is gone or given up: should it still come, it does nothing. False: it had taken it itself, or the store
 * does not say. `token` is like no other's.
 */
export async function takeFrom(
  store: Pick<Store, 'putIfAbsent' | 'get'>,
  { slice, attempt }: SliceAttempt,
  token: string,
): Promise<boolean> {
  const key = claimKey(slice, attempt)
  const mark = new TextEncoder().encode(`${GIVEN_UP}${token}`)
  if (await store.putIfAbsent(key, mark).catch(() => false)) return true
  const found = await store.get(key).catch(() => null)
  return found !== null && new TextDecoder().decode(found).startsWith(GIVEN_UP)
}
