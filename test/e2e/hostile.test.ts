/** A target that answers to do harm: workers capture what they can of it, count the rest as failures, and come to their end. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { invoke, run } from '../support/cli.ts'

const MB = 2 ** 20
const bomb = gzipSync(Buffer.alloc(200 * MB, '1'))

const answers: Record<string, (response: ServerResponse) => unknown> = {
  '/polluting': (response) =>
    response.end(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"token":"{{ $processEnvironment.HOME }}"}',
    ),
  '/deep': (response) => response.end(`{"a":${'['.repeat(500_000)}${']'.repeat(500_000)}}`),
  '/endless': (response) => {
    const more = (): void => {
      while (response.write('x'.repeat(MB)));
    }
    response.on('drain', more)
    more()
  },
  '/bomb': (response) => response.setHeader('content-encoding', 'gzip').end(bomb),
  '/commands': (response) => {
    // Node's own server lets no such header out.
    const body = JSON.stringify({ said: 'a\u001b]0;title\u0007b\u009b2Jc\u202ed' })
    response.socket?.end(
      `HTTP/1.1 200 OK\r\nx-said: a\x9b2Jb\r\nContent-Length: ${body.length}\r\n\r\n${body}`.replaceAll('\u202e', ' '),
      'latin1',
    )
  },
}
const server = createServer((request, response) => {
  request.resume()
  const answer = answers[request.url ?? '']
  if (answer) answer(response)
  else response.end('{}')
})
let url = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const HOOKS = `export async function look({ vars }, events) {
  const isPolluted = ({}).polluted !== undefined || Object.keys(Object.prototype).length > 0
  events.emit('counter', isPolluted ? 'polluted' : 'clean', 1)
}`
const look = { function: 'look' }
const json = {
  __proto__x: 1,
  constructor: { prototype: { polluted: '{{ a }}' } },
  'constructor.prototype.polluted': '{{ a }}',
}
const scenarios = {
  polluting: [
    {
      get: {
        url: '/polluting',
        capture: [
          { json: '$', as: 'a' },
          { json: '$.__proto__', as: 'constructor.prototype.polluted', strict: false },
        ],
      },
    },
    { get: { url: '/polluting', capture: { json: '$.constructor', as: '__proto__', strict: false } } },
    { post: { url: '/echo', json: { ...json, all: '{{ a }}' } } },
    look,
  ],
  deep: [
    { get: { url: '/deep', capture: { json: '$.a', as: 'a' } } },
    { post: { url: '/echo', json: { a: '{{ a }}' } } },
  ],
  commands: [
    {
      get: {
        url: '/commands',
        capture: [
          { header: 'x-said', as: 'header' },
          { json: '$.said', as: 'said' },
        ],
      },
    },
    { log: 'it said {{ header }} {{ said }}' },
    look,
  ],
  bomb: [{ get: { url: '/bomb', capture: { regexp: '1+', as: 'a' } } }],
  endless: [{ get: { url: '/endless', capture: { json: '$.a', as: 'a' } } }],
}
const scriptOf = (names: readonly (keyof typeof scenarios)[]): object => ({
  config: {
    target: url,
    processor: './hooks.mjs',
    phases: [{ duration: 1, arrivalCount: names.length * 3 }],
    http: { timeout: 20 },
  },
  scenarios: names.map((name) => ({ name, flow: scenarios[name] })),
})

it('what it answers pollutes nothing, breaks no worker and fills no memory', async () => {
  const files = { 'hooks.mjs': HOOKS }
  const names = ['polluting', 'deep', 'commands', 'bomb', 'endless'] as const
  const { report, stderr, folder } = await invoke(
    scriptOf(names),
    { workers: 1, seed: 5, more: ['--engine', 'native'] },
    files,
  )
  expect(report.verdict.result, stderr).toBe('pass')
  expect(report.ledger).toMatchObject({ due: 15, launched: 15, balanced: true, unfinished: 0 })
  for (const { name, launched } of report.scenarios) expect(launched, name).toBeGreaterThan(0)
  expect(report.aggregate.counters.polluted).toBeUndefined()
  expect(report.aggregate.counters.clean).toBeGreaterThan(0)
  const codes = report.errors.map(({ code }) => code)
  for (const code of ['ERR_BODY_TOO_LARGE', 'ERR_BUFFER_TOO_LARGE']) expect(codes).toContain(code)
  expect(Math.max(...report.workers.each.map(({ health }) => health.memoryBytes))).toBeLessThan(1_500 * MB)
  const { stdout } = await run(folder, ['logs'])
  expect(stdout).toContain('it said ')
  expect(stdout).not.toMatch(/(?!\n)\p{Cc}/u)
})

it("pollutes nothing through Artillery's engine either", async () => {
  const more = ['--engine', 'artillery']
  const { report, stderr } = await invoke(
    scriptOf(['polluting', 'commands']),
    { workers: 1, seed: 5, more },
    { 'hooks.mjs': HOOKS },
  )
  expect(report.ledger, stderr).toMatchObject({ due: 6, launched: 6, balanced: true })
  expect(report.aggregate.counters.polluted).toBeUndefined()
  expect(report.aggregate.counters.clean).toBeGreaterThan(0)
})
