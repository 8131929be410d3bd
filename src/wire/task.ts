/**
 * The event that starts a worker for one task: a function of the user's module, called once with one item. Beside that it is what a run's
 * worker is started with. Items and results are plain JSON, and nothing that JSON would change on the way.
 */
import type { Script } from '../scenario/script.ts'
import type { Millis } from '../units.ts'
import type { Start } from './start.ts'

export type TaskStart = Pick<
  Start,
  'run' | 'hook' | 'index' | 'attempt' | 'until' | 'parts' | 'store' | 'batches' | 'allow' | 'env' | 'secrets'
> & {
  /** `item`: left out where there is none. `timeout`: how long the call may take. */
  task: { name: string; item?: unknown; timeout: Millis }
  source: Script['source']
}

export type AnyStart = Start | TaskStart

export const isTask = (start: AnyStart): start is TaskStart => 'task' in start

/** Of an item, and of a result, as JSON, here as on Lambda: with what travels beside it, it fits into the 6 MB of an invocation. */
export const MOST_JSON = 5 * 2 ** 20

/** What JSON would leave out or change, and where; null: nothing. Of an object's keys those without a value may be left out. */
export function changedByJson(value: unknown): { path: string; what: string } | null {
  return changed(value, '', new Set())
}

type Changed = ReturnType<typeof changedByJson>

function changed(value: unknown, path: string, above: Set<object>): Changed {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return null
  if (typeof value === 'number') return Number.isFinite(value) ? null : { path, what: String(value) }
  if (typeof value !== 'object') return { path, what: value === undefined ? 'undefined' : `a ${typeof value}` }
  if (above.has(value)) return { path, what: 'a value that holds itself' }
  above.add(value)
  const found = Array.isArray(value) ? changedIn(value.entries(), path, above) : changedObject(value, path, above)
  above.delete(value)
  return found
}

function changedObject(value: object, path: string, above: Set<object>): Changed {
  const prototype: unknown = Object.getPrototypeOf(value)
  // A plain object of another realm has another Object.
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null
  if (!isPlain) return { path, what: `a ${value.constructor?.name ?? 'class'}` }
  if ('toJSON' in value) return { path, what: 'an object with toJSON' }
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  return changedIn(entries, path, above)
}

function changedIn(entries: Iterable<[string | number, unknown]>, path: string, above: Set<object>): Changed {
  for (const [key, one] of entries) {
    const found = changed(one, typeof key === 'number' ? `${path}[${key}]` : `${path}.${key}`, above)
    if (found !== null) return found
  }
  return null
}
