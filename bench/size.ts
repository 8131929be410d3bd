/** The worker bundle: zipped size, cold import; and how fast the command line answers --help. Whole processes, from outside. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { report, timed } from './rows.ts'

const root = join(import.meta.dirname, '..')
const worker = join(root, 'dist/worker.mjs')
const stub = 'globalThis.awslambda = { streamifyResponse: (h) => h };'

const TIMES = 20
const processMs = (args: readonly string[]): number => {
  const times = Array.from({ length: TIMES }, () => timed(() => spawnSync(process.execPath, args)))
  return times.toSorted((a, b) => a - b)[TIMES / 2] as number
}
const empty = processMs(['-e', ''])
const imported = processMs(['--input-type=module', '-e', `${stub} await import(${JSON.stringify(worker)})`])
report({
  worker_zip_mb: deflateRawSync(readFileSync(worker), { level: 9 }).length / 2 ** 20,
  worker_import_ms: imported - empty,
  help_ms: processMs([join(root, 'bin/slsart.js'), '--help']),
  empty_ms: empty,
})
