/** The same numbers on every output, and what a CI job is told. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Ajv2020 as Ajv } from 'ajv/dist/2020.js'
import { HistogramLogReader } from 'hdr-histogram-js'
import { expect, test } from 'vitest'
import { startTarget } from '../../demo/target.ts'
import { type Ended, readReport, run, workFolder } from '../support/cli.ts'

const script = (target: string, config = ''): string => `config:
  target: ${target}
  phases: [{ duration: 3, arrivalRate: 20 }]
${config}scenarios:
  - flow: [{ get: { url: /items/1 } }, { get: { url: /slow, name: "slow | one" } }]
`

async function invoke(
  more: string[],
  env: Record<string, string> = {},
  config = '',
): Promise<Ended & { folder: string }> {
  const target = await startTarget()
  const folder = workFolder({ 'script.yml': script(target.url, config) })
  const args = ['invoke', '-p', 'script.yml', '--local', '--workers', '2', '-q', '-o', 'report.json', ...more]
  const ended = await run(folder, args, { GITHUB_ACTIONS: '', GITHUB_STEP_SUMMARY: '', GITHUB_OUTPUT: '', ...env })
  await target.close()
  return { ...ended, folder }
}

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../schemas/slsart.report-1.json'), 'utf8'),
) as object
const fits = new Ajv({ strict: false, validateFormats: false }).compile(schema)

test('text, JSON, JUnit, Markdown, CSV and the histogram log say the same', async () => {
  const { folder, code, stderr, stdout } = await invoke(['-o', 'r.md', '-o', 'r.csv', '-o', 'r.hlog', '-o', 'r.xml'])
  expect(code, stderr).toBe(0)
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
  const report = readReport(folder)
  expect(fits(report), JSON.stringify(fits.errors)).toBe(true)

  const [head = '', ...rows] = read('r.csv').trim().split('\n')
  const table = rows.map((row) => {
    const cells = row.split(',').map(Number)
    return Object.fromEntries(head.split(',').map((name, i) => [name, cells[i]]))
  })
  expect(table).toEqual(
    report.series.map((row) => ({
      ...{
        second: row.second,
        launched: row.launched,
        requests: expect.any(Number),
        responses: row.responses,
        failures: 0,
      },
      ...Object.fromEntries(
        (['response', 'service', 'lateness'] as const).flatMap((name) =>
          Object.entries(row[name]).map(([point, value]) => [`${name}_${point}_ms`, value]),
        ),
      ),
    })),
  )
  expect(table.reduce((sum, row) => sum + (row.requests ?? 0), 0)).toBe(120)

  const log = new HistogramLogReader(read('r.hlog'))
  const counts: Record<string, number> = {}
  const maxima: Record<string, number> = {}
  for (let next = log.nextIntervalHistogram(); next; next = log.nextIntervalHistogram()) {
    const tag = String(next.tag)
    counts[tag] = (counts[tag] ?? 0) + next.totalCount
    maxima[tag] = Math.max(maxima[tag] ?? 0, next.maxValue)
  }
  expect(counts).toEqual({ response: 120, service: 120, lateness: 60 })
  const { response, lateness } = report.latency_ms
  expect((maxima.response ?? 0) / 1000).toBeCloseTo(response.max, -1)
  expect(Math.abs((maxima.lateness ?? 0) / 1000 - lateness.max)).toBeLessThan(lateness.max * 0.002)

  const markdown = read('r.md')
  expect(markdown).toContain('## ✅ slsart: pass')
  const two = (n: number): string => n.toFixed(n < 100 ? 2 : 0)
  const xml = read('r.xml')
  for (const name of ['response', 'service', 'lateness'] as const) {
    const { p50, p90, p95, p99, p999, max } = report.latency_ms[name]
    const cells = [p50, p90, p95, p99, p999, max].map(two)
    expect(markdown).toContain(`| ${name} | ${cells.join(' | ')} |`)
    expect(stdout).toMatch(new RegExp(`^${name} +${cells.join(' +')}$`, 'm'))
    for (const [point, value] of Object.entries({ p50, p90, p95, p99, p999, max })) {
      expect(xml).toContain(`<property name="${name}_${point}_ms" value="${value}"/>`)
    }
  }
  const { due, launched, completed } = report.ledger
  for (const [name, value] of Object.entries({ due, launched, completed, requests: 120, responses: 120 })) {
    expect(xml).toContain(`<property name="${name}" value="${value}"/>`)
  }
  expect(stdout).toContain(`due ${due} = launched ${launched} +`)
  expect(stdout).toContain('120 sent, 120 answered, 0 failed')
  expect(markdown).toContain(`${due} arrivals due = ${launched} launched +`)
  expect(markdown).toContain('| `slow \\| one` | 60 | 0 |')
})

test('each worker has its part, and the parts add up', async () => {
  const { folder } = await invoke([])
  const { workers, ledger, latency_ms, aggregate } = readReport(folder)
  const sum = (of: (worker: (typeof workers.each)[number]) => number): number =>
    workers.each.reduce((total, worker) => total + of(worker), 0)
  expect(workers.each.map(({ slice, is, ok }) => ({ slice, is, ok }))).toEqual([
    { slice: 0, is: 'done', ok: true },
    { slice: 1, is: 'done', ok: true },
  ])
  expect([sum((worker) => worker.ledger.due), sum((worker) => worker.ledger.launched)]).toEqual([60, 60])
  expect(sum(({ requests }) => requests)).toBe(aggregate.counters['http.requests'])
  expect(Math.max(...workers.each.map((worker) => worker.lateness_ms.max))).toBe(latency_ms.lateness.max)
  for (const { ledger: own, health } of workers.each) {
    expect(own.launched).toBeLessThan(ledger.launched)
    expect(health.cpu).toBeGreaterThan(0)
    expect(health.memoryBytes).toBeGreaterThan(10_000_000)
  }
})

test('what a request waited for is told apart: name, connection, TLS, first byte', async () => {
  const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../fixtures/tls', name))
  const server = createServer({ key: fixture('server.key'), cert: fixture('server.crt') }, (_request, response) => {
    setTimeout(() => response.end('ok'), 50)
  })
  await new Promise<void>((resolve) => server.listen(0, resolve))
  const { port } = server.address() as AddressInfo
  const folder = workFolder({
    'script.yml': `config:
  target: https://localhost:${port}
  phases: [{ duration: 1, arrivalCount: 10 }]
  http: { timeout: 5 }
scenarios: [{ flow: [{ get: { url: /a } }, { get: { url: /b } }] }]
`,
  })
  const args = ['invoke', '-p', 'script.yml', '--local', '--workers', '1', '-q', '-k', '-o', 'report.json']
  const { code, stderr, stdout } = await run(folder, args)
  server.close()
  expect(code, stderr).toBe(0)
  const { breakdown_ms: parts, latency_ms } = readReport(folder)
  // A connection each, used twice.
  expect(Object.entries(parts).map(([part, latency]) => [part, latency?.count])).toEqual([
    ['dns', 10],
    ['tcp', 10],
    ['tls', 10],
    ['firstByte', 20],
  ])
  expect(parts.firstByte?.min).toBeGreaterThanOrEqual(49)
  for (const part of [parts.dns, parts.tcp, parts.tls]) expect(part?.max).toBeLessThan(latency_ms.service.max)
  expect(parts.firstByte?.max).toBeLessThanOrEqual(latency_ms.service.max)
  for (const row of ['first-byte', 'dns ', 'tcp ', 'tls ']) expect(stdout).toContain(`\n${row}`)
})

test('a run that is refused leaves no empty report behind, and what was there as it was', async () => {
  const folder = workFolder({
    'script.yml': script('http://127.0.0.1:1').replace('scenarios:', '  processor: ./broken.js\nscenarios:'),
    'broken.js': 'throw new Error("not today")\n',
    'old.md': 'before',
  })
  const args = ['invoke', '-p', 'script.yml', '--local', '-q', '-o', 'new.json', '-o', 'old.md']
  const { code, stderr } = await run(folder, args)
  expect([code, stderr]).toEqual([2, expect.stringContaining('not today')])
  const unknown = await run(folder, [...args, '-o', 'r.pdf'])
  expect(unknown.code).toBe(2)
  expect(readdirSync(folder).toSorted()).toEqual(['.slsart', 'broken.js', 'old.md', 'script.yml'])
  expect(readFileSync(join(folder, 'old.md'), 'utf8')).toBe('before')
})

test('an output of an unknown kind is refused, with the kinds that there are', async () => {
  const { code, stderr } = await invoke(['-o', 'report.pdf'])
  expect(code).toBe(2)
  expect(stderr).toContain('report.pdf')
  expect(stderr).toContain('.json, .xml, .html, .md, .csv, .hlog')
})

test('a job of GitHub Actions gets a step summary, outputs and marked errors', async () => {
  const folder = workFolder({ summary: 'before\n', output: 'before=1\n' })
  const env = {
    GITHUB_ACTIONS: 'true',
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
    GITHUB_OUTPUT: join(folder, 'output'),
  }
  const { code, stderr, folder: own } = await invoke([], env, '  ensure: { thresholds: [{ http.codes.200: 5 }] }\n')
  expect(code).toBe(10)
  const report = readReport(own)
  expect(fits(report), JSON.stringify(fits.errors)).toBe(true)
  expect(fits({ ...report, ledger: { ...report.ledger, due: -1 } })).toBe(false)
  const summary = readFileSync(env.GITHUB_STEP_SUMMARY, 'utf8')
  expect(summary).toMatch(/^before\n## ❌ slsart: fail\n\n- http\.codes\.200 &lt; 5 did not hold/)
  expect(summary).toContain('| `http.codes.200 < 5` | did not hold |')
  expect(readFileSync(env.GITHUB_OUTPUT, 'utf8')).toBe(
    `before=1\nrun=${report.run.id}\nverdict=fail\ntrust=trusted\nexit-code=10\nresponse-p50-ms=${report.latency_ms.response.p50}\nresponse-p99-ms=${report.latency_ms.response.p99}\n`,
  )
  expect(stderr).toContain('::error title=slsart: fail::http.codes.200 < 5 did not hold')
})

test('a step summary that cannot be written is told, and changes no verdict', async () => {
  const folder = workFolder()
  writeFileSync(join(folder, 'file'), '')
  const { code, stderr } = await invoke([], { GITHUB_STEP_SUMMARY: join(folder, 'file/summary') })
  expect(code).toBe(0)
  expect(stderr).toContain('ENOTDIR')
})
