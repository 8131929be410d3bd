/** What goes wrong between the command line and its workers on Lambda: it hangs nothing, is counted once, and the verdict says it. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startTarget, type Target } from '../../demo/target.ts'
import { type Ended, type Report, type Running, readReport, run, start, workFolder } from '../support/cli.ts'
import { startDeployed } from './deployed.ts'
import { type Faults, startFaults } from './standin/faults.ts'
import type { Aws } from './standin/start.ts'

let aws: Aws
let faults: Faults
let target: Target
beforeAll(async () => {
  aws = await startDeployed()
  faults = await startFaults(aws)
  target = await startTarget()
})
afterEach(() => {
  faults.clear()
  aws.lambda.quota.concurrency = 1000
})
afterAll(async () => {
  faults.close()
  await target.close()
  await aws.close()
})

const scriptOf = (duration: number): { config: object; scenarios: object[] } => ({
  config: {
    target: target.url,
    phases: [{ name: 'steady', duration, arrivalRate: 20 }],
    variables: { id: ['1', '2', '3', '4', '5'] },
  },
  scenarios: [
    { name: 'read', weight: 3, flow: [{ get: { url: '/items/{{ id }}' } }] },
    { name: 'list', weight: 1, flow: [{ get: { url: '/items' } }] },
  ],
})

type Run = Ended & { report: Report; requests: Record<string, number> }

/** A run of two workers, with what arrived at the target meanwhile, by path. */
async function invoke(duration: number, env: Record<string, string>, more: readonly string[] = []): Promise<Run> {
  const folder = workFolder({ 'script.json': JSON.stringify(scriptOf(duration)) })
  target.counts.clear()
  const args = ['invoke', '-p', 'script.json', '--workers', '2', '--seed', '7', '-o', 'report.json', '-q', ...more]
  const ended = await run(folder, args, env)
  const requests = Object.fromEntries([...target.counts].toSorted())
  // Anything between is an error that ended it before it began.
  expect([0, 10, 11, 12, 13], ended.stderr).toContain(ended.code)
  return { ...ended, report: readReport(folder), requests }
}

/** Resolves when the target has seen some of its load. */
async function underLoad({ ended }: Running): Promise<void> {
  const failed = ended.then(({ code, stderr }) => {
    throw new Error(`ended with ${code}:\n${stderr}`)
  })
  await Promise.race([new Promise<void>((resolve) => target.watch(() => target.total() > 20 && resolve())), failed])
  failed.catch(() => {})
  target.watch(null)
}

const ALL = { due: 60, launched: 60, skipped: 0, lost: 0, completed: 60, failed: 0, unfinished: 0, balanced: true }

test('streams that end without their end, and a slow store: nothing is missing, nothing counted twice', async () => {
  faults.withholdEnd({ times: 2 })
  faults.delay(250, { path: /\/runs\// })
  const { report, requests } = await invoke(3, faults.env)
  expect(faults.hits()).toBeGreaterThan(3)
  expect(report.ledger).toEqual(ALL)
  expect(report.totals).toMatchObject({ requests: 60, responses: 60 })
  expect(Object.values(requests).reduce((sum, n) => sum + n, 0)).toBe(60)
  expect(report.verdict.result).toBe('pass')
})

test('starts that are throttled are tried again; a failed one is not, and nothing is sent without it', async () => {
  faults.throttle({ times: 3 })
  expect((await invoke(3, faults.env)).report.ledger).toEqual(ALL)
  faults.clear()
  faults.fail(500, { times: 9 })
  const folder = workFolder({ 'script.json': JSON.stringify(scriptOf(3)) })
  target.counts.clear()
  const { code, stderr } = await run(folder, ['invoke', '-p', 'script.json', '--workers', '2', '-q'], faults.env)
  expect(code).toBe(3)
  expect(stderr).toContain('500')
  expect(target.total()).toBe(0)
})

test('workers that die are replaced; what they had not told is lost, and the run says so', async () => {
  const folder = workFolder({ 'script.json': JSON.stringify(scriptOf(12)) })
  target.counts.clear()
  const args = ['invoke', '-p', 'script.json', '--workers', '2', '-o', 'report.json', '--progress', 'plain']
  const running = start(folder, args, aws.env)
  await underLoad(running)
  await aws.lambda.kill()
  const { code } = await running.ended
  const { ledger, verdict, workers } = readReport(folder)
  expect(workers).toMatchObject({ lost: 0, replaced: 2, reported: 2 })
  expect(ledger).toMatchObject({ due: 240, balanced: true })
  expect(ledger.lost).toBeGreaterThan(0)
  expect(ledger.launched).toBeLessThanOrEqual(target.total())
  expect(verdict.trust).not.toBe('trusted')
  expect(verdict.reasons.map(({ kind }) => kind)).toContain('gaps')
  expect([0, 12]).toContain(code)
})

test('a worker that takes all its memory is said to be that', async () => {
  const eat = `const eaten = []\nexport const eat = async () => { for (;;) eaten.push(Buffer.alloc(5e7, 1)) }`
  const script = { ...scriptOf(6), scenarios: [{ flow: [{ get: { url: '/items' } }, { function: 'eat' }] }] }
  Object.assign(script.config, { processor: './hooks.mjs' })
  const folder = workFolder({ 'script.json': JSON.stringify(script), 'hooks.mjs': eat })
  await run(folder, ['deploy', '--memory', '256'], aws.env)
  const args = ['invoke', '-p', 'script.json', '--workers', '1', '-o', 'report.json', '--progress', 'plain']
  const { code, stdout, stderr } = await run(folder, args, aws.env)
  expect(code).toBeGreaterThanOrEqual(10)
  expect(stdout + stderr).toContain('ran out of memory (256 MB): deploy with more --memory')
  expect(readReport(folder)).toMatchObject({ workers: { lost: 1 }, ledger: { due: 120, balanced: true } })
})
