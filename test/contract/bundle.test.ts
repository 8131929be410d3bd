/** The artefact fence: what must never be inside the worker, or be loaded before the command line can say --help. */

import { isBuiltin } from 'node:module'
import { type BuildOptions, build, type Metafile } from 'esbuild'
import { expect, test } from 'vitest'
import { cliBuild, closingBuild, workerBuild } from '../../scripts/build.ts'
import { zipped } from '../../src/stack/zip.ts'

/** One megabyte: the stretch of the target, whose must is two. */
const MOST_ZIPPED = 2 ** 20

const inputsOf = async (options: Parameters<typeof build>[0]): Promise<Metafile> => {
  const { metafile } = await build({ ...options, write: false, metafile: true })
  return metafile as Metafile
}

test("the worker has the engine in it, and nothing of the conductor's", async () => {
  const { inputs: named, outputs } = await inputsOf(workerBuild)
  const inputs = Object.keys(named)
  expect(inputs.some((path) => path.includes('artillery/dist/lib/core/engine_http.js'))).toBe(true)
  const forbidden =
    /^src\/(cli|run|fleet|report|stack|dashboard|world)|node_modules\/(ink|react|react-reconciler|yoga-layout|string-width|yargs|zod|yaml|@aws-sdk|esbuild)\//
  expect(inputs.filter((path) => forbidden.test(path))).toEqual([])
  // It signs for S3 by itself: the SDK is larger than all of the worker.
  expect(inputs.some((path) => path.includes('aws4fetch'))).toBe(true)
  expect(inputs.filter((path) => /node_modules\/(@smithy|@aws|undici)\//.test(path))).toEqual([])
  // An import of it loads undici, which takes a tenth of the cold import.
  const imported = outputs['dist/worker.mjs']?.imports.filter(({ kind }) => kind === 'import-statement') ?? []
  expect(imported.map(({ path }) => path)).toContain('node:net')
  expect(imported.map(({ path }) => path)).not.toContain('node:http')
  // Artillery's Azure code is under another licence and must never be shipped.
  expect(inputs.filter((path) => /launch-platform|platform\/az/.test(path))).toEqual([])
})

test('the function is small enough to be deployed and loaded in a moment', async () => {
  const whole = async (options: BuildOptions): Promise<Uint8Array> => {
    const { outputFiles } = await build({ ...options, write: false })
    return outputFiles?.[0]?.contents ?? new Uint8Array(MOST_ZIPPED)
  }
  const files = { 'index.mjs': await whole(workerBuild), 'closing.mjs': await whole(closingBuild) }
  expect(zipped(files).bytes.length).toBeLessThan(MOST_ZIPPED)
})

test('--help loads the flags and yargs in a few files, no command, no engine, no reader', async () => {
  const { outputs } = await inputsOf(cliBuild)
  const seen = new Set<string>()
  const packages = new Set<string>()
  const visit = (name: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    for (const { path, kind, external } of outputs[name]?.imports ?? []) {
      if (kind === 'dynamic-import') continue
      if (external) packages.add(path)
      else visit(path)
    }
  }
  visit('dist/cli.js')
  // Each file that is found and loaded takes half a millisecond; crypto takes four, and Intl, which string-width needs, twenty.
  expect([...packages].filter((name) => !isBuiltin(name))).toEqual([])
  expect([...packages]).not.toContain('node:crypto')
  const sources = [...seen].flatMap((name) => Object.keys(outputs[name]?.inputs ?? {}))
  expect(
    sources.filter((path) => /^src\/(run|fleet|report|measure|plan|dashboard|cli\/commands)\//.test(path)),
  ).toEqual([])
  expect(sources.some((path) => path.includes('node_modules/yargs/'))).toBe(true)
  expect(sources.filter((path) => path.includes('node_modules/string-width/'))).toEqual([])
})
