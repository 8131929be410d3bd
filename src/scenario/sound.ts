/** What no script needs and some text may hold: sizes, depths and aliases that nothing could read to its end, and keys that objects take for their own. */
import type { Path } from './positions.ts'

/** A worker's event carries the whole script, and has 6 MB. */
export const MOST_SCRIPT_BYTES: number = 8 * 2 ** 20
/** Rows are read, parsed and written as JSON at once: a gigabyte of memory for this much. */
export const MOST_DATA_BYTES: number = 100 * 2 ** 20
const DEEPEST = 100
/** With what aliases repeat. */
const MOST_VALUES = 1_000_000

export type Unsound = { kind: 'deep' | 'many' | 'key'; path: Path }

/** The first such thing in a value, or null. */
export function unsoundIn(value: unknown): Unsound | null {
  const path: (string | number)[] = []
  let left = MOST_VALUES
  const look = (one: unknown): Unsound['kind'] | null => {
    if (--left < 0) return 'many'
    if (typeof one !== 'object' || one === null) return null
    if (path.length >= DEEPEST) return 'deep'
    for (const [key, inner] of Array.isArray(one) ? one.entries() : Object.entries(one)) {
      path.push(key)
      const found = key === '__proto__' ? 'key' : look(inner)
      if (found !== null) return found
      path.pop()
    }
    return null
  }
  const kind = look(value)
  return kind && { kind, path }
}
