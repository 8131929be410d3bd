/**
 * The files that a script names to content-addressed parts that travel with the run: the processor, bundled with what
 * it imports into one ES module, and the data files' rows. A worker fetches a part by its key and checks its hash.
 */
import { createHash } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BuildFailure } from 'esbuild'
import { scriptErrors } from '../errors.ts'
import { bundleKey } from '../wire/keys.ts'
import type { Part, Parts } from '../wire/start.ts'
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
  const processor = script.processor === null ? null : keep(await bundleProcessor(script.processor), 'mjs')
  const rows = script.feeds.map((feed) => keep(new TextEncoder().encode(JSON.stringify(feed.rows)), 'json'))
  return { parts: { processor, rows }, files }
}

/** JS or TS, CommonJS or ES module, with its imports: one ES module with an inline source map. */
async function bundleProcessor(path: string): Promise<Uint8Array> {
  const { build } = await import('esbuild')
  try {
    const { outputFiles } = await build({
      entryPoints: [path],
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      target: 'node22',
      sourcemap: 'inline',
      sourcesContent: false,
      absWorkingDir: dirname(path),
      sourceRoot: `${pathToFileURL(dirname(path)).href}/`,
      keepNames: true,
      logLevel: 'silent',
      // The code runs from the run's folder, but finds the files beside it as it did at home.
      define: {
        __dirname: JSON.stringify(dirname(path)),
        __filename: JSON.stringify(path),
        'import.meta.url': JSON.stringify(pathToFileURL(path).href),
      },
      banner: {
        js: `import { createRequire as slsartRequire } from 'node:module'; const require = slsartRequire(${JSON.stringify(path)});`,
      },
    })
    return (outputFiles[0] as { contents: Uint8Array }).contents
  } catch (cause) {
    const problem = (cause as BuildFailure).errors?.[0]
    if (!problem) throw cause
    const { location } = problem
    const at = location
      ? { file: resolve(dirname(path), location.file), line: location.line, column: location.column + 1 }
      : { file: path }
    throw scriptErrors.processor(at, problem.text)
  }
}
