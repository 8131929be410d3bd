/** Ending early: by ^C once and twice, by SIGTERM, by the death of a worker or of the conductor. Nothing stays behind. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { startTarget, type Target } from '../../demo/target.ts'
import { type Running, readReport, start, workFolder } from '../support/cli.ts'

const args = [
  'invoke',
  '-p',
  'script.json',
  '--local',
  '--workers',
  '3',
  '--seed',
  '7',
  '-o',
  'report.json',
  '--progress',
  'json',
]

/** A run of 30 s, seen running for two; `slow` virtual users loop for as long. */
async function running(target: Target, flow: object[]): Promise<{ folder: string; run: Running; workers: number[] }> {
  const script = { config: { target: target.url, phases: [{ duration: 30, arrivalRate: 30 }] }, scenarios: [{ flow }] }
  const folder = workFolder({ 'script.json': JSON.stringify(script) })
  const run = start(folder, args)
  await run.stderrHas('"at":2')
  const children = readFileSync(`/proc/${run.child.pid}/task/${run.child.pid}/children`, 'utf8')
  return { folder, run, workers: children.trim().split(' ').map(Number) }
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const oneRequest = [{ get: { url: '/items/1' } }]
const looping = [{ loop: [{ get: { url: '/items/1' } }, { think: 0.1 }], count: 1000 }]

test.concurrent('^C once ends the load within seconds, prints the summary and exits 130', async () => {
  const target = await startTarget()
  const { folder, run, workers } = await running(target, looping)
  run.child.kill('SIGINT')
  const stoppedAt = performance.timeOrigin + performance.now()
  let last = 0
  target.watch(({ at }) => {
    last = at
  })
  const { code, stdout } = await run.ended
  const report = readReport(folder)
  expect(code).toBe(130)
  expect(last - stoppedAt).toBeLessThan(5_000)
  expect(stdout).toContain('stopped by SIGINT')
  expect(report.exit).toEqual({ code: 130, all: [130, 12] })
  expect(report.ledger.balanced).toBe(true)
  expect(report.ledger.due).toBe(900)
  expect(report.ledger.lost).toBeGreaterThan(600)
  expect(report.ledger.unfinished).toBeGreaterThan(0)
  expect(target.total()).toBe(report.aggregate.counters['http.requests'])
  expect(workers.filter(alive)).toEqual([])
  await target.close()
})

test.concurrent('^C twice ends the workers at once, and what was received is still reported', async () => {
  const target = await startTarget()
  const { run, folder, workers } = await running(target, looping)
  run.child.kill('SIGINT')
  await new Promise((resolve) => setTimeout(resolve, 100)) // a person's second press
  run.child.kill('SIGINT')
  const pressed = performance.now()
  const { code, stdout } = await run.ended
  expect(performance.now() - pressed).toBeLessThan(1_500)
  expect(code).toBe(130)
  expect(stdout).toContain('ledger')
  expect(readReport(folder).ledger.launched).toBeGreaterThan(0)
  expect(workers.filter(alive)).toEqual([])
  await target.close()
})

test.concurrent('SIGTERM ends it like ^C and exits 143', async () => {
  const target = await startTarget()
  const { run, folder } = await running(target, oneRequest)
  run.child.kill('SIGTERM')
  expect((await run.ended).code).toBe(143)
  expect(readReport(folder).exit.all).toEqual([143, 12])
  await target.close()
})

test.concurrent('a worker that is killed is replaced, with what was due in between counted as lost', async () => {
  const target = await startTarget()
  const { run, folder, workers } = await running(target, oneRequest)
  process.kill(workers[1] as number, 'SIGKILL')
  await run.stderrHas('"replaced":1')
  run.child.kill('SIGINT')
  await run.ended
  const report = readReport(folder)
  expect(report.workers).toMatchObject({ planned: 3, reported: 3, lost: 0, replaced: 1 })
  expect(report.ledger.balanced).toBe(true)
  expect(report.ledger.lost).toBeGreaterThan(0)
  await target.close()
})

test.concurrent('a conductor that is killed takes its workers and their load with it', async ({ expect }) => {
  const target = await startTarget()
  const { run, workers } = await running(target, looping)
  run.child.kill('SIGKILL')
  await run.ended
  await expect.poll(() => workers.filter(alive), { timeout: 5_000 }).toEqual([])
  await target.close()
})
