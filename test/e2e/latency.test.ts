/** The numbers in the report are the samples' numbers, and lateness is told apart from the target's time. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTarget } from '../../demo/target.ts'
import { invoke, readReport, start, workFolder } from '../support/cli.ts'

/** All raw samples of a run, sorted, in microseconds, by metric. */
function rawSamples(folder: string): Map<string, number[]> {
  const samples = new Map<string, number[]>()
  const files = readdirSync(join(folder, '.slsart/runs'), { recursive: true, encoding: 'utf8' })
  for (const file of files.filter((name) => /samples\/.*\.csv$/.test(name))) {
    for (const line of readFileSync(join(folder, '.slsart/runs', file), 'utf8')
      .trim()
      .split('\n')) {
      const [metric = '', micros] = line.split(',')
      samples.set(metric, [...(samples.get(metric) ?? []), Number(micros)])
    }
  }
  for (const values of samples.values()) values.sort((a, b) => a - b)
  return samples
}

const nearestRank = (sorted: readonly number[], percent: number): number =>
  sorted[Math.max(1, Math.ceil((percent / 100) * sorted.length)) - 1] ?? Number.NaN

test('percentiles are those of the raw samples of all workers together, within 0.1 %', async () => {
  const target = await startTarget()
  const { report, folder } = await invoke(
    {
      config: { target: target.url, phases: [{ duration: 4, arrivalRate: 30 }] },
      scenarios: [{ flow: [{ get: { url: '/items' } }, { get: { url: '/slow', probability: 30 } }] }],
    },
    { workers: 3, more: ['--raw-samples'] },
  )
  const samples = rawSamples(folder)
  for (const metric of ['response', 'service', 'lateness'] as const) {
    const sorted = samples.get(metric) ?? []
    const told = report.latency_ms[metric]
    expect(told.count).toBe(sorted.length)
    expect(told.min).toBe((sorted[0] ?? 0) / 1000)
    expect(told.max).toBe((sorted.at(-1) ?? 0) / 1000)
    for (const [name, percent] of [
      ['p50', 50],
      ['p90', 90],
      ['p95', 95],
      ['p99', 99],
      ['p999', 99.9],
    ] as const) {
      const exact = nearestRank(sorted, percent) / 1000
      expect(Math.abs(told[name] - exact), `${metric} ${name}`).toBeLessThanOrEqual(exact * 0.001)
    }
    const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length / 1000
    expect(told.mean).toBeCloseTo(mean, 2)
  }
  await target.close()
})

test('a single request is timed from when its virtual user was due: response is service and lateness', async () => {
  const target = await startTarget()
  const { report } = await invoke(
    {
      config: { target: target.url, phases: [{ duration: 3, arrivalRate: 40 }] },
      scenarios: [{ flow: [{ get: { url: '/items/1' } }] }],
    },
    { workers: 2 },
  )
  const { response, service, lateness } = report.latency_ms
  // Between starting the virtual user and sending lies the engine's own work.
  expect(response.mean - service.mean).toBeGreaterThanOrEqual(lateness.mean - 0.01)
  expect(response.mean - service.mean).toBeLessThan(lateness.mean + 5)
  await target.close()
})

test('a worker frozen for 2 s shows in response time and lateness, not in the service time of later requests', async () => {
  const target = await startTarget()
  const script = {
    config: { target: target.url, phases: [{ duration: 8, arrivalRate: 40 }] },
    scenarios: [{ flow: [{ get: { url: '/items/1' } }] }],
  }
  const folder = workFolder({ 'script.json': JSON.stringify(script) })
  const args = [
    'invoke',
    '-p',
    'script.json',
    '--local',
    '--workers',
    '2',
    '--seed',
    '7',
    '-o',
    'report.json',
    '--progress',
    'json',
  ]
  const running = start(folder, args)
  await running.stderrHas('"at":2')
  const worker = workersOf(running.child.pid as number)[0] as number
  process.kill(worker, 'SIGSTOP')
  await new Promise((resolve) => setTimeout(resolve, 2_000)) // the freeze itself
  process.kill(worker, 'SIGCONT')
  const { stderr } = await running.ended
  const report = readReport(folder)

  expect(report.ledger, stderr).toMatchObject({ due: 320, launched: 320, completed: 320, balanced: true })
  expect(target.total()).toBe(320)
  expect(report.latency_ms.lateness.max).toBeGreaterThan(1_800)
  expect(report.latency_ms.lateness.max).toBeLessThan(2_500)
  expect(report.latency_ms.response.max).toBeGreaterThan(1_800)
  // One in-flight request may have been frozen with the worker; those sent afterwards are as fast as before.
  expect(report.latency_ms.service.p95).toBeLessThan(100)
  expect(report.series.filter(({ second }) => second >= 6).every(({ service }) => service.max < 500)).toBe(true)
  await target.close()
})

/** The worker processes of a conductor. */
function workersOf(conductor: number): number[] {
  return readFileSync(`/proc/${conductor}/task/${conductor}/children`, 'utf8').trim().split(' ').map(Number)
}
