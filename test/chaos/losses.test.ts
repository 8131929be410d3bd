/**
 * Nothing is lost silently: workers are killed and frozen at random moments of real runs. Their slices go on within seconds, the ledger balances
 * against what the target saw, and no arrival comes twice. The moments are drawn by a seed: `SLSART_CHAOS_SEED` draws others.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { eventsOf } from '../../src/run/log.ts'
import { eventsPath } from '../../src/run/record.ts'
import { type Report, readReport, start, workFolder } from '../support/cli.ts'
import { type Fleet, local } from './support/runs.ts'
import { filesFor, once } from './support/script.ts'
import { TRIALS } from './support/trials.ts'
import { startWorld } from './support/world.ts'

const world = startWorld(() => {
  const sorted = gaps.toSorted((a, b) => a - b)
  const [median, worst] = [sorted[sorted.length >> 1] ?? 0, sorted.at(-1) ?? 0]
  console.log(`${gaps.length} slices went on after ${Math.round(median)} ms (median), ${Math.round(worst)} ms (worst)`)
})
const { lambda } = world

const WORKERS = 3
const RATE = 30

/** `after`: milliseconds from the launch, or from the first request. */
type Blow = {
  signal: 'SIGKILL' | 'SIGSTOP'
  victim: number
  from: 'launch' | 'load'
  after: number
  thawsAfter: number | null
}

/** Numbers from 0 to 1, always the same ones for a seed. */
function chance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** One or two, from before anybody is ready until the drain. */
function blowsOf(seed: number): Blow[] {
  const random = chance(seed * 7_919 + Number(process.env.SLSART_CHAOS_SEED ?? 1))
  for (let i = 0; i < 5; i++) random()
  return Array.from({ length: random() < 0.6 ? 1 : 2 }, () => {
    const kills = random() < 0.6
    const thawsAfter = kills || random() < 0.4 ? null : 1_000 + random() * 8_000
    // Who stands still for good before it is ready is waited for, two minutes.
    const from = !kills && thawsAfter === null ? 'load' : 'launch'
    const after = from === 'load' ? random() * 9_000 : 200 + random() * 11_500
    return { signal: kills ? 'SIGKILL' : 'SIGSTOP', victim: Math.floor(random() * WORKERS), from, after, thawsAfter }
  })
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
  group: string,
  workers: () => number[],
): Promise<void> {
  if (from === 'load') await world.target.under(group, 1)
  await sleep(after)
  const pids = workers()
  const pid = pids[victim % Math.max(1, pids.length)]
  if (pid === undefined) return
  signal(pid, how)
  if (how !== 'SIGSTOP' || thawsAfter === null) return
  await sleep(thawsAfter)
  signal(pid, 'SIGCONT')
}

type Trial = { report: Report; folder: string; group: string; stderr: string; arrivals: number }
let groups = 0
/** Of all runs, in milliseconds. */
const gaps: number[] = []

async function trial(fleet: Fleet, blows: readonly Blow[], duration = 10): Promise<Trial> {
  const group = `losses-${groups++}`
  const load = { duration, rate: RATE, flow: once, slsart: { quorum: 0.3 } }
  const folder = workFolder(filesFor(world.target.urlOf(group), load))
  const where = fleet.name === 'local' ? ['--local'] : ['--yes']
  const args = ['invoke', '-p', 'script.json', '--workers', String(WORKERS), '--seed', '7', '-q', '-o', 'report.json']
  const running = start(folder, [...args, ...where], fleet.env)
  const pid = running.child.pid ?? expect.fail()
  const workers = (): number[] =>
    fleet.name === 'local' ? childrenOf(pid, 'runtime.js') : childrenOf(process.pid, 'aws-lambda-ric')
  await Promise.all(blows.map((blow) => strike(blow, group, workers)))
  const { stderr } = await running.ended
  return { report: readReport(folder), folder, group, stderr, arrivals: duration * RATE }
}

/** What must be true of every run, whatever was done to it. */
async function holds({ report, folder, group, stderr, arrivals }: Trial): Promise<void> {
  const { count, doubled } = await world.target.summary(group)
  expect(doubled, stderr).toEqual({})
  const { due, launched, lost, balanced } = report.ledger
  expect(balanced).toBe(true)
  expect([due, launched + lost]).toEqual([arrivals, arrivals])
  // What a worker sent after its last frame only the target knows; one that stood still near the end is lost, and replaced by nobody.
  const { replaced, lost: gone } = report.workers
  expect(count).toBeGreaterThanOrEqual(launched)
  expect(count - launched).toBeLessThanOrEqual(2 * (RATE / WORKERS) * (replaced + gone) + 2)
  const here = gapsOf(join(folder, '.slsart/runs', report.run.id))
  gaps.push(...here)
  for (const gap of here) expect(gap).toBeLessThan(5_000)
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

const schedules = Array.from({ length: TRIALS === null ? 6 : TRIALS }, (_, i) => i + 1)

// Mostly they wait for the ten seconds of their load.
test.concurrent.each(schedules)('workers of this machine, killed and frozen by schedule %i', async (seed) => {
  const blows = blowsOf(seed)
  const ended = await trial(local, blows)
  await holds(ended)
})

test('a worker on Lambda whose process dies is replaced, and nothing is launched twice', async () => {
  const ended = await trial(lambda, [{ signal: 'SIGKILL', victim: 1, from: 'load', after: 2_500, thawsAfter: null }])
  await holds(ended)
  expect(ended.report.workers).toMatchObject({ replaced: 1, lost: 0, reported: WORKERS })
  expect(ended.report.verdict).toMatchObject({ result: 'pass', trust: 'degraded' })
})

test('a worker on Lambda that stands still is given up, and when it thaws it sends nothing of its successor', async () => {
  const ended = await trial(
    lambda,
    [{ signal: 'SIGSTOP', victim: 1, from: 'load', after: 2_000, thawsAfter: 7_000 }],
    18,
  )
  await holds(ended)
  expect(ended.report.workers).toMatchObject({ replaced: 1, lost: 0, reported: WORKERS })
})
