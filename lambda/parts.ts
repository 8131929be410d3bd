/** What travels with a run: the processor's module and the data rows, fetched by key and held against their hash. */
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Store } from '../src/store/store.ts'
import type { FaultPlace } from '../src/wire/events.ts'
import type { Part, Start } from '../src/wire/start.ts'

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

export type FetchedParts = { functions: Record<string, unknown>; modules: Modules; rows: unknown[][][] }

export async function fetchParts({ parts, store: place }: Start, store: Store): Promise<FetchedParts> {
  const root = place.kind === 'folder' ? place.folder : tmpdir()
  const rows = await Promise.all(
    parts.rows.map(async (part) => JSON.parse(new TextDecoder().decode(await fetchPart(part, store))) as unknown[][]),
  )
  const code = async (part: Part): Promise<Record<string, unknown>> => {
    await fetchPart(part, store)
    return importCode(join(root, part.key))
  }
  const modules: Modules = { plugin: new Map(), engine: new Map() }
  for (const part of parts.extensions) modules[part.kind].set(part.name, await code(part))
  const processor = parts.processor === null ? {} : await code(parts.processor)
  // A plain object, as Artillery makes it: engines and plugins add functions to it, and a module cannot be added to.
  return { functions: { ...(processor.default as object | undefined), ...processor }, modules, rows }
}

async function fetchPart({ key, hash, inline }: Part, store: Store): Promise<Uint8Array> {
  const bytes = inline === null ? await store.get(key) : Buffer.from(inline, 'base64')
  if (bytes === null) throw new Error(`${key} is not in the store`)
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== hash) throw new Error(`${key} is damaged: its hash is ${found}`)
  return bytes
}

async function importCode(path: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error))
    throw new ScriptFault(`${cause.name}: ${cause.message}`, placeIn(cause.stack ?? ''))
  }
}

/** The first frame of a stack that is in a file of the user's; source maps have put back the original names. */
export function placeIn(stack: string): FaultPlace | null {
  const match = /(?:file:\/\/)?(\/[^\s():]+):(\d+):(\d+)/.exec(stack)
  return match ? { file: match[1] as string, line: Number(match[2]), column: Number(match[3]) } : null
}
