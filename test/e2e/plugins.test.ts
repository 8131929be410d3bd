/** Artillery's plugins: those that live in workers, and ensure, which judges the merged fleet. */
import { expect, test } from 'vitest'
import { startTarget } from '../../demo/target.ts'
import { type Report, readReport, run, workFolder } from '../support/cli.ts'

async function invoke(
  config: string,
  flow: string,
  more: string[] = [],
  env: Record<string, string> = {},
): Promise<{ report: Report; stdout: string; code: number | null; paths: string[] }> {
  const target = await startTarget()
  const paths: string[] = []
  target.watch(({ path }) => paths.push(path))
  const folder = workFolder({
    'script.yml': `config:
  target: ${target.url}
  phases: [{ duration: 1, arrivalCount: 8 }]
${config}scenarios:
  - flow:
${flow}`,
  })
  const args = ['invoke', '-p', 'script.yml', '--local', '--workers', '2', '-q', '-o', 'report.json']
  const { stdout, stderr, code } = await run(folder, [...args, ...more], env)
  await target.close()
  return { report: readReport(folder), stdout: stdout + stderr, code, paths }
}

const GET = '      - get: { url: /items/1 }\n'
const ensure = (most: number): string => `  ensure:
    thresholds: [{ http.codes.200: 100 }, { errors.ETIMEDOUT: 1 }]
    conditions: [{ expression: http.response_time.p99 < 5000 }, { expression: vusers.created > 99, strict: false }]
    maxErrorRate: ${most}
`

test.concurrent('ensure that holds passes, and what it looked at is in the report', async () => {
  const { report, stdout, code } = await invoke(ensure(0), GET)
  expect(code, stdout).toBe(0)
  expect(report.verdict.result).toBe('pass')
  expect(report.thresholds).toMatchObject([
    { expression: 'http.codes.200 < 100', ok: true, observed: { 'http.codes.200': 8 } },
    { expression: 'errors.ETIMEDOUT < 1', ok: true, observed: { 'errors.ETIMEDOUT': 0 } },
    { expression: 'http.response_time.p99 < 5000', ok: true },
    { expression: 'vusers.created > 99', strict: false, ok: false },
    { expression: 'maxErrorRate <= 0', ok: true },
  ])
  expect(stdout).toContain('thresholds ok   http.codes.200 < 100')
  expect(stdout).toContain('FAIL vusers.created > 99 (optional)')
})

test.concurrent('ensure that does not hold exits 10, or 1 as Artillery does, and not at all when it is switched off', async () => {
  const config = '  ensure: { thresholds: [{ http.codes.200: 5 }] }\n'
  const { report, stdout, code } = await invoke(config, GET)
  expect(code).toBe(10)
  expect(report.verdict).toMatchObject({ result: 'fail', reasons: [{ kind: 'threshold' }] })
  expect(report.exit).toEqual({ code: 10, all: [10] })
  expect(stdout).toContain('http.codes.200 < 5 did not hold: http.codes.200 was 8.')
  expect((await invoke(config, GET, ['--artillery-exit-codes'])).code).toBe(1)
  expect((await invoke(config, GET, [], { ARTILLERY_DISABLE_ENSURE: '1' })).code).toBe(0)
})

test.concurrent('expect checks answers, counts them, and fails the run: 10, or 21 as Artillery does', async () => {
  const flow =
    '      - get: { url: /items/1, expect: [{ statusCode: 200 }, { contentType: json }, { hasProperty: nothing }] }\n'
  const { report, stdout, code } = await invoke('  plugins: { expect: {} }\n', flow)
  expect(code, stdout).toBe(10)
  expect(report.aggregate.counters).toMatchObject({ 'plugins.expect.ok': 16, 'plugins.expect.failed.hasProperty': 8 })
  expect(report.verdict.reasons).toMatchObject([{ kind: 'expectations', failed: 8, of: 24 }])
  expect((await invoke('  plugins: { expect: {} }\n', flow, ['--artillery-exit-codes'])).code).toBe(21)
})

test.concurrent('metrics-by-endpoint is always there, apdex when asked for, and fake data fills templates', async () => {
  const { report, stdout, code, paths } = await invoke(
    '  plugins: { apdex: { threshold: 5000 }, fake-data: {} }\n',
    '      - get: { url: "/items/1?who={{ $personFirstName() }}" }\n',
  )
  expect(code, stdout).toBe(0)
  expect(report.aggregate.counters).toMatchObject({
    ...{ 'plugins.metrics-by-endpoint./items/1.codes.200': 8, 'apdex.satisfied': 8, 'apdex.frustrated': 0 },
  })
  expect(Object.keys(report.aggregate.summaries)).toContain('plugins.metrics-by-endpoint.response_time./items/1')
  expect(stdout).toContain('apdex      1.00 (excellent)')
  expect(paths.every((path) => /^\/items\/1\?who=[A-Z]/.test(path))).toBe(true)
})
