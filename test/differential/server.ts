/** A server that writes down every request, and answers the same to the same request. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'

/** As it is compared: without what differs from run to run. `vu` is what the script put into `x-vu`. */
export type Recorded = { vu: string; method: string; url: string; headers: Record<string, string>; body: string }

const ITEMS = [1, 2, 3].map((id) => ({ id, name: `item ${id}`, tags: ['a', 'b'] }))
const HTML = '<html><body><a class="next" href="/page/2">next</a><a class="last" href="/page/9">last</a></body></html>'

export async function record(): Promise<{ url: string; seen: Recorded[]; close(): Promise<void> }> {
  const seen: Recorded[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8')
      seen.push(recorded(request, body))
      answer(request, response, body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

function recorded({ method = '', url = '', headers }: IncomingMessage, body: string): Recorded {
  const { host: _host, 'x-vu': vu, ...rest } = headers
  const boundary = /boundary=(\S+)/.exec(headers['content-type'] ?? '')?.[1]
  const plain = (text: string): string => (boundary === undefined ? text : text.replaceAll(boundary, 'BOUNDARY'))
  const kept = Object.entries(rest).map(([name, value]) => [name, plain(String(value))])
  return { vu: String(vu), method, url, headers: Object.fromEntries(kept), body: plain(body) }
}

function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
  const url = new URL(request.url ?? '/', 'http://server')
  const [, first = '', second = ''] = url.pathname.split('/')
  const json = (value: unknown, status = 200, headers: Record<string, string> = {}): void =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
  const answers: Record<string, () => void> = {
    items: () => json(second === '' ? ITEMS : { ...ITEMS[Number(second) - 1] }),
    login: () => json({ ok: true }, 200, { 'set-cookie': 'session=s1; Path=/', 'x-token': 't-42' }),
    account: () => json({ cookie: request.headers.cookie ?? null }, request.headers.cookie ? 200 : 401),
    echo: () => json({ method: request.method, query: Object.fromEntries(url.searchParams), body }),
    status: () => json({ status: second }, Number(second)),
    redirect: () =>
      void response.writeHead(302, { location: second === '0' ? '/items/1' : `/redirect/${Number(second) - 1}` }).end(),
    html: () => void response.writeHead(200, { 'content-type': 'text/html' }).end(HTML),
    gzip: () =>
      void response
        .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        .end(gzipSync('{"zipped":true}')),
    slow: () => void setTimeout(() => json({ slow: true }), 3_000),
    reset: () => void request.socket.destroy(),
  }
  const known = answers[first]
  if (known) known()
  else json({ page: second })
}
