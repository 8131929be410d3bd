/** What a script says reaches the target: captures, cookies, hooks in JS and TS, data, environments, JSON scripts. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { type Seen, startTarget } from '../../demo/target.ts'
import { readReport, run, start, workFolder } from '../support/cli.ts'

/** Runs a script and gives its report, and what the target saw. */
async function runScript(files: Record<string, string>, more: string[] = [], env: Record<string, string> = {}) {
  const target = await startTarget()
  const seen: Seen[] = []
  target.watch((request) => seen.push(request))
  const folder = workFolder(files)
  const args = ['invoke', '-p', 'script.yml', '--local', '--seed', '7', '-q', '-o', 'report.json']
  const workers = more.includes('--workers') ? [] : ['--workers', '2']
  const { stderr } = await run(folder, [...args, ...workers, ...more], { TARGET: target.url, ...env })
  await target.close()
  return { seen, report: readReport(folder), stderr }
}

const head = 'config:\n  target: "{{ $env.TARGET }}"\n  phases: [{ duration: 1, arrivalCount: 4 }]\n'

test.concurrent('captures, loops and cookies work as in Artillery', async () => {
  const { seen, report } = await runScript({
    'script.yml': `${head}scenarios:
  - name: shop
    flow:
      - get: { url: /items, capture: { json: "$.items[2].id", as: third } }
      - post: { url: /login, json: { id: "{{ third }}" } }
      - loop: [{ get: { url: "/items/{{ $loopCount }}" } }]
        count: 2
      - get: { url: /account, match: { json: $.session, value: "1" } }
`,
  })
  expect(seen.filter(({ path }) => path === '/login').map(({ body }) => body)).toEqual(Array(4).fill('{"id":3}'))
  const accounts = seen.filter(({ path }) => path === '/account')
  expect(accounts.every(({ headers }) => /session=\d/.test(headers.cookie ?? ''))).toBe(true)
  // The demo target numbers sessions; only one of the four virtual users is given session 1.
  expect(report.ledger).toMatchObject({ completed: 1, failed: 3, balanced: true })
  expect(report.errors).toMatchObject([
    { code: 'Failed capture or match', count: 3, sample: { scenario: 'shop', endpoint: 'GET /account', status: 200 } },
  ])
  expect(report.endpoints.map(({ endpoint }) => endpoint).toSorted()).toEqual([
    'GET /account',
    'GET /items',
    'GET /items/{{ $loopCount }}',
    'POST /login',
  ])
})

test.concurrent('a TypeScript processor with hooks, async functions and a module beside it', async () => {
  const { seen, stderr } = await runScript({
    'script.yml':
      head.replace('  phases', '  processor: ./hooks.ts\n  phases') +
      `scenarios:
  - beforeScenario: prepare
    afterResponse: look
    flow:
      - post: { url: /echo, beforeRequest: sign, json: { who: "{{ who }}" } }
      - get: { url: "/items/{{ found }}" }
`,
    'names.ts': 'export enum Name { Ada = "ada" }\n',
    'hooks.ts': `import { Name } from './names.ts'
type Context = { vars: Record<string, unknown> }
export async function prepare(context: Context): Promise<void> { context.vars.who = Name.Ada }
export function sign(request: { headers?: Record<string, string> }, _c: Context, _e: unknown, next: () => void): void {
  request.headers = { ...request.headers, 'x-signed': 'yes' }
  next()
}
export async function look(_r: unknown, response: { body: string }, context: Context): Promise<void> {
  context.vars.found = JSON.parse(response.body).body?.length ?? 1
}
`,
  })
  const posts = seen.filter(({ method }) => method === 'POST')
  expect(
    posts.map(({ body }) => body),
    stderr,
  ).toEqual(Array(4).fill('{"who":"ada"}'))
  expect(posts.every(({ headers }) => headers['x-signed'] === 'yes')).toBe(true)
  expect(seen.filter(({ path }) => path === '/items/13')).toHaveLength(4)
})

test.concurrent('a CommonJS processor finds the files beside it', async () => {
  const { seen, stderr } = await runScript({
    'script.yml':
      head.replace('  phases', '  processor: ./hooks.js\n  phases') +
      `scenarios:
  - flow: [{ function: read }, { get: { url: "/items/{{ id }}" } }]
`,
    'id.txt': '9',
    'hooks.js': `const fs = require('node:fs')
const path = require('node:path')
module.exports = { read(context, _events, done) { context.vars.id = fs.readFileSync(path.join(__dirname, 'id.txt'), 'utf8'); return done() } }
`,
  })
  expect(
    seen.map(({ path }) => path),
    stderr,
  ).toEqual(Array(4).fill('/items/9'))
})

test.concurrent('an environment overrides config, and a JSON script is read like YAML', async () => {
  const { seen, report } = await runScript(
    {
      'script.yml': JSON.stringify({
        config: {
          target: 'http://127.0.0.1:1',
          phases: [{ duration: 1, arrivalCount: 4 }],
          variables: { id: [5] },
          environments: {
            staging: { target: '{{ $env.TARGET }}', phases: [{ arrivalCount: 2 }], variables: { id: [6] } },
          },
        },
        scenarios: [{ flow: [{ get: { url: '/items/{{ id }}?in={{ $environment }}' } }] }],
      }),
    },
    ['-e', 'staging'],
  )
  expect(seen.map(({ path }) => path)).toEqual(Array(2).fill('/items/6?in=staging'))
  expect(report.ledger.launched).toBe(2)
})

test('think times of half a second wait half a second', async () => {
  const { seen, report } = await runScript({
    'script.yml': `${head}scenarios:
  - flow: [{ get: { url: /items/1 } }, { think: 0.5 }, { get: { url: /items/2 } }]
`,
  })
  const at = (path: string): number[] => seen.filter((request) => request.path === path).map((request) => request.at)
  const gap = (Math.min(...at('/items/2')) - Math.min(...at('/items/1'))) / 1000
  expect(gap).toBeGreaterThan(0.49)
  expect(gap).toBeLessThan(0.7)
  // Thinking is not the target's time.
  expect(report.latency_ms.response.max).toBeLessThan(300)
})

test('each hop of a redirect is timed by itself', async () => {
  const server = createServer((request, response) => {
    const left = Number(request.url?.slice(2))
    setTimeout(() => {
      if (left > 0) response.writeHead(302, { location: `/r${left - 1}` })
      response.end()
    }, 40)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { report } = await runScript({ 'script.yml': `${head}scenarios:\n  - flow: [{ get: { url: /r2 } }]\n` }, [
    '-t',
    url,
  ])
  server.close()
  expect(report.aggregate.counters).toMatchObject({ 'http.codes.302': 8, 'http.codes.200': 4 })
  expect(report.endpoints).toMatchObject([{ requests: 12, responses: 12, failures: 0 }])
  expect(report.latency_ms.service.min).toBeGreaterThan(38)
  expect(report.latency_ms.service.max).toBeLessThan(200)
})

test.concurrent('virtual users that all fail before their first request have measured nothing', async () => {
  const { report, seen } = await runScript({
    'script.yml': `${head.replace('  phases', '  processor: ./hooks.js\n  phases')}scenarios:
  - flow: [{ function: fail }, { get: { url: /items/1 } }]
`,
    'hooks.js': "module.exports = { fail() { throw new Error('no luck') } }\n",
  })
  expect(seen).toHaveLength(0)
  expect(report.errors).toMatchObject([{ code: 'no luck', count: 4, sample: { message: 'no luck' } }])
  expect(report.verdict).toMatchObject({ result: 'inconclusive', reasons: [{ kind: 'no-response', failed: 4 }] })
})

test('parallel steps lose no request, and each is timed from its own start', async () => {
  const { report, seen } = await runScript({
    'script.yml': `${head.replace('  phases', '  processor: ./hooks.js\n  http: { pool: 10 }\n  phases')}scenarios:
  - flow:
      - get: { url: /items/1 }
      - parallel:
          - { get: { url: /items/2, beforeRequest: wait } }
          - { get: { url: /items/3 } }
          - { get: { url: /slow } }
`,
    'hooks.js': 'module.exports = { wait(_r, _c, _e, next) { setTimeout(next, 100) } }\n',
  })
  expect(seen).toHaveLength(16)
  expect(report.endpoints.reduce((sum, { requests }) => sum + requests, 0)).toBe(16)
  expect(report.aggregate.counters['http.requests']).toBe(16)
})

test.concurrent('a hook sees the body of an answer whose captures took their time', async () => {
  const asked: string[] = []
  // With a length, so that the body comes at once: the demo target's come in chunks.
  const server = createServer((request, response) => {
    asked.push(String(request.url))
    response.end('{"id":1}')
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const files = {
    'script.yml': `${head.replace('  phases', '  processor: ./hooks.js\n  phases')}scenarios:
  - flow:
      - get: { url: /, capture: { xpath: //name, as: name, strict: false }, afterResponse: look }
      - get: { url: "/items/{{ found }}" }
`,
    'hooks.js':
      'module.exports = { look(_r, { body }, { vars }, _e, next) { vars.found = JSON.parse(body).id + 41; next() } }\n',
  }
  const { stderr } = await runScript(files, [], { TARGET: url })
  server.close()
  expect(
    asked.filter((path) => path !== '/'),
    stderr,
  ).toEqual(Array(4).fill('/items/42'))
})

test.concurrent('a hook that throws fails its virtual user, not the worker', async () => {
  const { report } = await runScript({
    'script.yml': `${head.replace('  phases', '  processor: ./hooks.js\n  phases')}scenarios:
  - flow: [{ get: { url: /items/1, afterResponse: look } }, { think: "{{ nothing }}" }]
`,
    'hooks.js':
      "let n = 0\nmodule.exports = { look(_r, _s, _c, _e, next) { if (n++ === 0) throw new Error('cannot look'); next() } }\n",
  })
  expect(report.workers).toMatchObject({ reported: 2, lost: 0 })
  expect(report.ledger).toMatchObject({ launched: 4, failed: 4, balanced: true })
  expect(report.errors.toSorted((a, b) => a.count - b.count)).toMatchObject([
    { code: 'Invalid think time: undefined', count: 2 },
    { code: 'cannot look', count: 2 },
  ])
})

test.concurrent('what kills a worker from inside is named', async () => {
  const { report, stderr } = await runScript({
    'script.yml': `${head.replace('  phases', '  processor: ./hooks.js\n  phases')}scenarios:
  - flow: [{ function: later }, { think: 2 }]
`,
    'hooks.js':
      "module.exports = { later(_c, _e, next) { setTimeout(() => { throw new Error('out of luck') }, 5); next() } }\n",
  })
  expect(report.workers.lost, stderr).toBe(2)
  expect(report.verdict.reasons.map(({ message }) => message).join()).toContain('Error: out of luck')
})

test.concurrent('an answer with an error status is an answer, under the name that its request was given', async () => {
  const { report, seen } = await runScript({
    'script.yml': `${head}scenarios:
  - flow: [{ get: { url: /items/99, name: missing item } }]
`,
  })
  expect(seen).toHaveLength(4)
  expect(report.aggregate.counters).toMatchObject({ 'http.codes.404': 4, 'http.requests': 4, 'vusers.completed': 4 })
  expect(report.endpoints).toMatchObject([{ endpoint: 'missing item', requests: 4, responses: 4, failures: 0 }])
})

test.concurrent('what a virtual user draws by chance hangs on the seed and on its number, not on its worker', async () => {
  const files = {
    'script.yml': `config:
  target: "{{ $env.TARGET }}"
  phases: [{ duration: 1, arrivalRate: 60, mode: poisson }]
  payload: { path: users.csv, fields: [user] }
scenarios:
  - flow:
      - get: { url: "/items/1?user={{ user }}", probability: 100 }
      - think: 0.4
        jitter: 100%
      - get: { url: "/items/2?user={{ user }}&n={{ $randomNumber(1, 1000) }}", probability: 50 }
`,
    'users.csv': Array.from({ length: 200 }, (_, i) => `u${i}\n`).join(''),
  }
  const runs = [await runScript(files), await runScript(files, ['--workers', '5'])].map(({ seen, report }) => {
    const paths = seen.map(({ path }) => path)
    const users = [...new Set(paths.map((path) => /user=(\w+)/.exec(path)?.[1] ?? ''))]
    const at = (page: number, user: string): number =>
      seen.find(({ path }) => path.startsWith(`/items/${page}?user=${user}&`) || path === `/items/${page}?user=${user}`)
        ?.at ?? Number.NaN
    const gaps = new Map(users.map((user) => [user, at(2, user) - at(1, user)]))
    return { paths: paths.toSorted(), gaps, launched: report.ledger.launched }
  })
  const [one, other] = runs
  if (one === undefined || other === undefined) return expect.unreachable()
  expect(other.paths).toEqual(one.paths)
  const first = one.paths.filter((path) => path.startsWith('/items/1'))
  expect(first).toHaveLength(one.launched)
  const share = (one.paths.length - first.length) / first.length
  expect(share).toBeGreaterThan(0.2)
  expect(share).toBeLessThan(0.8)
  const known = [...one.gaps].filter(([, gap]) => Number.isFinite(gap))
  // Think times from 0 to 800 ms, the same for the same virtual user; the rest is a request and a timer.
  expect(Math.max(...known.map(([, gap]) => gap)) - Math.min(...known.map(([, gap]) => gap))).toBeGreaterThan(300)
  const differences = known.map(([user, gap]) => Math.abs((other.gaps.get(user) ?? 0) - gap)).toSorted((a, b) => a - b)
  expect(differences[Math.floor(differences.length / 2)]).toBeLessThan(20)
})

test.concurrent('flags that say what a script leaves open: config file, dotenv, variables, overrides, one scenario', async () => {
  const { seen, stderr } = await runScript(
    {
      'script.yml': `scenarios:
  - name: look
    flow: [{ get: { url: "/items/1?from={{ where }}&who={{ $env.WHO }}&own={{ own }}", beforeRequest: sign } }]
  - name: buy
    flow: [{ get: { url: /items/2 } }]
`,
      'conf/base.yml':
        'config:\n  target: "{{ $env.TARGET }}"\n  processor: ./hooks.ts\n  phases: [{ duration: 1, arrivalCount: 9 }]\n',
      'conf/hooks.ts': `type Request = { headers?: Record<string, string> }
export function sign(request: Request, context: { vars: { own?: string } }, _e: unknown, next: () => void): void {
  request.headers = { ...request.headers, 'x-who': process.env.WHO ?? 'nobody' }
  next()
}
`,
      '.env': 'WHO=ada\nTARGET=http://127.0.0.1:1\n',
    },
    [
      ...[
        '-c',
        'conf/base.yml',
        '--dotenv',
        '.env',
        '--scenario-name',
        'look',
        '-v',
        '{"where": "flags", "own": "me"}',
      ],
      ...['--overrides', '{"config": {"phases": [{"duration": 1, "arrivalCount": 3}]}}'],
    ],
  )
  expect(
    seen.map(({ path, headers }) => [path, headers['x-who']]),
    stderr,
  ).toEqual(Array(3).fill(['/items/1?from=flags&who=ada&own=me', 'ada']))
})

test.concurrent('a script can be given as text, or come from standard input', async () => {
  const target = await startTarget()
  const script = (path: string): string =>
    JSON.stringify({
      config: {
        target: target.url,
        phases: [{ duration: 1, arrivalCount: 2 }],
        payload: { path: 'a.csv', fields: ['a'] },
      },
      scenarios: [{ flow: [{ get: { url: `${path}?a={{ a }}` } }] }],
    })
  const folder = workFolder({ 'a.csv': '7\n' })
  const paths: string[] = []
  target.watch(({ path }) => paths.push(path))
  const local = ['--local', '--workers', '1', '-q']
  const given = await run(folder, ['invoke', '-d', script('/items/1'), ...local])
  const { child, ended } = start(folder, ['invoke', '--stdin', ...local])
  child.stdin?.end(script('/items/2'))
  expect([given.code, (await ended).code], given.stderr).toEqual([0, 0])
  await target.close()
  expect(paths).toEqual(['/items/1?a=7', '/items/1?a=7', '/items/2?a=7', '/items/2?a=7'])
  const wrong = await run(folder, ['plan', '--data', 'config: { target: [ }'])
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/^slsart: --data:1:\d+: /) })
})
