/**
 * The server that every script of the corpus runs against. It writes down what it is sent, by HTTP, WebSocket and Socket.IO,
 * and answers the same to the same.
 */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse, request as send } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { Server as SocketIoServer } from 'socket.io'
import { WebSocketServer } from 'ws'

/**
 * What came. `vu`: what the script put into `x-vu`, or the number of the socket. `connection` counts up from 0. A message has
 * its name as `method` and no headers.
 */
export type Asked = {
  vu: string
  connection: number
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}
export type RecordingServer = {
  port: number
  tlsPort: number
  proxyPort: number
  seen: Asked[]
  close(): Promise<void>
}

const ITEMS = [1, 2, 3].map((id) => ({ id: `i${id}`, name: `item ${id}`, tags: ['a', 'b'], price: id / 2 }))
const HTML = `<html><body><h1>Items</h1><a class="item" href="/echo/a">A</a><a class="item" href="/echo/b">B</a>
<a class="next" href="/page/2">next</a><a class="last" href="/page/9">last</a></body></html>`
const XML =
  '<?xml version="1.0"?><shop open="yes"><item id="7"><name>tea</name></item><item id="9"><name>cup</name></item></shop>'
const tls = join(import.meta.dirname, '../fixtures/tls')
const pem = (name: string): Buffer => readFileSync(join(tls, name))

export async function serve(): Promise<RecordingServer> {
  const seen: Asked[] = []
  const connections = new Map<Socket, number>()
  const numberOf = (socket: Socket): number => {
    const known = connections.get(socket) ?? connections.size
    connections.set(socket, known)
    return known
  }
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', headers, socket } = request
      const body = Buffer.concat(chunks).toString('utf8')
      seen.push({ vu: String(headers['x-vu']), connection: numberOf(socket), method, url, headers, body })
      answer(request, response, body)
    })
  }
  const server = createServer(onRequest)
  const secure = createTlsServer(
    {
      key: pem('server.key'),
      cert: pem('server.crt'),
      ca: pem('client.crt'),
      requestCert: true,
      rejectUnauthorized: false,
    },
    onRequest,
  )
  const proxy = proxyServer(seen)
  webSockets(server, seen)
  const io = socketIo(server, seen)
  const servers = [server, secure, proxy]
  // Longer than any script thinks: who closes an idle connection first must not be a race.
  for (const one of servers) one.keepAliveTimeout = 30_000
  const [port, tlsPort, proxyPort] = (await Promise.all(servers.map(listening))) as [number, number, number]
  return {
    ...{ port, tlsPort, proxyPort, seen },
    async close() {
      io.disconnectSockets(true)
      // Closes the server that it is on, too, and waits for its connections.
      const closing = io.close()
      await Promise.all([secure, proxy].map(closed))
      server.closeAllConnections()
      await closing
    },
  }
}

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.closeAllConnections()
    server.close(() => resolve())
  })

/** Every message that says `ask` is answered; the others are not, so that no count depends on who closes first. */
function webSockets(server: Server, seen: Asked[]): void {
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] ?? false })
  let count = 0
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.startsWith('/socket.io')) return
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const vu = `ws ${count++}`
      const { 'sec-websocket-key': _key, ...headers } = request.headers
      const tell = (method: string, body: string): void =>
        void seen.push({ vu, connection: 0, method, url: request.url ?? '', headers: {}, body })
      seen.push({ vu, connection: 0, method: 'OPEN', url: request.url ?? '', headers, body: '' })
      webSocket.on('message', (data, binary) => {
        tell(binary ? 'BINARY' : 'TEXT', String(data))
        if (String(data).includes('ask')) webSocket.send(JSON.stringify({ echo: String(data), n: 7, list: ['a', 'b'] }))
        if (String(data) === 'plain-ask?') webSocket.send('plain answer')
      })
    })
  })
}

function socketIo(server: Server, seen: Asked[]): SocketIoServer {
  const io = new SocketIoServer(server)
  let count = 0
  for (const space of ['/', '/room'])
    io.of(space).on('connection', (socket) => {
      const vu = `socketio ${count++}`
      const tell = (method: string, ...words: unknown[]): void =>
        void seen.push({ vu, connection: 0, method, url: space, headers: {}, body: JSON.stringify(words) })
      tell('CONNECT', socket.handshake.headers['x-own'] ?? null, socket.handshake.query.who ?? null)
      socket.onAny((channel: string, ...words: unknown[]) => {
        const reply = words.at(-1)
        const plain = words.filter((word) => typeof word !== 'function')
        tell(channel, ...plain)
        if (typeof reply === 'function') reply({ sum: plain.reduce<number>((sum, n) => sum + Number(n), 0) }, 'second')
        if (channel === 'ask') socket.emit('told', { echo: plain[0], n: 7 })
        if (channel === 'twice') for (const n of [1, 2]) socket.emit('told', { n })
      })
    })
  return io
}

/** A forward proxy: CONNECT for anything, and plain HTTP by absolute URL. */
function proxyServer(seen: Asked[]): Server {
  const proxied = (request: IncomingMessage): void =>
    void seen.push({
      vu: 'proxy',
      connection: 0,
      method: `PROXY ${request.method}`,
      url: request.url ?? '',
      headers: {},
      body: '',
    })
  const proxy = createServer((request, response) => {
    proxied(request)
    const passed = send(request.url ?? '', { method: request.method, headers: request.headers }, (answered) => {
      response.writeHead(answered.statusCode ?? 502, answered.headers)
      answered.pipe(response)
    })
    request.pipe(passed)
  })
  proxy.on('connect', (request, socket) => {
    proxied(request)
    const [host, port] = (request.url ?? '').split(':')
    const through = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      through.pipe(socket).pipe(through)
    })
    for (const end of [through, socket]) end.on('error', () => end.destroy())
  })
  return proxy
}

function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
  const url = new URL(request.url ?? '/', 'http://server')
  const [, first = '', second = '', third = ''] = url.pathname.split('/')
  const json = (value: unknown, status = 200, headers: Record<string, string | string[]> = {}): void =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
  const raw = (content: string | Buffer, headers: Record<string, string | number>): void =>
    void response.writeHead(200, headers).end(content)
  const { authorization = null, cookie = null } = request.headers
  const answers: Record<string, () => void> = {
    items: () => json(second === '' ? { items: ITEMS } : { ...ITEMS[Number(second.slice(1)) - 1] }),
    status: () => json({ status: second }, Number(second)),
    redirect: () =>
      json({}, Number(second), { location: third === '0' ? '/items/i1' : `/redirect/${second}/${Number(third) - 1}` }),
    elsewhere: () => json({}, 302, { location: `http://localhost:${request.socket.localPort}/echo/elsewhere` }),
    cookies: () => json({}, 200, { 'set-cookie': url.searchParams.getAll('set'), 'x-token': 't-42' }),
    login: () => json({ ok: true }, 200, { 'set-cookie': 'session=s1; Path=/', 'x-token': 't-42' }),
    signin: () => json({}, 302, { 'set-cookie': 'session=s1; Path=/', location: '/echo/home' }),
    account: () => json({ cookie }, cookie === null ? 401 : 200),
    auth: () => json({ authorization }, authorization === null ? 401 : 200),
    client: () => json({ certified: (request.socket as TLSSocket).authorized }),
    html: () => raw(HTML, { 'content-type': 'text/html' }),
    xml: () => raw(XML, { 'content-type': 'application/xml' }),
    text: () => raw('Token: ABC-123\ntoken: def-456\n', { 'content-type': 'text/plain' }),
    gzip: () => raw(gzipSync('{"zipped":true}'), { 'content-type': 'application/json', 'content-encoding': 'gzip' }),
    badgzip: () => raw('no gzip', { 'content-type': 'application/json', 'content-encoding': 'gzip' }),
    truncated: () => {
      response.writeHead(200, { 'content-length': 100 }).write('{"half":')
      setTimeout(() => request.socket.destroy(), 50)
    },
    slow: () => void setTimeout(() => json({ slow: true }), Number(second)),
    reset: () => void request.socket.destroy(),
  }
  const known = answers[first]
  if (known) known()
  else json({ method: request.method, path: url.pathname, query: Object.fromEntries(url.searchParams), body })
}
