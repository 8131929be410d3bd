/** What travels with a run: the processor's module and the data rows, fetched by key and held against their hash. */
import { pathToFileURL } from 'node:url'
import type { Store } from '../src/store/store.ts'
import type { FaultPlace } from '../src/wire/events.ts'
import type { Part, Start, WorkerScript } from '../src/wire/start.ts'
import type { AnyStart, TaskStart } from '../src/wire/task.ts'
import { findFrom } from './external.ts'
import { unpack } from './unpack.ts'

/** The user's own code failed; `at` is the place in its source. */
export class ScriptFault extends Error {
  readonly at: FaultPlace | null
  constructor(message: string, at: FaultPlace | null) {
    super(message)
    this.at = at
  }
}

/** A plugin's or an engine's module, by its name. */
export type Modules = Record<'plugin' | 'engine', Map<string, Record<string, unknown>>>

/** `script`: with the places that it has here. */
export type FetchedParts = {
  functions: Record<string, unknown>
  modules: Modules
  rows: unknown[][][]
  script: WorkerScript
}

export async function fetchParts(start: Start, store: Store): Promise<FetchedParts> {
  const { parts } = start
  const { root, source, bytes, file } = await unpack(start, start.script.source, store)
  const rows = await Promise.all(
    parts.rows.map(async (part) => JSON.parse(new TextDecoder().decode(await bytes(part))) as unknown[][]),
  )
  findFrom(root)
  const code = async (part: Part): Promise<Record<string, unknown>> => importCode(await file(part), start, root)
  const modules: Modules = { plugin: new Map(), engine: new Map() }
  for (const part of parts.extensions) modules[part.kind].set(part.name, await code(part))
  const processor = parts.processor === null ? {} : await code(parts.processor)
  // A plain object, as Artillery makes it: engines and plugins add functions to it, and a module cannot be added to.
  const functions = { ...(processor.default as object | undefined), ...processor }
  return { functions, modules, rows, script: { ...start.script, source } }
}

/** What the module of a task exports. Where an environment is used again it is the same module for all tasks of a program. */
export async function fetchModule(start: TaskStart, store: Store): Promise<Record<string, unknown>> {
  const of = { ...start, index: 0, attempt: 1 }
  const { root, file } = await unpack(of, start.source, store)
  findFrom(root)
  return importCode(await file(start.parts.processor as Part), of, root)
}

type Visit = Pick<AnyStart, 'run' | 'index' | 'attempt' | 'store'>

/** Anew for each worker: a process may be kept for the next one, and node keeps a module by its address. */
async function importCode(path: string, start: Visit, root: string): Promise<Record<string, unknown>> {
  const { run, index, attempt } = start
  try {
    const url = `${pathToFileURL(path).href}?${run}-${index}-${attempt}`
    return (await import(url)) as Record<string, unknown>
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error))
    const message = `${cause.name}: ${cause.message}${isAbsent(cause, start, root) ? DID_NOT_TRAVEL : ''}`
    throw new ScriptFault(message, placeIn(cause.stack ?? ''))
  }
}

const DID_NOT_TRAVEL = ' (a file beside the code travels to the workers when `config.includeFiles` names it)'

const isAbsent = ({ code, path }: NodeJS.ErrnoException, { store }: Visit, root: string): boolean =>
  store.kind === 'bucket' && code === 'ENOENT' && path?.startsWith(root) === true

/** The first frame of a stack that is in a file of the user's; source maps have put back the original names. */
export function placeIn(stack: string): FaultPlace | null {
  const match = /(?:file:\/\/)?(\/[^\s():?]+)(?:\?[^\s():]*)?:(\d+):(\d+)/.exec(stack)
  return match ? { file: match[1] as string, line: Number(match[2]), column: Number(match[3]) } : null
}
