/** Runs whose workers are killed and frozen while they are under way, and what must be true of them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { eventsOf } from '../../../src/run/log.ts'
import { eventsPath } from '../../../src/run/record.ts'
import { type Report, readReport, start, workFolder } from '../../support/cli.ts'
import type { Fleet } from './runs.ts'
import { filesFor, once } from './script.ts'
import type { CountingTarget } from './target.ts'

export const WORKERS = 3
const RATE = 30
/** In which a slice goes on. In CI two cores are shared with three more files. */
const SOON = process.env.SLSART_CHAOS_TRIALS === undefined ? 12_000 : 5_000

/** `after`: milliseconds from the launch, or from the first request. */
export type Blow = {
  signal: 'SIGKILL' | 'SIGSTOP'
  victim: number
  from: 'launch' | 'load'
  after: number
  thawsAfter: number | null
}

/** Processes that are workers of that conductor, or environments of the stand-in; in order of their start. */
const childrenOf = (pid: number, name: string): number[] =>
  readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => read(`/proc/${pid}/task/${task}/children`).trim().split(' '))
    .map(Number)
    .filter((child) => child > 0 && read(`/proc/${child}/cmdline`).includes(name))
    .toSorted((a, b) => a - b)

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // It has ended meanwhile.
  }
}

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name)
  } catch {} // It has ended by itself.
}

async function strike(
  { signal: how, victim, from, after, thawsAfter }: Blow,
  begun: () => Promise<unknown>,
  workers: () => number[],
): Promise<void> {
  if (from === 'load') await begun()
  await sleep(after)
  const pids = workers()
  const pid = pids[victim % Math.max(1, pids.length)]
  if (pid === undefined) return
  signal(pid, how)
  if (how !== 'SIGSTOP' || thawsAfter === null) return
  await sleep(thawsAfter)
  signal(pid, 'SIGCONT')
}

/** `stood`: for how many seconds workers stood still that went on. */
export type Trial = { report: Report; folder: string; group: string; stderr: string; arrivals: number; stood: number }
let groups = 0

export async function trial(
  target: CountingTarget,
  fleet: Fleet,
  blows: readonly Blow[],
  duration = 10,
): Promise<Trial> {
  const group = `losses-${groups++}`
  const load = { duration, rate: RATE, flow: once, slsart: { quorum: 0.3 } }
  const folder = workFolder(filesFor(target.urlOf(group), load))
  const where = fleet.name === 'local' ? ['--local'] : ['--yes']
  const args = ['invoke', '-p', 'script.json', '--workers', String(WORKERS), '--seed', '7', '-q', '-o', 'report.json']
  const running = start(folder, [...args, ...where], fleet.env)
  const pid = running.child.pid ?? expect.fail()
  const workers = (): number[] =>
    fleet.name === 'local' ? childrenOf(pid, 'runtime.js') : childrenOf(process.pid, 'aws-lambda-ric')
  await Promise.all(blows.map((blow) => strike(blow, () => target.under(group, 1), workers)))
  const { stderr } = await running.ended
  const stood = blows.reduce((sum, { thawsAfter }) => sum + (thawsAfter ?? 0) / 1000, 0)
  return { report: readReport(folder), folder, group, stderr, arrivals: duration * RATE, stood }
}

/** What must be true of every run, whatever was done to it. Resolves with how long it took until its slices went on, in milliseconds. */
export async function holds(
  target: CountingTarget,
  { report, folder, group, stderr, arrivals, stood }: Trial,
): Promise<number[]> {
  const { count, doubled } = await target.summary(group)
  expect(doubled, stderr).toEqual({})
  const { due, launched, lost, balanced } = report.ledger
  expect(balanced).toBe(true)
  expect([due, launched + lost]).toEqual([arrivals, arrivals])
  // What a worker sent after its last frame only the target knows: two seconds' arrivals, or all that it missed when it goes on in the moment in
  // which it is given up. One that stood still near the end is lost, and replaced by nobody.
  const { replaced, lost: gone } = report.workers
  expect(count).toBeGreaterThanOrEqual(launched)
  expect(count - launched).toBeLessThanOrEqual((RATE / WORKERS) * (2 * (replaced + gone) + stood) + 2)
  const here = gapsOf(join(folder, '.slsart/runs', report.run.id))
  for (const gap of here) expect(gap).toBeLessThan(SOON)
  return here
}

/** From when the conductor heard that a worker was gone until its slice went on, under load. */
function gapsOf(folder: string): number[] {
  const gone = new Map<number, number>()
  const here: number[] = []
  let t0 = Number.POSITIVE_INFINITY
  for (const { now, event } of eventsOf(eventsPath(folder))) {
    if (event.type === 'go') t0 = event.t0
    if (event.type === 'gone' && event.again) gone.set(event.slice, now)
    if (event.type === 'joined' && event.attempt > 1 && event.from > 0)
      here.push(t0 + event.from * 1000 - Math.max(t0, gone.get(event.slice) ?? now))
  }
  return here
}
