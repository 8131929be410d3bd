/** WebSocket and Socket.IO scenarios: what reaches the server, what is captured, counted, timed and stopped. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server as SocketIoServer } from 'socket.io'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { type Report, readReport, run, start, workFolder } from '../support/cli.ts'

const ANSWER_MS = 40

/** Answers each message with `{"echo": message, "n": …}` after a while; `quiet` ones it does not answer. */
async function webSockets(): Promise<{ url: string; received: string[]; connections(): number }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => server.close())
  const received: string[] = []
  let connections = 0
  server.on('connection', (socket) => {
    connections++
    socket.on('message', (data) => {
      received.push(String(data))
      const answer = JSON.stringify({ echo: String(data), n: 7 })
      if (!String(data).startsWith('quiet')) setTimeout(() => socket.send(answer), ANSWER_MS)
    })
  })
  const { port } = server.address() as AddressInfo
  return { url: `ws://127.0.0.1:${port}`, received, connections: () => connections }
}

async function socketIo(): Promise<{ url: string; received: string[] }> {
  const http = createServer((_request, response) => response.end('{"token": "abc"}'))
  http.on('request', (request) => request.url?.startsWith('/token') && received.push(`GET ${request.url}`))
  const received: string[] = []
  const io = new SocketIoServer(http)
  io.on('connection', (socket) => {
    socket.on('ask', (word: string) => {
      received.push(`ask ${word}`)
      setTimeout(() => socket.emit('told', `${word}!`), ANSWER_MS)
    })
    socket.on('sum', (a: number, b: number, answer: (sum: number) => void) => {
      received.push(`sum ${a} ${b}`)
      answer(a + b)
    })
    socket.on('note', (word: string) => received.push(`note ${word}`))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void io.close())
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, received }
}

async function invoke(
  script: string,
  more: string[] = [],
  files: Record<string, string> = {},
): Promise<{ report: Report; stderr: string; code: number | null }> {
  const folder = workFolder({ 'script.yml': script, ...files })
  const args = ['invoke', '-p', 'script.yml', '--local', '--workers', '2', '-q', '-o', 'report.json', ...more]
  const { stderr, code } = await run(folder, args)
  return { report: readReport(folder), stderr, code }
}

const script = (
  engine: string,
  target: string,
  flow: string,
  phase = '{ duration: 1, arrivalCount: 4 }',
): string => `config:
  target: ${target}
  phases: [${phase}]
  variables: { word: [hello] }
scenarios:
  - engine: ${engine}
    name: talk
    flow:
${flow}`

test('a WebSocket scenario sends, waits, captures, loops and thinks as in Artillery', async () => {
  const { url, received, connections } = await webSockets()
  const flow = `      - send: { payload: "{{ word }}", capture: { json: $.n, as: n }, match: { json: $.echo, value: hello } }
      - think: 0.3
      - loop:
          - send: "quiet {{ n }} {{ $loopCount }}"
        count: 2
      - send: { payload: { deep: "{{ n }}" }, capture: { json: $.echo, as: echo } }
`
  const { report, stderr, code } = await invoke(script('ws', url, flow))
  expect(code, stderr).toBe(0)
  expect(connections()).toBe(4)
  expect(received.toSorted()).toEqual(
    ['hello', 'quiet 7 0', 'quiet 7 1', '{"deep":7}'].flatMap((message) => Array(4).fill(message)).toSorted(),
  )
  expect(report.aggregate.counters).toMatchObject({
    ...{ 'vusers.completed': 4, 'websocket.messages_sent': 16, 'websocket.messages_received': 8 },
  })
  expect(
    report.endpoints.map(({ endpoint, requests, responses }) => [endpoint, requests, responses]).toSorted(),
  ).toEqual([
    ['ws connect', 4, 4],
    ['ws send', 8, 8],
  ])
  const sends = report.endpoints.find(({ endpoint }) => endpoint === 'ws send')
  expect(sends?.latency_ms.service.min).toBeGreaterThan(ANSWER_MS - 2)
  // Thinking is not the server's time.
  expect(sends?.latency_ms.response.max).toBeLessThan(250)
})

test('a Socket.IO scenario emits, waits for replies and acknowledgements, and mixes in HTTP', async () => {
  const { url, received } = await socketIo()
  const flow = `      - get: { url: /token, capture: { json: $.token, as: token } }
      - emit: ["ask", "{{ token }}"]
        response: { on: told, args: ["abc!"] }
      - emit: { channel: note, data: "{{ word }}" }
      - think: 0.1
      - emit: ["sum", 2, 3]
        acknowledge: { match: { json: "$.0", value: 5 } }
`
  const { report, stderr, code } = await invoke(script('socketio', url, flow))
  expect(code, stderr).toBe(0)
  expect(received.toSorted()).toEqual(
    ['GET /token', 'ask abc', 'note hello', 'sum 2 3'].flatMap((message) => Array(4).fill(message)).toSorted(),
  )
  expect(report.aggregate.counters).toMatchObject({ 'vusers.completed': 4, 'socketio.emit': 12, 'http.requests': 4 })
  expect(
    report.endpoints.map(({ endpoint, requests, responses }) => [endpoint, requests, responses]).toSorted(),
  ).toEqual([
    ['GET /token', 4, 4],
    ['emit ask', 4, 4],
    ['emit sum', 4, 4],
    ['socketio connect', 4, 4],
  ])
})

test('a server that is not there fails its virtual users, and says why', async () => {
  const { report, code } = await invoke(script('ws', 'ws://127.0.0.1:1', '      - send: hello\n'))
  expect(code).toBe(12)
  expect(report.ledger).toMatchObject({ launched: 4, failed: 4, balanced: true })
  expect(report.endpoints).toMatchObject([{ endpoint: 'ws connect', requests: 4, failures: 4 }])
  expect(report.errors.map(({ code }) => code).join()).toContain('ECONNREFUSED')
})

test('a reply that does not match fails its virtual user', async () => {
  const { url } = await webSockets()
  const flow = '      - send: { payload: hello, match: { json: $.echo, value: bye } }\n      - send: never\n'
  const { report } = await invoke(script('ws', url, flow))
  expect(report.ledger).toMatchObject({ launched: 4, failed: 4 })
  expect(report.endpoints).toMatchObject([{ failures: 0 }, { failures: 4 }])
})

test('a function that throws in the middle fails its virtual user, not the worker', async () => {
  const { url } = await webSockets()
  const flow =
    '      - send: { payload: hello, capture: { json: $.n, as: n } }\n      - function: fail\n      - send: never\n'
  const hooks = "module.exports = { fail() { throw new Error('no luck') } }\n"
  const text = script('ws', url, flow).replace('  phases', '  processor: ./hooks.js\n  phases')
  const { report, stderr } = await invoke(text, [], { 'hooks.js': hooks })
  expect(report.workers, stderr).toMatchObject({ reported: 2, lost: 0 })
  expect(report.ledger).toMatchObject({ launched: 4, failed: 4, balanced: true })
  expect(report.errors).toMatchObject([{ code: 'no luck', count: 4, sample: { message: 'no luck', scenario: 'talk' } }])
})

test('^C ends sockets that would talk for ever', async () => {
  const { url, received } = await webSockets()
  const flow =
    '      - loop:\n          - send: { payload: hello, capture: { json: $.n, as: n } }\n        count: 100000\n'
  const folder = workFolder({ 'script.yml': script('ws', url, flow, '{ duration: 60, arrivalRate: 2 }') })
  const args = ['invoke', '-p', 'script.yml', '--local', '--workers', '2', '-o', 'report.json', '--progress', 'json']
  const running = start(folder, args)
  await running.stderrHas('"at":2')
  running.child.kill('SIGINT')
  const told = performance.now()
  expect((await running.ended).code).toBe(130)
  expect(performance.now() - told).toBeLessThan(5_000)
  const at = received.length
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(received.length).toBe(at)
  expect(readReport(folder).ledger).toMatchObject({ balanced: true })
})
