/**
 * The files that a script names to content-addressed parts that travel with the run: the processor, bundled with what
 * it imports into one ES module, and the data files' rows. A worker fetches a part by its key and checks its hash.
 */
import { createHash } from 'node:crypto'
import { scriptErrors } from '../errors.ts'
import { bundleKey } from '../wire/keys.ts'
import type { Part, Parts } from '../wire/start.ts'
import { bundle } from './bundle.ts'
import type { Script } from './script.ts'

export type Packed = { parts: Parts; files: { key: string; bytes: Uint8Array }[] }

export async function packScript(script: Script): Promise<Packed> {
  const files: Packed['files'] = []
  const keep = (bytes: Uint8Array, extension: string): Part => {
    const hash = createHash('sha256').update(bytes).digest('hex')
    const key = bundleKey(hash, extension)
    files.push({ key, bytes })
    return { key, hash }
  }
  const processor =
    script.processor === null ? null : keep(await bundle(script.processor, 'esm', scriptErrors.processor), 'mjs')
  const rows = script.feeds.map((feed) => keep(new TextEncoder().encode(JSON.stringify(feed.rows)), 'json'))
  return { parts: { processor, rows }, files }
}
