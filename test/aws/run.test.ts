/**
 * The command line against the stand-in: a stage is deployed, and runs go to it. The target's own count is the truth; what
 * goes wrong in between shows in the verdict, hangs nothing, and is counted once.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startTarget, type Target } from '../../demo/target.ts'
import { type Ended, type Report, type Running, readReport, run, start, workFolder } from '../support/cli.ts'
import { type Faults, startFaults } from './standin/faults.ts'
import { type Aws, startAws } from './standin/start.ts'

let aws: Aws
let faults: Faults
let target: Target
beforeAll(async () => {
  aws = await startAws()
  faults = await startFaults(aws)
  target = await startTarget()
  const deployed = await run(workFolder(), ['deploy'], aws.env)
  expect(deployed.stderr + deployed.stdout).toContain('The stage dev is deployed')
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

const scriptOf = (duration: number): object => ({
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

const launchedEach = ({ report }: Run): number[] => report.workers.each.map(({ ledger }) => ledger.launched)
const ALL = { due: 60, launched: 60, skipped: 0, lost: 0, completed: 60, failed: 0, unfinished: 0, balanced: true }

test('a run on Lambda is the run on this machine: the same arrivals, requests and counts for the same seed', async () => {
  const begun = aws.lambda.invocations.length
  const remote = await invoke(3, aws.tls.env)
  const local = await invoke(3, aws.env, ['--local'])
  expect(remote).toMatchObject({ code: 0, report: { ledger: ALL } })
  expect(remote.requests).toEqual(local.requests)
  expect(launchedEach(remote)).toEqual(launchedEach(local))
  const counted = ({ report }: Run): unknown => ({
    ...{ ledger: report.ledger, totals: report.totals },
    scenarios: report.scenarios.map(({ name, launched, requests }) => ({ name, launched, requests })),
    endpoints: report.endpoints.map(({ endpoint, requests, responses }) => ({ endpoint, requests, responses })),
  })
  expect(counted(remote)).toEqual(counted(local))
  const used = aws.lambda.invocations.slice(begun)
  expect(used.map(({ version, ending }) => [version, ending?.error])).toEqual([
    ['1', null],
    ['1', null],
  ])
})

test.each([
  ['cut in the middle of a frame', () => faults.cutAfter(700, { times: 1 })],
  ['ended without its end', () => faults.withholdEnd({ times: 2 })],
  ['unknown in the region', () => faults.noStreaming()],
])('a stream that is %s is filled from the store: nothing is missing, nothing counted twice', async (_, fault) => {
  fault()
  const { report, requests } = await invoke(3, faults.env)
  expect(faults.hits()).toBeGreaterThan(0)
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

test('more workers than the account can run at once are refused before anything is sent', async () => {
  aws.lambda.quota.concurrency = 1
  const folder = workFolder({ 'script.json': JSON.stringify(scriptOf(3)) })
  const begun = aws.lambda.invocations.length
  const { code, stderr } = await run(folder, ['invoke', '-p', 'script.json', '--workers', '2', '-q'], aws.env)
  expect(code).toBe(3)
  expect(stderr).toMatch(/\b1\b/)
  expect(aws.lambda.invocations).toHaveLength(begun)
})

test('workers that die are told from those that are done: their arrivals are lost, and the run says so', async () => {
  const folder = workFolder({ 'script.json': JSON.stringify(scriptOf(6)) })
  target.counts.clear()
  const args = ['invoke', '-p', 'script.json', '--workers', '2', '-o', 'report.json', '--progress', 'plain']
  const running = start(folder, args, aws.env)
  await underLoad(running)
  await aws.lambda.kill()
  const { code } = await running.ended
  const { ledger, workers, verdict } = readReport(folder)
  expect(workers.lost).toBe(2)
  expect(ledger).toMatchObject({ due: 120, balanced: true })
  expect(ledger.lost + ledger.unfinished).toBeGreaterThan(0)
  expect(ledger.launched).toBeLessThanOrEqual(target.total())
  expect(verdict.result).not.toBe('pass')
  expect(code).toBeGreaterThanOrEqual(10)
})

test('^C stops workers on Lambda: no more arrivals, a whole ledger', async () => {
  const folder = workFolder({ 'script.json': JSON.stringify(scriptOf(60)) })
  target.counts.clear()
  const args = ['invoke', '-p', 'script.json', '--workers', '2', '-o', 'report.json', '--progress', 'plain']
  const running = start(folder, args, aws.env)
  await underLoad(running)
  running.child.kill('SIGINT')
  await running.ended
  const { ledger } = readReport(folder)
  expect(ledger).toMatchObject({ due: 1200, launched: target.total(), unfinished: 0, balanced: true })
  expect(ledger.launched).toBeLessThan(300)
  expect(aws.lambda.concurrent).toBe(0)
})
