/** Documents in a store: JSON. */
import type { Store } from './store.ts'

export const documentBytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

export const documentOf = <T>(bytes: Uint8Array): T => JSON.parse(new TextDecoder().decode(bytes)) as T

/** null when there is none. Throws a SyntaxError for one that is cut off. */
export async function documentIn<T>(store: Pick<Store, 'get'>, key: string): Promise<T | null> {
  const bytes = await store.get(key)
  return bytes === null ? null : documentOf(bytes)
}
