/** One script through Artillery and through us, each in a folder and a process of its own, against a server of its own. */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Recorded, record } from './server.ts'

const root = join(import.meta.dirname, '../..')
export const corpus = join(import.meta.dirname, 'corpus')

export type Outcome = {
  /** What each virtual user sent, in its order; the virtual users in any. */
  sequences: string[][]
  counters: Record<string, number>
  output: string
}

export const artillery = (script: string): Promise<Outcome> =>
  runWith(script, [join(root, 'node_modules/artillery/bin/run'), 'run', '-o', 'report.json', script])

export const ours = (script: string, workers: number): Promise<Outcome> =>
  runWith(script, [
    ...[join(root, 'bin/slsart.js'), 'invoke', '--local', '-q', '-p', script, '-o', 'report.json'],
    ...['--workers', String(workers), '--seed', '7'],
  ])

async function runWith(script: string, command: readonly string[]): Promise<Outcome> {
  const server = await record()
  const folder = mkdtempSync(join(tmpdir(), 'slsart-differential-'))
  cpSync(corpus, folder, { recursive: true })
  const env = { ...process.env, TARGET: server.url, COLOUR: 'blue', ARTILLERY_DISABLE_TELEMETRY: 'true' }
  const child = spawn(process.execPath, command, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)))
  await new Promise((resolve) => child.on('close', resolve))
  await server.close()
  try {
    const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as {
      aggregate: { counters: Record<string, number> }
    }
    return { sequences: sequencesOf(server.seen), counters: compared(report.aggregate.counters), output }
  } catch (cause) {
    throw new Error(`${script} left no report behind: ${output}`, { cause })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function sequencesOf(seen: readonly Recorded[]): string[][] {
  const users = Map.groupBy(seen, ({ vu }) => vu)
  return [...users.values()]
    .map((requests) => requests.map(({ vu: _vu, ...request }) => JSON.stringify(request)))
    .toSorted((a, b) => (a.join() < b.join() ? -1 : 1))
}

/** What both count. Where the target stands differs between runs, and is in the names of what is counted by its port. */
const compared = (counters: Record<string, number>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(counters)
      .filter(([name]) => !name.startsWith('http.downloaded_bytes'))
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
