/** Keeping to the schedule: on time when the machine can, late and honest about it when it cannot. */
import { expect, test } from 'vitest'
import { startTarget } from '../../demo/target.ts'
import { invoke } from '../support/cli.ts'

const script = (target: string, duration: number, arrivalRate: number): object => ({
  config: { target, phases: [{ duration, arrivalRate }] },
  scenarios: [{ flow: [{ get: { url: '/items/1' } }] }],
})

test('200 arrivals a second over two workers hold for a quarter of a minute without drifting', {
  timeout: 120_000,
}, async () => {
  const target = await startTarget()
  const { report, code, stdout } = await invoke(script(target.url, 15, 200), { workers: 2 })
  expect(code, stdout).toBe(0)
  expect(report.ledger).toMatchObject({ due: 3_000, launched: 3_000, completed: 3_000, balanced: true })
  expect(target.total()).toBe(3_000)
  expect(report.latency_ms.lateness.p99).toBeLessThan(20)
  const last = report.series.findLast(({ launched }) => launched > 0)
  expect(last?.lateness.max).toBeLessThan(50)
})

// A hook that works for 2 ms makes 1,500 virtual users a second three cores' worth, whatever the machine.
const BUSY = `module.exports = {
  work(_context, _events, done) {
    const end = performance.now() + 2
    while (performance.now() < end);
    done()
  },
}`

test('asked for more than the cores can give, it launches every arrival, and says how late', {
  timeout: 120_000,
}, async () => {
  const target = await startTarget()
  const { report, code, stdout } = await invoke(
    {
      config: { target: target.url, processor: './busy.js', phases: [{ duration: 5, arrivalRate: 1_500 }] },
      scenarios: [{ beforeScenario: 'work', flow: [{ get: { url: '/items/1' } }] }],
    },
    { workers: 2 },
    { 'busy.js': BUSY },
  )
  expect(target.total()).toBe(7_500)
  expect(report.ledger).toMatchObject({ due: 7_500, launched: 7_500, lost: 0, skipped: 0, balanced: true })
  expect(report.latency_ms.lateness.p99).toBeGreaterThan(1_000)
  // Response time counts from when a virtual user was due, also when a hook comes before its first request.
  expect(report.latency_ms.response.p99).toBeGreaterThanOrEqual(report.latency_ms.lateness.p99)
  expect(report.verdict).toMatchObject({ result: 'inconclusive', trust: 'invalid' })
  expect(report.verdict.reasons.map(({ kind }) => kind)).toContain('late')
  expect(stdout).toMatch(/started [\d,]+ arrivals of 7,500 late: lateness p99 [\d.]+ m?s/)
  expect(code).toBe(12)
  await target.close()
})
