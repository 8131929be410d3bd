/** A folder with a script and its files, read as the command line reads them. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { ScriptError } from '../../../src/errors.ts'
import { readScript } from '../../../src/scenario/read.ts'
import type { Script } from '../../../src/scenario/script.ts'
import type { ReadOptions } from '../../../src/scenario/sources.ts'

export type Files = Record<string, string>

/** A script that is read without complaint; tests change a line of it. */
export const GOOD = `config:
  target: http://127.0.0.1:8080
  phases:
    - duration: 60
      arrivalRate: 5
scenarios:
  - flow:
      - get: { url: / }
`

/** GOOD with one piece of it replaced; the piece must be there. */
export function good(piece: string, by: string): string {
  if (!GOOD.includes(piece)) throw new Error(`GOOD has no "${piece}"`)
  return GOOD.replace(piece, by)
}

export type Reading = Partial<Omit<ReadOptions, 'paths' | 'texts' | 'cwd'>> & { path?: string; paths?: string[] }

/** Writes the script and its files to a folder of their own, which goes with the test, and reads it. */
export async function read(script: string | null, files: Files = {}, options: Reading = {}): Promise<Script> {
  const folder = await mkdtemp(join(tmpdir(), 'slsart-script-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = options.path ?? 'script.yml'
  const all: Files = script === null ? files : { [path]: script, ...files }
  for (const [name, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  const none = { config: null, target: null, environment: null, overrides: null, variables: null, scenarioName: null }
  return readScript({
    cwd: folder,
    env: {},
    insecure: false,
    outside: false,
    strict: false,
    engine: 'auto',
    ...none,
    paths: [path],
    texts: [],
    ...options,
  })
}

/** What the user is told when a script is refused: place, message and hint. Fails when it is not. */
export async function refusal(script: string | null, files: Files = {}, options: Reading = {}): Promise<string> {
  const outcome = await read(script, files, options).then(
    () => 'it was read without complaint',
    (error: unknown) => error,
  )
  if (outcome instanceof ScriptError) return outcome.toText()
  throw new Error(`no ScriptError, but: ${String(outcome)}`)
}
