/** Against servers of loopback; what would leave it is looked at before node gets it. */
import dns, { type LookupAddress } from 'node:dns'
import { once } from 'node:events'
import { type Agent, createServer, get as httpGet, request } from 'node:http'
import { connect as http2Connect } from 'node:http2'
import { createRequire } from 'node:module'
import { type AddressInfo, connect, createServer as createTcp, type LookupFunction, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as tlsConnect } from 'node:tls'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { guardConnections } from '../../../lambda/guard.ts'
import { Targets } from '../../../lambda/targets.ts'

/** Those that Artillery's engines use. */
const fromArtillery = createRequire(createRequire(import.meta.url).resolve('artillery/package.json'))
type ProxyAgent = new (given: unknown) => Agent
const { HttpProxyAgent } = fromArtillery('hpagent') as { HttpProxyAgent: ProxyAgent }
const HttpsProxyAgent = fromArtillery('https-proxy-agent') as ProxyAgent

/** What node is given of the last connection that it opened. */
let given: unknown[] = []
const own = Socket.prototype.connect
Socket.prototype.connect = function noted(this: Socket, ...all: unknown[]): Socket {
  given = all
  return Reflect.apply(own, this, all)
} as typeof own

const METADATA = '169.254.169.254'
const asked: string[] = []
const tunnels: string[] = []
const server = createServer((incoming, response) => {
  asked.push(incoming.url ?? '')
  const to = new URL(incoming.url ?? '/', 'http://x').searchParams.get('to')
  response.writeHead(to === null ? 200 : 302, to === null ? {} : { location: to }).end('hello')
})
server.on('connect', (incoming, socket) => {
  tunnels.push(incoming.url ?? '')
  socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
})
let url = ''
let port = 0

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  port = (server.address() as AddressInfo).port
  url = `http://127.0.0.1:${port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  guardConnections(new Targets(['listed.example'], { platform: null, others: [] }, () => {}))
  asked.length = 0
  tunnels.length = 0
})

const lookupOf =
  (...addresses: string[]): LookupFunction =>
  (_name, { all }, done) => {
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    setImmediate(() => (all ? done(null, found) : done(null, found[0]?.address ?? '', found[0]?.family)))
  }

const codeOf = async (socket: Socket | ReturnType<typeof request>): Promise<string> => {
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
  return error.code ?? error.message
}
const codesIn = (error: unknown): string[] => {
  const { code, cause } = Object(error) as { code?: string; cause?: unknown }
  return [...(code === undefined ? [] : [code]), ...(cause === undefined ? [] : codesIn(cause))]
}

describe('a connection to a metadata service is refused', () => {
  it.each<[string, () => Socket | ReturnType<typeof request>]>([
    ['by its address', () => connect(80, METADATA)],
    ['by its address in options', () => connect({ port: 80, host: METADATA })],
    ['by a socket of its own', () => new Socket().connect(80, METADATA)],
    ['by IPv6', () => connect(80, '::ffff:a9fe:a9fe')],
    ['of link-local IPv6', () => connect(80, 'fe80::1%lo')],
    ['in decimals', () => connect(80, '2852039166')],
    ['in octals', () => connect(80, '0251.0376.0251.0376')],
    ['in hexadecimals', () => connect(80, '0xa9fea9fe')],
    ['by TLS', () => tlsConnect(443, METADATA)],
    ['by a name that leads there', () => connect({ port: 80, host: 'listed.example', lookup: lookupOf(METADATA) })],
    ['by http', () => httpGet(`http://${METADATA}/`)],
    ['by http in hexadecimals', () => httpGet('http://0xa9.0xfe.0xa9.0xfe/')],
    ['by a lookup of one request', () => httpGet('http://listed.example/', { lookup: lookupOf(METADATA) })],
  ])('%s', async (_, open) => expect(await codeOf(open())).toBe('SLSART_METADATA'))

  it('by http2', async () => {
    const session = http2Connect(`http://${METADATA}`)
    const [error] = await once(session, 'error')
    expect(error).toMatchObject({ code: 'SLSART_METADATA' })
  })

  it('by fetch, also after a redirect', async () => {
    const errors = await Promise.all(
      [`http://${METADATA}/`, `${url}/?to=http://2852039166/`, `${url}/?to=http://[::ffff:169.254.169.254]/`].map(
        (from) => fetch(from).catch((error: unknown) => error),
      ),
    )
    for (const error of errors) expect(codesIn(error)).toContain('SLSART_METADATA')
    expect(asked).toHaveLength(2)
  })

  it('by a WebSocket', async () => {
    const [error] = await once(new WebSocket(`ws://${METADATA}/`), 'error')
    expect(error).toMatchObject({ code: 'SLSART_METADATA' })
  })

  it('when a name answers differently from one time to the next', async () => {
    const answers = ['127.0.0.1', METADATA]
    const before = dns.lookup
    dns.lookup = ((name: string, options: object, done: Parameters<LookupFunction>[2]) =>
      lookupOf(answers.shift() ?? '')(name, options, done)) as typeof dns.lookup
    try {
      const first = connect({ port, host: 'rebound.example' })
      await once(first, 'connect')
      first.destroy()
      expect(await codeOf(connect({ port, host: 'rebound.example' }))).toBe('SLSART_METADATA')
    } finally {
      dns.lookup = before
    }
  })

  it('whatever the options say when they are read again', async () => {
    let reads = 0
    const host = { toString: () => (reads++ === 0 ? '127.0.0.1' : METADATA) }
    const options = Object.defineProperty({ port }, 'host', { enumerable: true, get: () => host })
    const socket = connect(options as { port: number; host: string })
    await once(socket, 'connect')
    expect(socket.remoteAddress).toBe('127.0.0.1')
    socket.destroy()
    const sly: LookupFunction = (_name, { all }, done) => {
      let times = 0
      const one = Object.defineProperty({ family: 4 }, 'address', {
        get: () => (times++ === 0 ? '127.0.0.1' : METADATA),
      })
      setImmediate(() => done(null, all ? [one as LookupAddress] : '127.0.0.1', 4))
    }
    const other = connect({ port, host: 'sly.example', lookup: sly })
    await once(other, 'connect')
    expect(other.remoteAddress).toBe('127.0.0.1')
    other.destroy()
    const list = Object.assign([{ port }], { port: 80, host: METADATA }) as unknown as { port: number }
    const third = new Socket().connect(list as never)
    await once(third, 'connect')
    expect(third.remoteAddress).toMatch(/127\.0\.0\.1|::1/)
    third.destroy()
  })
})

describe('a public address', () => {
  it('is refused when it is not listed, by itself and by a name', async () => {
    expect(await codeOf(connect(80, '203.0.113.9'))).toBe('SLSART_TARGET')
    expect(await codeOf(connect({ port: 80, host: 'other.example', lookup: lookupOf('203.0.113.9') }))).toBe(
      'SLSART_TARGET',
    )
    expect(await codeOf(httpGet('http://other.example/', { lookup: lookupOf('203.0.113.9') }))).toBe('SLSART_TARGET')
    const error = await fetch(`${url}/?to=http://203.0.113.9/`).catch((caught: unknown) => caught)
    expect(codesIn(error)).toContain('SLSART_TARGET')
  })

  it('is found for a name that is listed, without those beside it that are refused', async () => {
    // Gone before anything is found: nothing is sent.
    new Socket()
      .connect({ port: 1, host: 'listed.example', lookup: lookupOf('203.0.113.9', METADATA, '203.0.113.10') })
      .destroy()
    const [{ host, lookup }] = given as [{ host: string; lookup: LookupFunction }]
    const found = new Promise((resolve) => lookup(host, { all: true }, (_error, all) => resolve(all)))
    expect(await found).toEqual([
      { address: '203.0.113.9', family: 4 },
      { address: '203.0.113.10', family: 4 },
    ])
  })
})

describe('what is private is connected to', () => {
  it.each(['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '::ffff:127.0.0.1', '0.0.0.0'])('as %s', async (host) => {
    const socket = connect(port, host)
    await once(socket, 'connect')
    socket.destroy()
  })

  it('with the listener that is given, in all forms', async () => {
    for (const open of [
      (done: () => void) => connect(port, '127.0.0.1', done),
      (done: () => void) => connect({ port, host: '127.0.0.1' }, done),
      (done: () => void) => new Socket().connect(port, '127.0.0.1', done),
      (done: () => void) => new Socket().connect(String(port) as unknown as number, '127.0.0.1', done),
    ]) {
      await new Promise<void>((resolve) => {
        const socket: Socket = open(() => {
          socket.destroy()
          resolve()
        })
      })
    }
  })

  it('by fetch, http and a WebSocket', async () => {
    expect(await (await fetch(url)).text()).toBe('hello')
    const [response] = await once(httpGet(url), 'response')
    response.resume()
    const [error] = await once(new WebSocket(url.replace('http', 'ws')), 'error')
    expect(String(error)).toContain('Unexpected server response: 200')
  })

  it('by the name of a pipe', async () => {
    const path = join(tmpdir(), `slsart-guard-${process.pid}.sock`)
    const pipe = createTcp((socket) => socket.end())
    await once(pipe.listen(path), 'listening')
    for (const open of [() => connect(path), () => connect({ path })]) await once(open(), 'connect')
    pipe.close()
  })
})

describe('through a proxy', () => {
  it.each<[string, () => ReturnType<typeof request>, string]>([
    [
      'a CONNECT',
      () => request({ host: '127.0.0.1', port, method: 'CONNECT', path: 'other.example:443' }),
      'SLSART_TARGET',
    ],
    [
      'a CONNECT in decimals',
      () => request({ host: '127.0.0.1', port, method: 'CONNECT', path: '2852039166:80' }),
      'SLSART_METADATA',
    ],
    [
      'a CONNECT to a metadata name',
      () => request({ host: '127.0.0.1', port, method: 'CONNECT', path: 'metadata.google.internal:80' }),
      'SLSART_METADATA',
    ],
    ['a CONNECT to nothing', () => request({ host: '127.0.0.1', port, method: 'CONNECT', path: '%' }), 'SLSART_TARGET'],
    ['a whole address', () => request({ host: '127.0.0.1', port, path: 'http://other.example/' }), 'SLSART_TARGET'],
    [
      "hpagent's",
      () => httpGet('http://other.example/', { agent: new HttpProxyAgent({ proxy: url }) }),
      'SLSART_TARGET',
    ],
    [
      "https-proxy-agent's",
      () => httpGet(`http://${METADATA}/`, { agent: new HttpsProxyAgent(url) }),
      'SLSART_METADATA',
    ],
  ])('%s is refused before the proxy hears of it', async (_, open, code) => {
    const asking = open()
    asking.end()
    expect(await codeOf(asking)).toBe(code)
    expect([...tunnels, ...asked]).toEqual([])
  })

  it('a host that is listed, or private, is asked for', async () => {
    for (const path of ['listed.example:443', '127.0.0.1:1', 'localhost:80', '[::1]:80']) {
      const asking = request({ host: '127.0.0.1', port, method: 'CONNECT', path })
      asking.end()
      await once(asking, 'connect')
    }
    expect(tunnels).toHaveLength(4)
    const error = await once(httpGet('http://listed.example/', { agent: new HttpProxyAgent({ proxy: url }) }), 'error')
    expect(String(error)).toContain('Bad response: 502')
  })
})
