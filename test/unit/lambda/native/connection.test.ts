/** What test/contract/transport.test.ts cannot compare: opening, times and large requests. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { Agent } from '../../../../lambda/engines/native/agent.ts'
import type { Lookup } from '../../../../lambda/engines/native/dns.ts'
import { carriedOut, rawServer, TestCall, transportOf, until } from '../../../support/calls.ts'

const HELLO = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
const to =
  (...addresses: string[]): Lookup =>
  (_name, _options, callback) =>
    void setImmediate(() =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
    )
/** A port of loopback where nobody listens. */
const closedPort = async (): Promise<number> => {
  const server = await rawServer(() => {})
  await server.close()
  return server.port
}

describe.concurrent('a connection', () => {
  it('that nobody takes is refused, in words of node', async () => {
    const port = await closedPort()
    const { error, heard } = await carriedOut(new Agent(transportOf(), 1), new TestCall(`http://127.0.0.1:${port}/`))
    expect(error).toEqual({ code: 'ECONNREFUSED', message: `connect ECONNREFUSED 127.0.0.1:${port}` })
    expect(heard).toEqual(['sent', 'failed'])
  })

  it('to a name that there is not fails as node does', async () => {
    const { error } = await carriedOut(new Agent(transportOf(), 1), new TestCall('http://nowhere.invalid/'))
    expect(error).toMatchObject({ code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) })
  })

  it('to a port that is none fails', async () => {
    const call = new TestCall('http://127.0.0.1/')
    const agent = new Agent(transportOf(), 1)
    Object.assign(call, { origin: { ...call.origin, port: 70_000 } })
    expect((await carriedOut(agent, call)).error?.code).toBe('ERR_SOCKET_BAD_PORT')
  })

  it('tries the other addresses of a name, and begins with the good one next time', async () => {
    const server = await rawServer((socket) => socket.write(HELLO))
    const transport = transportOf({ lookup: to('::1', '127.0.0.2', '127.0.0.1') })
    for (const isFirst of [true, false]) {
      const call = await carriedOut(new Agent(transport, 1), new TestCall(`http://name:${server.port}/`))
      expect(call.read()).toBe('hello')
      if (isFirst) expect(call.dns).toBeGreaterThan(0)
      else expect(call.dns).toBe(0)
      expect(call.tcp).toBeGreaterThan(0)
    }
    transport.close()
    await server.close()
  })

  it('fails with the first error when no address of a name is good', async () => {
    const port = await closedPort()
    const transport = transportOf({ lookup: to('127.0.0.1', '127.0.0.2') })
    const { error } = await carriedOut(new Agent(transport, 1), new TestCall(`http://name:${port}/`))
    expect(error).toEqual({ code: 'ECONNREFUSED', message: `connect ECONNREFUSED 127.0.0.1:${port}` })
    expect(transport.openConnections).toBe(0)
  })

  it('is closed four seconds after it was last used', async () => {
    let now = 0
    const server = await rawServer((socket) => socket.write(HELLO))
    const transport = transportOf({ now: () => now })
    const agent = new Agent(transport, 1)
    await carriedOut(agent, new TestCall(server.url))
    now += 3_990_000
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(transport.openConnections).toBe(1)
    now += 20_000
    await until(() => transport.openConnections === 0)
    await server.close()
  })

  it('that is closed by its server while idle is replaced, and nobody hears of it', async () => {
    const server = await rawServer((socket) => socket.write(HELLO))
    const transport = transportOf()
    const agent = new Agent(transport, 1)
    await carriedOut(agent, new TestCall(server.url))
    server.connections[0]?.end()
    await until(() => transport.openConnections === 0)
    expect((await carriedOut(agent, new TestCall(server.url))).read()).toBe('hello')
    transport.close()
    await server.close()
  })

  it('waits for the answer from when the request was written, not from when it had to wait itself', async () => {
    const server = await rawServer((socket) => void setTimeout(() => socket.write(HELLO), 400))
    const transport = transportOf()
    const agent = new Agent(transport, 1)
    const calls = Array.from({ length: 3 }, () => new TestCall(server.url, { timeout: 1000 }))
    for (const call of calls) agent.send(call)
    for (const call of calls) expect((await call.over).error).toBeNull()
    transport.close()
    await server.close()
  })

  it('carries a large request, and an answer that comes before all of it is written', async () => {
    const large = Buffer.concat([
      Buffer.from('POST / HTTP/1.1\r\nContent-Length: 30000000\r\n\r\n'),
      Buffer.alloc(30_000_000),
    ])
    let isFirst = true
    const server = await rawServer((socket) => {
      if (!isFirst) return
      isFirst = false
      socket.write(HELLO)
      socket.pause()
    })
    const transport = transportOf()
    const agent = new Agent(transport, 1)
    const call = await carriedOut(agent, new TestCall(server.url, { bytes: large }))
    expect(call.read()).toBe('hello')
    const next = new TestCall(server.url)
    agent.send(next)
    expect(next.heard).toEqual([])
    const socket = server.connections[0] as Socket
    socket.on('data', () => {
      if (socket.bytesRead > large.length) socket.write(HELLO)
    })
    socket.resume()
    expect((await next.over).read()).toBe('hello')
    expect(server.connections).toHaveLength(1)
    transport.close()
    await server.close()
  })

  it('has time for a large request as long as it gets on, and not when it does not', async () => {
    const large = Buffer.alloc(30_000_000)
    for (const isReading of [true, false]) {
      let pauses = 0
      const server = await rawServer((socket) => {
        if (socket.bytesRead >= large.length) socket.write(HELLO)
        else if (socket.bytesRead >= pauses * 4_000_000) {
          pauses++
          socket.pause()
          if (isReading) setTimeout(() => socket.resume(), 100)
        }
      })
      const transport = transportOf({ inactivity: 250 })
      const call = await carriedOut(new Agent(transport, 1), new TestCall(server.url, { bytes: large }))
      if (isReading) expect(call.read()).toBe('hello')
      else expect(call.error).toEqual({ code: 'ERR_SOCKET_TIMEOUT', message: 'Socket timeout' })
      if (isReading) expect(call.firstByte - call.sent).toBeGreaterThan(500_000)
      transport.close()
      await server.close()
    }
  })

  it('counts the bytes of a body that nobody reads, and keeps none', async () => {
    const server = await rawServer((socket) => socket.write(HELLO))
    const transport = transportOf()
    const call = await carriedOut(new Agent(transport, 1), new TestCall(server.url, { keepsBody: false }))
    expect(call).toMatchObject({ downloaded: 5, body: [], piece: null })
    transport.close()
    await server.close()
  })

  it('leaves a body where it is that came at once and is not encoded, and copies all others', async () => {
    const head = 'HTTP/1.1 200 OK\r\n'
    const answers: Record<string, (socket: Socket) => void> = {
      'at once': (s) => s.write(`${head}Content-Length: 5\r\n\r\nhello`),
      'behind its head': (s) =>
        void s.write(`${head}Content-Length: 5\r\n\r\n`, () => setTimeout(() => s.write('hello'), 20)),
      'in two': (s) => void s.write(`${head}Content-Length: 5\r\n\r\nhel`, () => setTimeout(() => s.write('lo'), 20)),
      encoded: (s) => s.write(`${head}Content-Encoding: x\r\nContent-Length: 5\r\n\r\nhello`),
      'in chunks': (s) => s.write(`${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`),
      'to the end': (s) => s.end(`${head}\r\nhello`),
    }
    const left: string[] = []
    for (const [how, answer] of Object.entries(answers)) {
      const server = await rawServer(answer)
      const transport = transportOf()
      const call = await carriedOut(new Agent(transport, 1), new TestCall(server.url))
      expect(call.read(), how).toBe('hello')
      if (call.piece !== null) left.push(how)
      transport.close()
      await server.close()
    }
    expect(left).toEqual(['at once', 'behind its head'])
  })
})

describe('a process that had no time', () => {
  it('finds an answer in time that came in time', async () => {
    const server = await rawServer((socket) => socket.write(HELLO))
    const transport = transportOf()
    const agent = new Agent(transport, 1)
    await carriedOut(agent, new TestCall(server.url))
    const call = new TestCall(server.url, { timeout: 100 })
    server.connections[0]?.once('data', () => {
      const end = performance.now() + 300
      while (performance.now() < end);
    })
    agent.send(call)
    expect((await call.over).error).toBeNull()
    transport.close()
    await server.close()
  })
})

type Seen = { reused: boolean; sni: unknown; alpn: unknown }

async function tlsServer(): Promise<{ url: (host: string) => string; seen: Seen[]; close(): Promise<void> }> {
  const seen: Seen[] = []
  const read = (name: string): Buffer => readFileSync(new URL(`../../../fixtures/tls/${name}`, import.meta.url))
  const server = createServer({ key: read('server.key'), cert: read('server.crt') }, ({ socket }, answer) => {
    const { servername, alpnProtocol } = socket as TLSSocket & { servername?: unknown }
    seen.push({ reused: (socket as TLSSocket).isSessionReused(), sni: servername, alpn: alpnProtocol })
    answer.setHeader('connection', 'close').end('x'.repeat(100_000))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: (host) => `https://${host}:${port}/`,
    seen,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  }
}

describe.concurrent('a connection with TLS', () => {
  const tls = { rejectUnauthorized: false }

  it('offers HTTP/1.1, names a name and no address, and resumes within its agent only', async () => {
    const server = await tlsServer()
    const transport = transportOf({ lookup: to('127.0.0.1') })
    const agent = new Agent(transport, 1)
    for (const by of [agent, agent, new Agent(transport, 1)]) {
      const call = await carriedOut(by, new TestCall(server.url('localhost'), { tls }))
      expect(call).toMatchObject({ status: 200, downloaded: 100_000, error: null })
      expect(Math.min(call.dns + 1, call.tcp, call.tls)).toBeGreaterThan(0)
    }
    await carriedOut(agent, new TestCall(server.url('127.0.0.1'), { tls }))
    expect(server.seen.map(({ reused }) => reused)).toEqual([false, true, false, false])
    expect(server.seen.map(({ sni }) => sni)).toEqual(['localhost', 'localhost', 'localhost', false])
    expect(new Set(server.seen.map(({ alpn }) => alpn))).toEqual(new Set(['http/1.1']))
    transport.close()
    await server.close()
  })

  it('is refused when its certificate is not trusted, unless the script says otherwise', async () => {
    const server = await tlsServer()
    const transport = transportOf()
    const { error } = await carriedOut(new Agent(transport, 1), new TestCall(server.url('127.0.0.1')))
    expect(error?.code).toBe('DEPTH_ZERO_SELF_SIGNED_CERT')
    expect(transport.openConnections).toBe(0)
    await server.close()
  })

  it('fails when its options are none', async () => {
    const transport = transportOf()
    const call = new TestCall('https://127.0.0.1:1/', { tls: { cert: 'nonsense' } })
    expect((await carriedOut(new Agent(transport, 1), call)).error?.code).toMatch(/^ERR_/)
  })

  it('that is no TLS at all fails with what OpenSSL says', async () => {
    const server = await rawServer((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'))
    const call = new TestCall(server.url.replace('http:', 'https:'), { tls })
    expect((await carriedOut(new Agent(transportOf(), 1), call)).error?.code).toMatch(/^(ERR_SSL_|EPROTO)/)
    await server.close()
  })
})
