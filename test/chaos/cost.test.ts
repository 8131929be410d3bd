/**
 * What a run with a cap costs, measured from outside: how long each of its processes lived, by the price that the script says. That a load of real
 * processes is cut where a simulated one is.
 */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTarget, type Target } from '../../demo/target.ts'
import { type Running, readReport, start, workFolder } from '../support/cli.ts'

/** A cent a second. */
const USD_PER_HOUR = 36
const WORKERS = 3
/** Long enough for workers that take many seconds to start on a busy machine. */
const DURATION = 20
/** Worker-seconds: what the load takes at the least, and not what its workers may take to end. */
const CAP = WORKERS * (DURATION + 0.5)
const SHUTDOWN = 3

let target: Target
beforeAll(async () => {
  target = await startTarget()
})
afterAll(() => target.close())

const args = (cap: number): string[] => [
  ...['invoke', '-p', 'script.json', '--local', '--workers', String(WORKERS), '--seed', '7', '--progress', 'json'],
  ...['-o', 'report.json', '--max-cost', String(cap / 100)],
]

const folderFor = (): string =>
  workFolder({
    'script.json': JSON.stringify({
      config: {
        target: target.url,
        phases: [{ duration: DURATION, arrivalRate: 30 }],
        slsart: { price: { usdPerWorkerHour: USD_PER_HOUR } },
      },
      scenarios: [{ flow: [{ get: { url: '/items/1' } }] }],
    }),
  })

const childrenOf = (pid: number | undefined): number[] => {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
    return text === '' ? [] : text.split(' ').map(Number)
  } catch {
    return []
  }
}

/** A zombie waits to be asked for how it ended, which a frozen parent does not do: it costs nothing any more. */
const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Looks every 20 ms who is there: the seconds that all workers of a command lived together, from the first look to the last. */
function watched(run: Running): { seconds(): number; over(): boolean; close(): void } {
  const lives = new Map<number, { from: number; to: number }>()
  const look = (): void => {
    const now = performance.now()
    for (const pid of childrenOf(run.child.pid)) if (!lives.has(pid)) lives.set(pid, { from: now - 20, to: now })
    for (const [pid, life] of lives) if (isAlive(pid)) life.to = now
  }
  const timer = setInterval(look, 20)
  return {
    seconds: () => [...lives.values()].reduce((sum, { from, to }) => sum + (to - from) / 1000, 0),
    over: () => lives.size === WORKERS && [...lives.keys()].every((pid) => !isAlive(pid)),
    close: () => clearInterval(timer),
  }
}

test.concurrent('the load is ended before the run costs more than was said; exit 13, and the report says so', async () => {
  const folder = folderFor()
  const run = start(folder, args(CAP))
  const lives = watched(run)
  const { code, stdout } = await run.ended
  lives.close()
  const { exit, verdict, ledger, costUsd } = readReport(folder)
  expect(code, stdout).toBe(13)
  expect(exit).toEqual({ code: 13, all: [13, 12] })
  expect(verdict.reasons).toContainEqual(expect.objectContaining({ kind: 'stopped', by: 'budget' }))
  expect(stdout).toContain('stopped by its budget (--max-cost)')
  expect(ledger).toMatchObject({ due: 30 * DURATION, balanced: true })
  expect(ledger.lost).toBeGreaterThan(0)
  expect(lives.seconds()).toBeLessThanOrEqual(CAP)
  expect(lives.seconds()).toBeGreaterThan(CAP - WORKERS * (SHUTDOWN + 0.5))
  expect(costUsd?.cap).toBe(CAP / 100)
  expect(costUsd?.actual).toBeCloseTo(lives.seconds() / 100, 2)
  expect(costUsd?.atMost).toBeLessThanOrEqual(CAP / 100)
})

test.concurrent('workers whose conductor stands still end by themselves when the budget is spent', async ({
  expect,
}) => {
  const folder = folderFor()
  const run = start(folder, args(CAP))
  const lives = watched(run)
  await run.stderrHas('"at":2')
  process.kill(run.child.pid as number, 'SIGSTOP')
  await expect.poll(() => lives.over(), { timeout: 40_000, interval: 50 }).toBe(true)
  const seconds = lives.seconds()
  lives.close()
  process.kill(run.child.pid as number, 'SIGCONT')
  const { code } = await run.ended
  expect(seconds).toBeLessThanOrEqual(CAP)
  expect(seconds).toBeGreaterThan(CAP - WORKERS * (SHUTDOWN + 0.5))
  expect(code).toBe(13)
  expect(readReport(folder).exit.all).toContain(13)
})
