/**
 * The target of the chaos suite, in a process of its own, so that what the test does cannot keep it from looking at its clock. It keeps
 * the time and the headers of every request, before it answers.
 *
 *   /group/anything     200          /group/wait/300   200 after 300 ms          an upgrade: a WebSocket that echoes
 *
 * A group that is told to fail answers 500. It ends with whoever started it.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import type { Question, Request, Summary } from './seen.ts'

const seen = new Map<string, Request[]>()
const failing = new Set<string>()
const now = (): number => performance.timeOrigin + performance.now()
const groupOf = (path: string): string => path.split('/')[1] ?? ''

function note(path: string, headers: Request['headers']): void {
  const requests = seen.get(groupOf(path)) ?? []
  seen.set(groupOf(path), requests)
  requests.push({ at: now(), path, headers })
}

const server = createServer((request, response) => {
  const path = request.url ?? '/'
  note(path, request.headers)
  request.resume()
  const answer = (): void => void response.writeHead(failing.has(groupOf(path)) ? 500 : 200).end('ok')
  const wait = Number(/\/wait\/(\d+)/.exec(path)?.[1] ?? 0)
  if (wait === 0) answer()
  else setTimeout(answer, wait)
})
server.keepAliveTimeout = 60_000
new WebSocketServer({ server }).on('connection', (socket, request) => {
  const path = request.url ?? '/'
  note(path, request.headers)
  socket.on('message', (data) => {
    note(path, {})
    socket.send(String(data))
  })
})

function summaryOf(requests: readonly Request[]): Summary {
  const times = new Map<string, number>()
  for (const { headers } of requests) {
    const arrival = headers['x-arrival']
    if (arrival !== undefined) times.set(String(arrival), (times.get(String(arrival)) ?? 0) + 1)
  }
  const doubled = Object.fromEntries([...times].filter(([, n]) => n > 1))
  return { count: requests.length, first: requests[0]?.at ?? null, last: requests.at(-1)?.at ?? null, doubled }
}

process.on('message', (question: Question) => {
  const { id, group } = question
  if (question.ask === 'fail') {
    if (question.fails) failing.add(group)
    else failing.delete(group)
  }
  const requests = seen.get(group) ?? []
  process.send?.({ id, answer: question.ask === 'requests' ? requests : summaryOf(requests) })
})
process.on('disconnect', () => process.exit(0))
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
