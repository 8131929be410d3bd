/** The scripts of the native engine's rows, and slsart and Artillery carrying them out under full load. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Load, underLoad } from './load.ts'
import type { Target } from './nginx.ts'
import { temporaryFolder } from './processes.ts'

const root = join(import.meta.dirname, '..')
const get = { url: '/items/1' }
const templated = { ...get, headers: { 'x-request': '{{ $uuid }}' }, capture: { json: '$.name', as: 'name' } }

/** What a virtual user does, and how many requests that is. */
export type Flow = { steps: readonly object[]; requests: number }
export const one: Flow = { steps: [{ get }], requests: 1 }
export const loop: Flow = { steps: [{ loop: [{ get: templated }], count: 100 }], requests: 100 }

/** `pool`: connections that all virtual users share; null: each has its own. */
export type Ask = { target: string; flow: Flow; pool: number | null; phases: readonly object[]; slsart?: object }

export const scriptOf = ({ target, flow, pool, phases, slsart = {} }: Ask): object => ({
  // The certificate is self-signed, and the references do not verify it either.
  config: { target, phases, tls: { rejectUnauthorized: false }, http: pool === null ? {} : { pool }, slsart },
  scenarios: [{ flow: flow.steps }],
})

/**
 * More than it can carry, for 5 s: `arrivalRate` is above that, and `maxVusers` keeps what cannot be carried from piling up as open
 * connections: it is skipped.
 */
export type Overload = Omit<Ask, 'phases'> & { arrivalRate: number; maxVusers: number }
const SECONDS = 5

/** The share of its core that a generator at its limit uses at least. */
const FULL = 0.9

/** slsart's exit code of a run whose numbers are not to be trusted: its worker was late, as it was meant to be. */
const INCONCLUSIVE = 12

export async function slsartUnderLoad(nginx: Target, engine: string, overload: Overload): Promise<Load> {
  const cwd = folderWith(overload)
  const load = await underLoad(nginx, invoke({ engine, workers: 1 }), { cwd, codes: [0, INCONCLUSIVE] })
  const { ledger, errors } = reportIn(cwd, engine)
  const completed = ledger.launched * overload.flow.requests
  return held(load, completed, errors, 'slsart')
}

export async function artilleryUnderLoad(nginx: Target, overload: Overload): Promise<Load> {
  const cwd = folderWith(overload)
  const command = [process.execPath, join(root, 'node_modules/artillery/bin/run'), 'run', '-q', '-o', 'out.json']
  const env = { WORKERS: '1', ARTILLERY_DISABLE_TELEMETRY: 'true' }
  const load = await underLoad(nginx, [...command, 'script.json'], { cwd, env })
  const { counters } = JSON.parse(readFileSync(join(cwd, 'out.json'), 'utf8')).aggregate as {
    counters: Record<string, number>
  }
  const errors = Object.entries(counters).filter(([name]) => name.startsWith('errors.'))
  const completed = (counters['vusers.created'] ?? 0) * overload.flow.requests
  return held(load, completed, errors, 'artillery run')
}

/** The command line, for a script.json in the working directory; `reportIn` reads what it leaves there. */
export const invoke = ({ engine, workers }: { engine: string; workers: number }): string[] => [
  ...[process.execPath, join(root, 'bin/slsart.js'), 'invoke', '-p', 'script.json', '--local', '-q'],
  ...['-o', 'report.json'],
  ...['--workers', String(workers), '--engine', engine],
]

type Report = {
  run: { engine: string }
  ledger: { launched: number }
  errors: object[]
  latency_ms: { service: { p50: number; p99: number; count: number } }
}

/** Throws when another engine ran than the one that was asked for. */
export function reportIn(folder: string, engine: string): Report {
  const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report
  if (report.run.engine !== engine) throw new Error(`the engine was ${report.run.engine}, not ${engine}`)
  return report
}

/** Every event and frame of the only run of a folder: src/run/log.ts. */
export function runLogIn(folder: string): string {
  const runs = join(folder, '.slsart/runs')
  return join(runs, readdirSync(runs)[0] ?? '', 'events.bin')
}

export function folderWithScript(script: object): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'script.json'), JSON.stringify(script))
  return folder
}

const folderWith = ({ arrivalRate, maxVusers, ...ask }: Overload): string =>
  folderWithScript(scriptOf({ ...ask, phases: [{ duration: SECONDS, arrivalRate, maxVusers }] }))

/** The load, if all was well with it: every request reached the target, and none failed (EADDRNOTAVAIL: no local port was left). */
function held(load: Load, expected: number, errors: readonly unknown[], who: string): Load {
  if (errors.length > 0) throw new Error(`${who}: ${JSON.stringify(errors)}`)
  if (load.requests !== expected) throw new Error(`${who}: ${load.requests} requests at the target, not ${expected}`)
  if (load.cpu < FULL) {
    const percent = (100 * load.cpu).toFixed(0)
    console.error(`${who} used ${percent} % of its core: it was asked for too little, or something else ran there`)
  }
  return load
}
