/**
 * What Artillery did with each script of the corpus, kept beside it: its own runs took two minutes of each suite, and are the same each time.
 * A recording holds for the script, the files beside it, the server and Artillery's version that it was made with; without one that holds
 * Artillery runs. `SLSART_RECORD=1 npx vitest run test/differential` makes them anew.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { artillery, type Entry, entries, type Run } from './run.ts'

const folder = join(import.meta.dirname, 'recorded')
const corpus = join(import.meta.dirname, 'corpus')
const root = join(import.meta.dirname, '../..')

type Recording = { of: string; run: Pick<Run, 'outcome' | 'exit'> }

/** Artillery's run of the script, recorded or real. */
export async function theirs(entry: Entry): Promise<Run> {
  const file = join(folder, `${entry.script}.json.gz`)
  const of = circumstances(entry)
  const kept = process.env.SLSART_RECORD ? null : read(file)
  if (kept?.of === of) return { ...kept.run, output: 'recorded' }
  const run = await artillery(entry)
  if (process.env.SLSART_RECORD) {
    const { outcome, exit } = run
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, gzipSync(JSON.stringify({ of, run: { outcome, exit } } satisfies Recording)))
  }
  return run
}

function read(file: string): Recording | null {
  try {
    return JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as Recording
  } catch {
    return null
  }
}

/** Everything that Artillery's run hangs on, in a hash. */
function circumstances({ script }: Entry): string {
  const hash = createHash('sha256').update(script).update(shared())
  return hash.update(readFileSync(join(corpus, script))).digest('hex')
}

let memo: string | null = null
/** What all scripts have in common: the files that are none, how they are run, and against what. */
function shared(): string {
  if (memo !== null) return memo
  const scripts = new Set(entries().map(({ script }) => script))
  const beside = (readdirSync(corpus, { recursive: true }) as string[])
    .filter((name) => !scripts.has(name) && statSync(join(corpus, name)).isFile())
    .toSorted()
    .map((name) => join(corpus, name))
  const own = ['run.ts', 'server.ts'].map((name) => join(import.meta.dirname, name))
  const hash = createHash('sha256')
  for (const path of [...beside, ...own]) hash.update(readFileSync(path))
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/artillery/package.json'), 'utf8'))
  memo = hash.update(String(version)).digest('hex')
  return memo
}
