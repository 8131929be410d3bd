/** A test longer than a worker's life: windows follow one another without a gap, an overlap or a bunch. */
import { expect, test } from 'vitest'
import { type Seen, startTarget } from '../../demo/target.ts'
import { due } from '../../src/plan/arrivals.ts'
import { profileOf } from '../../src/plan/profile.ts'
import { invoke, type Report, readReport, start, workFolder } from '../support/cli.ts'

/** Lifetime 20: two seconds to start and ten to drain (the timeout) leave windows of at most eight. */
const lifetime = ['--worker-lifetime', '20']
const script = (target: string, seconds: number): object => ({
  config: { target, phases: [{ duration: seconds, arrivalRate: 40 }] },
  scenarios: [{ flow: [{ get: { url: '/items/1' } }] }],
})

test.concurrent('arrivals across two seams are exact and keep their times', { timeout: 120_000 }, async () => {
  const target = await startTarget()
  const seen: Seen[] = []
  target.watch((request) => seen.push(request))
  const { report, code, stdout } = await invoke(script(target.url, 24), { workers: 2, more: lifetime })
  await target.close()

  expect(code, stdout).toBe(0)
  expect(report.plan.windows.map(({ from, to }) => [from, to])).toEqual([0, 8, 16].map((t) => [t, t + 8]))
  expect(report.workers).toMatchObject({ planned: 6, reported: 6, lost: 0 })
  expect(report.ledger).toMatchObject({ due: 960, launched: 960, completed: 960, balanced: true })
  expect(target.total()).toBe(960)
  expect(report.latency_ms.lateness.p90).toBeLessThan(50)

  expectOnTime(seen, report, (k) => (k + 0.5) / 40)
})

/**
 * A hole or a bunch at a seam would move all that follow, until the window is over; a machine that stands still moves what is due in that moment. So
 * the middle one of each second is held to its time.
 */
function expectOnTime(seen: readonly Seen[], report: Report, dueAt: (k: number) => number): void {
  const t0 = Date.parse(report.run.startedAt)
  const off = seen.map(({ at }, k) => at - t0 - dueAt(k) * 1000)
  expect(Math.min(...off)).toBeGreaterThan(-5)
  const seconds = Object.values(Object.groupBy(off, (_late, k) => Math.floor(dueAt(k))))
  const middles = seconds.map((late = []) => late.sort((a, b) => a - b)[late.length >> 1] as number)
  expect(Math.max(...middles)).toBeLessThan(100)
}

test.concurrent('a ramp and Poisson arrivals go on over their seams as one worker would have sent them', async () => {
  const target = await startTarget()
  const seen: Seen[] = []
  target.watch((request) => seen.push(request))
  const phases = [
    { duration: 12, arrivalRate: 5, rampTo: 60 },
    { duration: 12, arrivalRate: 40, mode: 'poisson' },
  ]
  const { report, code, stdout } = await invoke(
    { ...script(target.url, 24), config: { target: target.url, phases } },
    { workers: 2, more: lifetime },
  )
  await target.close()
  expect(code, stdout).toBe(0)
  expect(report.plan.windows.length).toBeGreaterThan(2)
  const profile = profileOf(
    [
      { name: 'up', duration: 12, load: { kind: 'rate', from: 5, to: 60 }, maxVusers: null },
      { name: 'drawn', duration: 12, load: { kind: 'poisson', from: 40, to: 40 }, maxVusers: null },
    ],
    report.run.seed,
  )
  expect(report.ledger).toMatchObject({ due: profile.arrivals, completed: profile.arrivals, balanced: true })
  expect(seen).toHaveLength(profile.arrivals)
  expectOnTime(seen, report, (k) => due(profile, k))
})

test.concurrent('^C before a window was launched counts what it would have sent as lost', async () => {
  const target = await startTarget()
  const folder = workFolder({ 'script.json': JSON.stringify(script(target.url, 48)) })
  const args = [
    'invoke',
    '-p',
    'script.json',
    '--local',
    '--workers',
    '2',
    '-o',
    'report.json',
    '--progress',
    'json',
    ...lifetime,
  ]
  const run = start(folder, args)
  await run.stderrHas('"at":2')
  run.child.kill('SIGINT')
  expect((await run.ended).code).toBe(130)
  const { ledger, workers } = readReport(folder)
  expect(ledger).toMatchObject({ due: 1_920, balanced: true })
  expect(ledger.lost).toBeGreaterThan(1_600)
  expect(workers).toMatchObject({ planned: 12, lost: 0, cancelled: 10 })
  expect(target.total()).toBe(ledger.launched)
  await target.close()
})

test('a lifetime that leaves no time to send is refused', async () => {
  const folder = workFolder({ 'script.json': JSON.stringify(script('http://127.0.0.1:1', 48)) })
  const run = start(folder, ['invoke', '-p', 'script.json', '--local', '--worker-lifetime', '10'])
  const { code, stderr } = await run.ended
  expect(code).toBe(3)
  expect(stderr).toContain('a worker that lives 10 s has no time to send')
})
