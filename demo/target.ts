/**
 * A small server to aim at: JSON endpoints, cookies, a slow one, one that fails now and then. It counts every request
 * itself, so that what a report says can be held against what arrived. The demo and the tests use the same one.
 *
 *   GET  /items           a list            POST /login      sets a session cookie
 *   GET  /items/:id       one of them       GET  /account    401 without that cookie
 *   GET  /slow            after 120 ms      GET  /flaky      503 for one request in twenty
 *   POST /echo            what was sent     anything else    404
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Seen = { method: string; path: string; at: number; headers: IncomingMessage['headers']; body: string }
export type Target = {
  url: string
  /** Requests so far, by method and path without query. */
  counts: Map<string, number>
  total(): number
  /** Called with every request before it is answered; null to stop. */
  watch(listener: ((seen: Seen) => void) | null): void
  close(): Promise<void>
}

const ITEMS = Array.from({ length: 50 }, (_, i) => ({ id: i + 1, name: `item ${i + 1}`, price: 100 + i }))
const SLOW_MS = 120
const FLAKY = 20

export async function startTarget(port = 0): Promise<Target> {
  const counts = new Map<string, number>()
  let watcher: ((seen: Seen) => void) | null = null
  const server = createServer((request, response) => {
    const at = performance.timeOrigin + performance.now()
    const url = new URL(request.url ?? '/', 'http://target')
    const key = `${request.method} ${url.pathname}`
    const nth = (counts.get(key) ?? 0) + 1
    counts.set(key, nth)
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8')
      watcher?.({ method: request.method ?? '', path: request.url ?? '', at, headers: request.headers, body })
      answer(request, response, { path: url.pathname, nth, body })
    })
  })
  server.keepAliveTimeout = 30_000
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    total: () => [...counts.values()].reduce((sum, n) => sum + n, 0),
    watch(listener) {
      watcher = listener
    },
    close: () => close(server),
  }
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  ask: { path: string; nth: number; body: string },
): void {
  const { path, nth, body } = ask
  const key = `${request.method} ${path}`
  const item = /^\/items\/(\d+)$/.exec(path)
  if (key === 'GET /items') return json(response, 200, { items: ITEMS })
  if (request.method === 'GET' && item) {
    const found = ITEMS.find(({ id }) => id === Number(item[1]))
    return found ? json(response, 200, found) : json(response, 404, { error: 'no such item' })
  }
  if (key === 'POST /login') {
    response.setHeader('set-cookie', `session=${nth}; Path=/; HttpOnly`)
    return json(response, 200, { session: nth })
  }
  if (key === 'GET /account') {
    const session = /(?:^|; )session=(\w+)/.exec(request.headers.cookie ?? '')?.[1]
    return session ? json(response, 200, { session }) : json(response, 401, { error: 'no session' })
  }
  if (key === 'GET /slow') return void setTimeout(() => json(response, 200, { slow: true }), SLOW_MS)
  if (key === 'GET /flaky')
    return nth % FLAKY === 0 ? json(response, 503, { error: 'try again' }) : json(response, 200, {})
  if (key === 'POST /echo') return json(response, 200, { body })
  json(response, 404, { error: 'not found' })
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function close(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
