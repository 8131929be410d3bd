/** A store that is asked again when it does not answer: for whoever has something to ask of a run, and would rather be late than give up. */
import type { Store } from './store.ts'

const ATTEMPTS = 3

export function patient(store: Store): Store {
  const again = async <T>(call: (attempt: number) => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await call(attempt)
      } catch (error) {
        if (attempt === ATTEMPTS) throw error
      }
    }
  }
  return {
    get: (key) => again(() => store.get(key)),
    list: (prefix) => again(() => store.list(prefix)),
    folders: (prefix) => again(() => store.folders(prefix)),
    put: (key, body) => again(() => store.put(key, body)),
    putIfAbsent: (key, body) =>
      again(async (attempt) => {
        if (await store.putIfAbsent(key, body)) return true
        // What is there may be what an attempt has put that was not answered.
        const found = attempt === 1 ? null : await store.get(key)
        return found !== null && Buffer.compare(found, body) === 0
      }),
    clear: (prefix) => again(() => store.clear(prefix)),
    close: () => store.close(),
  }
}
