/** Monitoring rounds by hand: scenarios sampled a few times each, held against an error budget. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Ended, type Report, readReport, run, workFolder } from '../support/cli.ts'

type Got = { path: string; at: number }

/** The n-th request for `/shop` fails if `fails` says so; `/home` never does. */
async function target(fails: (n: number) => boolean): Promise<{ url: string; got: Got[]; close(): void }> {
  const got: Got[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    got.push({ path, at: performance.now() })
    const nth = got.filter((one) => one.path === '/shop').length
    response.statusCode = path === '/shop' && fails(nth) ? 503 : 200
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    ...{ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

type Monitored = Report & {
  acceptance: null
  monitoring: { errors: number; failed: number; samples: number; spent: boolean; failures: { name: string }[] }
}
type Round = Ended & { folder: string; report: Monitored; got: Got[] }

async function round(fails: (n: number) => boolean, sampling: string, more: string[] = []): Promise<Round> {
  const { url, got, close } = await target(fails)
  const script = `config:
  target: ${url}
  phases: [{ duration: 600, arrivalRate: 50 }]
  plugins: { expect: {} }
  ensure: { thresholds: [{ http.requests: 1 }] }
scenarios:
  - { name: shop, weight: 9, flow: [{ get: { url: /shop, expect: { statusCode: 200 } } }] }
  - { name: home, flow: [{ get: { url: /home, expect: { statusCode: 200 } } }] }
sampling: ${sampling}
`
  const folder = workFolder({ 'script.yml': script })
  const args = ['-p', 'script.yml', '--local', '-q', '--seed', '7', '-o', 'report.json', '-o', 'r.xml', '-o', 'r.md']
  const [command = 'monitor', ...flags] = more
  const ended = await run(folder, [command, ...flags, ...args], { GITHUB_ACTIONS: 'true' })
  close()
  return { ...ended, folder, report: readReport(folder) as Monitored, got }
}

const text = ({ folder }: Round, name: string): string => readFileSync(join(folder, name), 'utf8')

test.concurrent('within the budget passes with a warning: each scenario as often as it says, a pause before each time', async ({
  expect,
}) => {
  const monitored = await round((n) => n === 2, '{ size: 3, errorBudget: 1, averagePause: 0.5, pauseVariance: 0.2 }')
  const { code, stdout, stderr, report, got } = monitored
  expect(code, stdout + stderr).toBe(0)
  expect(got.map(({ path }) => path)).toEqual(['/shop', '/home', '/shop', '/home', '/shop', '/home'])
  expect(report).toMatchObject({
    acceptance: null,
    monitoring: { size: 3, errorBudget: 1, samples: 6, failed: 1, errors: 1, spent: false },
    verdict: { result: 'pass', reasons: [{ kind: 'monitoring' }] },
    ledger: { due: 6, completed: 6, balanced: true },
  })
  expect(stdout).toContain('1 error in 1 of 6 samples (shop): within the error budget of 1.')
  expect(stdout).toContain('statusCode: expected 200, got 503')
  expect(stdout.match(/^scenario +shop: FAIL$/gm)).toHaveLength(1)
  expect(stderr).toContain('::warning title=slsart::1 error in 1 of 6 samples')
  expect(text(monitored, 'r.xml')).toContain('tests="3" failures="0" errors="0"')
  expect(text(monitored, 'r.md')).toContain('| `shop` | 3 | 1 | 1 |')
  expect((await run(monitored.folder, ['report', '-o', 'again.json'])).stdout).toBe(stdout)
  expect(text(monitored, 'again.json')).toBe(text(monitored, 'report.json'))
})

test.concurrent('beyond it is exit code 15, with the exchanges that failed', async ({ expect }) => {
  const sampling = '{ size: 2, errorBudget: 1, averagePause: 0.1, pauseVariance: 0 }'
  const monitored = await round(() => true, sampling, ['invoke', '-m'])
  expect(monitored.code, monitored.stderr).toBe(15)
  expect(monitored.report.exit.all).toEqual([15])
  expect(monitored.report.monitoring).toMatchObject({ errors: 2, spent: true })
  expect(monitored.report.monitoring.failures.map(({ name }) => name)).toEqual(['shop', 'shop'])
  expect(monitored.stdout).toContain(
    'The error budget is spent: 2 errors in 2 of 4 samples (shop), and 1 is tolerated.',
  )
  expect(monitored.stderr).toContain('::error title=slsart: fail::The error budget is spent')
  const xml = text(monitored, 'r.xml')
  expect(xml).toContain('tests="3" failures="2" errors="0"')
  expect(xml).toContain('<testcase classname="monitoring" name="shop, 2 times"')
})

test('a target that is down spends the budget too', async () => {
  const folder = workFolder({
    'script.json': JSON.stringify({
      config: { target: 'http://127.0.0.1:9', slsart: { monitoring: { size: 2, averagePause: 0.01 } } },
      scenarios: [{ flow: [{ get: { url: '/' } }] }],
    }),
  })
  const { code, stdout } = await run(folder, ['monitor', '-p', 'script.json', '--local', '-q'])
  expect([code, stdout]).toEqual([15, expect.stringContaining('The error budget is spent: 2 errors in 2 of 2 samples')])
})

test('what makes no sense together is refused', async () => {
  const folder = workFolder({
    'script.yml': 'config: { target: "http://127.0.0.1:9" }\nscenarios: [{ flow: [{ get: { url: / } }] }]\n',
  })
  const refused = (...more: string[]): Promise<Ended> => run(folder, [...more, '-p', 'script.yml', '--local'])
  expect(await refused('invoke', '-a', '-m')).toMatchObject({ code: 2, stderr: expect.stringContaining('either') })
  expect(await refused('invoke', '-m', '--workers', '2')).toMatchObject({ code: 2 })
  expect(await refused('invoke', '-m', '--engine', 'native')).toMatchObject({ code: 2 })
})

test('a round that may come near the longest that the script lets a run last is told', async () => {
  const folder = workFolder({
    'script.json': JSON.stringify({
      config: { target: 'http://127.0.0.1:9', slsart: { limits: { duration: 3 } } },
      scenarios: [{ flow: [{ think: 0.01 }] }],
      sampling: { size: 2, averagePause: 0.4, pauseVariance: 0 },
    }),
  })
  const { code, stderr } = await run(folder, ['monitor', '-p', 'script.json', '--local', '--progress', 'none'])
  expect([code, stderr]).toEqual([0, expect.stringContaining('a round may last 2.8 s')])
})
