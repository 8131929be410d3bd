/**
 * The store of a run that is dealt to several regions: one in each. What a worker writes is where the worker is; what all of them read, the
 * orders, code and data, is written to all; and what is asked of the run from elsewhere is in the first, its home.
 */
import { sliceIn } from '../wire/keys.ts'
import type { Store } from './store.ts'

/** `regionOf`: the position of a slice's region; hooks, with numbers below 0, are of the home. */
export function regionsStore(stores: readonly [Store, ...Store[]], regionOf: (slice: number) => number): Store {
  const [home] = stores
  const ownOf = (key: string): Store | null => {
    const slice = sliceIn(key)
    return slice === null ? null : ((slice < 0 ? home : stores[regionOf(slice)]) ?? home)
  }
  /** All are tried, whichever fails. */
  const inAll = async <T>(call: (store: Store) => Promise<T>): Promise<T[]> => {
    const calls = await Promise.allSettled(stores.map(call))
    return calls.map((one) => {
      if (one.status === 'rejected') throw one.reason
      return one.value
    })
  }
  const together = (lists: readonly string[][]): string[] => [...new Set(lists.flat())].toSorted()
  return {
    get: (key) => (ownOf(key) ?? home).get(key),
    putIfAbsent: (key, bytes) => (ownOf(key) ?? home).putIfAbsent(key, bytes),
    async put(key, bytes) {
      const own = ownOf(key)
      if (own !== null) return own.put(key, bytes)
      await inAll((store) => store.put(key, bytes))
    },
    list: async (prefix) => ownOf(prefix)?.list(prefix) ?? together(await inAll((store) => store.list(prefix))),
    folders: async (prefix) => together(await inAll((store) => store.folders(prefix))),
    clear: async (prefix) => void (await inAll((store) => store.clear(prefix))),
    close() {
      for (const store of stores) store.close()
    },
  }
}
