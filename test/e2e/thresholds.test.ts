/** The script's own thresholds: over the run and over spans of it, ending the load, and against an earlier run. */
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Ended, type Report, readReport, run, workFolder } from '../support/cli.ts'

type Slow = { url: string; times: number[]; slow: boolean; close(): void }

/** Answers at once, or after 120 ms while it is slow; `times` are those of its requests. */
async function slowTarget(): Promise<Slow> {
  const target: Slow = { url: '', times: [], slow: false, close: () => void server.close() }
  const server = createServer((_request, response) => {
    target.times.push(Date.now())
    setTimeout(() => response.end('ok'), target.slow ? 120 : 0)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  target.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return target
}

const script = (target: string, duration: number, thresholds: string): string => `config:
  target: ${target}
  phases: [{ name: peak, duration: ${duration}, arrivalRate: 20 }]
  slsart: { thresholds: ${thresholds} }
scenarios: [{ name: shop, flow: [{ get: { url: /a } }, { get: { url: /b } }] }]
`

type Invoked = Ended & { report: Report; folder: string; files(name: string): string }

async function invoke(folder: string, more: string[] = []): Promise<Invoked> {
  const args = ['invoke', '-p', 'script.yml', '--local', '--workers', '2', '-q', '-o', 'report.json', ...more]
  const ended = await run(folder, args)
  const files = (name: string): string => readFileSync(join(folder, name), 'utf8')
  return { ...ended, folder, report: readReport(folder), files }
}

test.concurrent('one that ends the load does so within 2 s of its span’s close, as a failure with exit code 11', async () => {
  const target = await slowTarget()
  const folder = workFolder({
    'script.yml': script(target.url, 30, '[{ expression: p50 < 60, span: 3, abortOnFail: true }, p99 < 5000]'),
  })
  setTimeout(() => {
    target.slow = true
  }, 6_000)
  const { code, stdout, report } = await invoke(folder)
  target.close()
  expect(code, stdout).toBe(11)
  expect(report.exit).toEqual({ code: 11, all: [11, 10] })
  expect(report.verdict.result).toBe('fail')
  expect(report.verdict.reasons.map(({ kind }) => kind)).toEqual(['aborted', 'threshold'])
  const [span] = report.thresholds
  const closed = Date.parse(report.run.startedAt) + (span?.at?.to ?? 0) * 1000
  expect(Math.max(...target.times) - closed).toBeLessThan(2_000)
  expect(report.ledger.balanced).toBe(true)
  expect(report.ledger.lost).toBe(600 - report.ledger.launched)
  expect(report.thresholds.map(({ ok }) => ok)).toEqual([false, true])
  expect(stdout).toContain(
    `The load was ended ${span?.at?.to} s into the run, because p50 < 60 (over any 3 s) did not hold.`,
  )

  // Told again from the record alone.
  expect((await run(folder, ['report', '-o', 'again.json'])).stdout).toBe(stdout)
  expect(readFileSync(join(folder, 'again.json'), 'utf8')).toBe(readFileSync(join(folder, 'report.json'), 'utf8'))
})

test.concurrent('the others are judged when the run is over: on all of it, on every span, on one endpoint, scenario or phase', async () => {
  const target = await slowTarget()
  const folder = workFolder({
    'script.yml': script(
      target.url,
      4,
      `
      - failures / requests < 0.01
      - { expression: requests == 80, endpoint: GET /a }
      - { expression: arrivalRate > 19, span: 2 }
      - { expression: launched < 80, phase: peak }
      - { expression: max < 0.001, scenario: shop, span: 1s }
      - { expression: p95 < 100, endpoint: GET /c }`,
    )
      .replace('{ thresholds:', '\n    thresholds:')
      .replace('GET /c } }', 'GET /c }'),
  })
  const { code, stdout, stderr, report } = await invoke(folder)
  target.close()
  expect(code, stderr).toBe(10)
  expect(report.thresholds.map(({ ok, observed, at }) => [ok, Object.keys(observed)[0], at])).toEqual([
    [true, 'failures', null],
    [true, 'requests', null],
    [true, 'arrivalRate', { from: 2, to: 4 }],
    [false, 'launched', null],
    [false, 'max', { from: 0, to: 1 }],
    [false, 'p95', null],
  ])
  expect(report.thresholds[5]?.observed).toEqual({ p95: null })
  expect(stdout).toContain('p95 < 100 (GET /c) did not hold: p95 was not measured.')
})

test.concurrent('one that compares with an earlier run makes a slower one a regression, exit code 14', async () => {
  const target = await slowTarget()
  target.slow = true
  const folder = workFolder({ 'script.yml': script(target.url, 3, '[]') })
  const before = await invoke(folder)
  expect(before.code, before.stderr).toBe(0)
  writeFileSync(
    join(folder, 'script.yml'),
    script(target.url, 3, '[{ expression: p50 <= baseline * 1.1, endpoint: GET /b }]'),
  )

  const none = await run(folder, ['invoke', '-p', 'script.yml', '--local'])
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('compares with a baseline, and none was given')])

  const same = await invoke(folder, ['--baseline', before.report.run.id])
  expect(same.code, same.stdout).toBe(0)
  target.slow = false
  const quick = await invoke(folder, ['--baseline', before.report.run.id])
  expect(quick.code).toBe(0)
  target.slow = true
  const slower = await invoke(folder, ['--baseline', quick.report.run.id])
  expect(slower.code).toBe(14)
  expect(slower.report.exit.all).toEqual([14])
  const { observed } = slower.report.thresholds[0] ?? expect.fail()
  const p50 = quick.report.endpoints.find(({ endpoint }) => endpoint === 'GET /b')?.latency_ms.response.p50
  expect(observed.baseline).toBe(p50)
  expect(slower.stdout).toContain(
    `p50 <= baseline * 1.1 (GET /b) did not hold: p50 was ${observed.p50}, baseline was ${p50}.`,
  )

  // Without a threshold of that kind the report compares all the same.
  writeFileSync(join(folder, 'script.yml'), script(target.url, 1, '[]'))
  const { report, code } = await invoke(folder, ['--baseline', quick.report.run.id])
  expect(code).toBe(0)
  const { run: there, totals, latency_ms, endpoints } = quick.report
  expect(report.baseline).toEqual({ id: there.id, ...totals, latency_ms: expect.anything(), endpoints })
  expect(report.baseline?.latency_ms).toEqual({ response: latency_ms.response, service: latency_ms.service })
  target.close()
})
