/** The built command line, run as a user runs it, in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'

const bin = join(import.meta.dirname, '../../bin/slsart.js')

export type Ended = { code: number | null; stdout: string; stderr: string }
export type Running = { child: ChildProcess; ended: Promise<Ended>; stderrHas(text: string): Promise<void> }

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A folder that is gone after the test file; `files` are written into it first. */
export function workFolder(files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'slsart-test-'))
  folders.push(folder)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

export function start(folder: string, args: readonly string[], env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env: { ...process.env, ...env } })
  let stdout = ''
  let stderr = ''
  let heard = (): void => {}
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    heard()
  })
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })))
  return {
    child,
    ended,
    stderrHas: (text) =>
      new Promise((resolve, reject) => {
        heard = () => {
          if (stderr.includes(text)) resolve()
        }
        heard()
        void ended.then(() => reject(new Error(`ended without saying "${text}":\n${stderr}`)))
      }),
  }
}

export const run = (folder: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
  start(folder, args, env).ended

/** `slsart invoke --local` on a script given as an object, and its JSON report. */
export async function invoke(
  script: object,
  { workers, seed = 7, more = [] }: { workers: number; seed?: number; more?: readonly string[] },
  files: Record<string, string> = {},
): Promise<Ended & { report: Report; folder: string }> {
  const folder = workFolder({ ...files, 'script.json': JSON.stringify(script) })
  const args = ['invoke', '-p', 'script.json', '--local', '--workers', String(workers), '--seed', String(seed)]
  const ended = await run(folder, [...args, '-q', '-o', 'report.json', ...more])
  return { ...ended, folder, report: readReport(folder) }
}

export const readReport = (folder: string): Report =>
  JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report

type Latency = Record<'count' | 'min' | 'mean' | 'p50' | 'p75' | 'p90' | 'p95' | 'p99' | 'p999' | 'max', number>

/** The parts of slsart.report/1 that tests look at. */
export type Report = {
  schema: string
  run: { id: string; seed: number; startedAt: string }
  plan: { arrivals: number; workers: number; windows: { from: number; to: number; workers: number }[] }
  ledger: Record<'due' | 'launched' | 'skipped' | 'lost' | 'completed' | 'failed' | 'unfinished', number> & {
    balanced: boolean
  }
  epochs: { at: number; kind: string; scale?: number }[]
  workers: Record<'planned' | 'reported' | 'late' | 'silent' | 'lost' | 'replaced' | 'cancelled', number> & {
    each: {
      slice: number
      is: string
      ok: boolean
      ledger: Record<'due' | 'launched', number>
      requests: number
      lateness_ms: { p99: number; max: number }
      health: { cpu: number; memoryBytes: number }
    }[]
  }
  breakdown_ms: Record<'dns' | 'tcp' | 'tls' | 'firstByte', Latency | null>
  leavingOut: { workers: number[]; latency_ms: Record<'response' | 'service', Latency> } | null
  totals: Record<'requests' | 'responses' | 'failures', number>
  baseline: (Pick<Report, 'endpoints'> & { id: string; latency_ms: Record<'response' | 'service', Latency> }) | null
  latency_ms: Record<'response' | 'service' | 'lateness', Latency>
  phases: { name: string; warmUp?: boolean; arrivals: number; launched: number; skipped: number; requests: number }[]
  scenarios: { name: string; launched: number; requests: number }[]
  regions: {
    region: string
    weight: number
    workers: { planned: number }
    ledger: { launched: number }
    requests: number
    latency_ms: Record<'response' | 'service', Latency>
  }[]
  endpoints: {
    endpoint: string
    requests: number
    responses: number
    failures: number
    latency_ms: Record<'response' | 'service', Latency>
  }[]
  errors: {
    code: string
    count: number
    sample: {
      message: string
      scenario: string
      endpoint: string | null
      status: number | null
      arrival: number
    } | null
  }[]
  series: {
    second: number
    launched: number
    responses: number
    response: { p50: number; max: number }
    service: { p50: number; p95: number; p99: number; max: number }
    lateness: { p99: number; max: number }
  }[]
  verdict: { result: string; trust: string; reasons: { kind: string; message: string }[] }
  thresholds: {
    expression: string
    strict: boolean
    ok: boolean
    observed: Record<string, unknown>
    at: { from: number; to: number } | null
  }[]
  costUsd: Record<'estimated' | 'actual' | 'atLeast' | 'atMost' | 'cap', number | null> | null
  histograms: Record<string, string>
  exit: { code: number; all: number[] }
  aggregate: { counters: Record<string, number>; summaries: Record<string, { count: number; p99: number }> }
  intermediate: { counters: Record<string, number> }[]
}
