/**
 * What travels with a run, as content-addressed parts: the processor, plugins and engines from npm, each bundled with what it
 * imports into one ES module; the data files' rows; and the files that the script names. A worker fetches a part by its key
 * and checks its hash.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { scriptErrors } from '../errors.ts'
import { bundleKey } from '../wire/keys.ts'
import type { Part, Parts } from '../wire/start.ts'
import { bundle, type How, placedIn } from './bundle.ts'
import type { Script } from './script.ts'

export type Packed = { parts: Parts; files: { key: string; bytes: Uint8Array }[] }

type Packable = Pick<Script, 'processor' | 'extensions' | 'feeds' | 'files' | 'external' | 'source'>

/**
 * `inlineBytes`: parts that are together no larger ride in the event, in base64; larger ones are files for the store. `refuse` words what is
 * wrong with the code.
 */
export async function packScript(
  script: Packable,
  inlineBytes: number,
  refuse: How['refuse'] = scriptErrors.processor,
): Promise<Packed> {
  const files: Packed['files'] = []
  const keep = (bytes: Uint8Array, extension: string): Part => {
    const hash = createHash('sha256').update(bytes).digest('hex')
    const key = bundleKey(hash, extension)
    files.push({ key, bytes })
    return { key, hash, inline: null }
  }
  const { external, source } = script
  const named = new Set(script.files)
  const code = async (path: string, small: boolean): Promise<Part> => {
    const how = { format: 'esm', root: source.root, external, small, refuse } as const
    const bundled = await bundle(path, how)
    for (const file of bundled.native) named.add(file)
    return keep(bundled.code, 'mjs')
  }
  const processor = script.processor === null ? null : await code(script.processor, false)
  const extensions: Parts['extensions'] = []
  for (const { kind, name, path } of script.extensions) extensions.push({ kind, name, ...(await code(path, true)) })
  const rows = script.feeds.map((feed) => keep(new TextEncoder().encode(JSON.stringify(feed.rows)), 'json'))
  const placed = placedIn(source.root)
  const beside: Parts['files'] = []
  for (const file of named) {
    const path = placed(file)
    // What lies beyond the root, as native code in a package may, stays where it is.
    if (!path.startsWith('..')) beside.push({ path, ...keep(await readFile(file), extname(file).slice(1) || 'bin') })
  }
  const parts: Parts = { processor, extensions, rows, files: beside }
  const size = files.reduce((sum, { bytes }) => sum + bytes.length, 0)
  return size <= inlineBytes ? { parts: inlined(parts, files), files: [] } : { parts, files }
}

function inlined({ processor, extensions, rows, files: beside }: Parts, files: Packed['files']): Parts {
  const bytes = new Map(files.map((file) => [file.key, Buffer.from(file.bytes).toString('base64')]))
  const inline = <P extends Part>(part: P): P => ({ ...part, inline: bytes.get(part.key) ?? null })
  return {
    processor: processor && inline(processor),
    ...{ extensions: extensions.map(inline), rows: rows.map(inline), files: beside.map(inline) },
  }
}
