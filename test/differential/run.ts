/** One script through Artillery and through us: each run in a folder, a process and against a server of its own. */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EngineName, EngineWish } from '../../src/scenario/engine.ts'
import { readScript } from '../../src/scenario/read.ts'
import { type Asked, type RecordingServer, serve } from './server.ts'

const root = join(import.meta.dirname, '../..')
const node = join(root, 'node_modules/node/bin/node')
const corpus = join(import.meta.dirname, 'corpus')

export const PARTS = ['requests', 'counters', 'summaries', 'exit'] as const
export type ComparedPart = (typeof PARTS)[number]

/** What a script says about itself in comments at its top. */
export type Entry = {
  script: string
  features: string[]
  args: string[]
  /** Of ours alone. */
  with: string[]
  env: Record<string, string>
  /** Which parts of the outcome differ from Artillery's with each of our engines, and why that is right. */
  better: Record<EngineName, Partial<Record<ComparedPart, string>>>
  /** Why Artillery cannot run it, where we can. */
  artilleryFails: string | null
  /** What our refusal says, where Artillery goes on. */
  refused: string | null
  /** Whether it draws by chance: then how often each request came is compared, not which virtual user sent it. */
  random: boolean
  pooled: boolean
}

export type Outcome = {
  /** What each virtual user sent, in its order; the virtual users in any. */
  requests: string[][]
  counters: Record<string, number>
  /** How often each thing was timed, and for what hooks timed, which times. */
  summaries: Record<string, unknown>
  exit: number | null
}
export type Run = { outcome: Outcome | null; exit: number | null; output: string }

export const entries = (): Entry[] =>
  readdirSync(corpus)
    .filter(
      (name) => /\.(yml|json|ts)$/.test(name) && /^(#|\/\/) feature: /m.test(readFileSync(join(corpus, name), 'utf8')),
    )
    .map(readEntry)

function readEntry(script: string): Entry {
  const text = readFileSync(join(corpus, script), 'utf8')
  const all = (word: string): string[] =>
    [...text.matchAll(new RegExp(`^(?:#|//) ${word}: (.+)$`, 'gm'))].map(([, said = '']) => said)
  const words = (name: string): string[] => all(name).flatMap((line) => line.split(' '))
  // What holds for one of the engines alone begins with its name.
  const better = (engine: EngineName): Partial<Record<ComparedPart, string>> =>
    Object.fromEntries(
      PARTS.flatMap((part) =>
        [...all(`better in ${part}`), ...all(`${engine} better in ${part}`)].map((why): [string, string] => [
          part,
          why,
        ]),
      ),
    )
  return {
    script,
    features: all('feature'),
    args: words('args'),
    with: words('with'),
    env: Object.fromEntries(all('env').map((line) => line.split(/=(.*)/).slice(0, 2) as [string, string])),
    better: { artillery: better('artillery'), native: better('native') },
    artilleryFails: all('artillery fails')[0] ?? null,
    refused: all('refused')[0] ?? null,
    random: all('compared')[0] === 'as distributions',
    pooled: /\bpool:/.test(text),
  }
}

export const artillery = (entry: Entry): Promise<Run> =>
  runWith(entry, [join(root, 'node_modules/artillery/bin/run'), 'run', '-o', 'out.json', ...entry.args, entry.script])

export const ours = (entry: Entry, workers: number, engine: EngineWish): Promise<Run> =>
  runWith(entry, [
    ...[join(root, 'bin/slsart.js'), 'invoke', '-p', entry.script, '--local', '--workers', String(workers), '-q'],
    ...['--engine', engine, '-o', 'out.json', '--seed', '7', '--artillery-exit-codes', ...entry.args, ...entry.with],
  ])

/** Whether every scenario of it may run on the native engine, as `plan` would say. Its flags change nothing about that. */
export async function isNative({ script, env, refused }: Entry): Promise<boolean> {
  if (refused !== null) return false
  const { scenarios } = await readScript({
    ...{ paths: [script], texts: [], cwd: corpus, env: { ...places({ port: 1, tlsPort: 2 }), ...env }, engine: 'auto' },
    ...{ config: null, target: null, environment: null, overrides: null, variables: null, scenarioName: null },
    ...{ insecure: false, strict: false, outside: false },
  })
  return scenarios.every(({ engine }) => engine === 'native')
}

export const planned = (entry: Entry): Promise<Run> =>
  runWith(entry, [join(root, 'bin/slsart.js'), 'plan', '-p', entry.script, ...entry.args])

type Report = {
  aggregate: { counters: Record<string, number>; summaries?: Record<string, Record<string, number>> }
}

async function runWith(entry: Entry, command: readonly string[]): Promise<Run> {
  const server = await serve()
  const folder = mkdtempSync(join(tmpdir(), 'slsart-differential-'))
  cpSync(corpus, folder, { recursive: true })
  const child = spawn(node, command, {
    cwd: folder,
    env: environment(entry, server),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // A script that never ends is a finding too, and must be told as one.
  const limit = setTimeout(() => child.kill('SIGKILL'), 60_000)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)))
  const exit = await new Promise<number | null>((resolve) => child.on('close', resolve))
  clearTimeout(limit)
  await server.close()
  const mask = masker(folder, server)
  const report = readReport(join(folder, 'out.json'))
  rmSync(folder, { recursive: true })
  const outcome = report && { requests: sequencesOf(server.seen, entry.pooled, mask), ...countedIn(report, mask), exit }
  return { exit, outcome, output }
}

function environment(
  { env }: Entry,
  { port, tlsPort, proxyPort }: RecordingServer,
): Record<string, string | undefined> {
  const own = Object.entries(env).map(([name, value]) => [
    name,
    value.replace('$PROXY', `http://127.0.0.1:${proxyPort}`),
  ])
  return {
    ...process.env,
    // Some 900 modules a run, compiled once.
    NODE_COMPILE_CACHE: join(tmpdir(), 'slsart-compile-cache'),
    ...places({ port, tlsPort }),
    ARTILLERY_DISABLE_TELEMETRY: 'true',
    ...Object.fromEntries(own),
  }
}

/** What the scripts' templates are filled with. */
const places = ({ port, tlsPort }: Pick<RecordingServer, 'port' | 'tlsPort'>): Record<string, string> => ({
  TARGET: `http://127.0.0.1:${port}`,
  TLS_TARGET: `https://127.0.0.1:${tlsPort}`,
  WS_TARGET: `ws://127.0.0.1:${port}`,
  TLS: join(import.meta.dirname, '../fixtures/tls'),
  COLOUR: 'blue',
})

function readReport(file: string): Report | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    return null
  }
}

type Mask = (text: string) => string

/** What differs from run to run, wherever it stands. */
const masker =
  (folder: string, { port, tlsPort }: RecordingServer): Mask =>
  (text) =>
    text
      .replaceAll(folder, 'FOLDER')
      .replaceAll(new RegExp(`(:|%3A)(?:${port}|${tlsPort})`, 'g'), '$1PORT')
      .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
      .replaceAll(/-{20,}\w+/g, 'BOUNDARY')

function sequencesOf(seen: readonly Asked[], pooled: boolean, mask: Mask): string[][] {
  const users = new Map<number, Set<string>>()
  for (const { connection, vu } of seen) users.set(connection, (users.get(connection) ?? new Set()).add(vu))
  return [...Map.groupBy(seen, ({ vu }) => vu).values()]
    .map((asked) => {
      const own = [...new Set(asked.map(({ connection }) => connection))]
      // With a pool, which connection is free is a race.
      return asked.map((one) => {
        const { size = 0 } = users.get(one.connection) ?? {}
        const connection = pooled ? {} : { connection: own.indexOf(one.connection), shared: size > 1 }
        return line(one, connection, mask)
      })
    })
    .toSorted((a, b) => (a.join() < b.join() ? -1 : 1))
}

function line({ method, url, headers, body }: Asked, connection: object, mask: Mask): string {
  const { host: _host, 'x-vu': _vu, traceparent, ...rest } = headers
  const kept = Object.entries(rest).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const traced = traceparent === undefined ? {} : { traceparent: String(traceparent).replaceAll(/[0-9a-f]/g, 'x') }
  return mask(`${method} ${url} ${JSON.stringify({ ...Object.fromEntries(kept), ...traced, ...connection })} ${body}`)
}

function countedIn({ aggregate }: Report, mask: Mask): Pick<Outcome, 'counters' | 'summaries'> {
  const sorted = <T>(entries: [string, T][]): Record<string, T> =>
    Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
  return {
    counters: sorted(Object.entries(aggregate.counters).map(([name, n]) => [mask(name), n])),
    summaries: sorted(
      Object.entries(aggregate.summaries ?? {}).map(([name, { count, min, max, mean }]) => [
        mask(name),
        name.startsWith('own.') ? { count, min, max, mean } : { count },
      ]),
    ),
  }
}
