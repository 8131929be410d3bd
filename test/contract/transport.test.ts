/** The native transport meets of a misbehaving server what Artillery's client meets: got over agentkeepalive, set up as its engine does. */
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { Agent } from '../../lambda/engines/native/agent.ts'
import { carriedOut, rawServer, TestCall, transportOf, until } from '../support/calls.ts'

const later = (act: () => void): void => void setTimeout(act, 30)
const OK = 'HTTP/1.1 200 OK\r\n'
const HELLO = `${OK}Content-Length: 5\r\n\r\nhello`
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`

/** What each does when a request has come. */
const SERVERS: Record<string, (socket: Socket) => void> = {
  answers: (s) => s.write(HELLO),
  'answers in chunks': (s) => s.write(`${CHUNKED}0\r\n\r\n`),
  'answers until it ends': (s) => s.end(`${OK}\r\nhello`),
  'answers until it resets': (s) => void s.write(`${OK}\r\nhello`, () => later(() => s.resetAndDestroy())),
  'ends the connection with the answer': (s) => s.end(`${OK}Connection: close\r\nContent-Length: 5\r\n\r\nhello`),
  'says it will end the connection': (s) => s.write(`${OK}Connection: close\r\nContent-Length: 5\r\n\r\nhello`),
  'is of HTTP/1.0': (s) => s.write('HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello'),
  'is of HTTP/1.0 and keeps alive': (s) =>
    s.write('HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello'),
  'keeps alive for a second': (s) => s.write(`${OK}Keep-Alive: timeout=1\r\nContent-Length: 5\r\n\r\nhello`),
  'keeps alive for two': (s) => s.write(`${OK}Keep-Alive: timeout=2\r\nContent-Length: 5\r\n\r\nhello`),
  'sends 100 first': (s) => s.write(`HTTP/1.1 100 Continue\r\n\r\n${HELLO}`),
  'sends 103 first, then waits': (s) => {
    s.write('HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n')
    later(() => s.write(HELLO))
  },
  'sends 101 without an upgrade': (s) => s.write('HTTP/1.1 101 Switching\r\n\r\n'),
  'sends 204 with a length': (s) => s.write('HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n'),
  'sends garbage behind the answer': (s) => s.write(`${HELLO}XXXX`),
  'sends garbage behind the chunks': (s) => s.write(`${CHUNKED}0\r\n\r\nXXXX`),
  'sends garbage later': (s) => void s.write(HELLO, () => later(() => s.write('XXXX'))),
  'answers twice': (s) => s.write(`${HELLO}${HELLO}`),
  'begins a second answer': (s) => s.write(`${HELLO}HTTP/1`),
  'ends before the answer': (s) => s.end(),
  'resets before the answer': (s) => s.resetAndDestroy(),
  'ends in the head': (s) => s.end(`${OK}Content-`),
  'ends in the body': (s) => s.end(`${OK}Content-Length: 9\r\n\r\nhello`),
  'resets in the body': (s) =>
    void s.write(`${OK}Content-Length: 9\r\n\r\nhello`, () => later(() => s.resetAndDestroy())),
  'ends in the chunks': (s) => s.end(CHUNKED),
  'breaks the chunks': (s) => s.write(`${CHUNKED}ZZ\r\n`),
  'breaks the chunks later': (s) => void s.write(CHUNKED, () => later(() => s.write('ZZ\r\n'))),
  'breaks the head': (s) => s.write(`${OK}Foo\x01: x\r\n\r\n`),
  'folds a header': (s) => s.write(`${OK}Foo: x\r\n y\r\n\r\n`),
  'ends lines with LF alone': (s) => s.write('HTTP/1.1 200 OK\nContent-Length: 0\n\n'),
  'sends too much of a head': (s) => s.write(`${OK}${'Foo: bar\r\n'.repeat(3000)}\r\n`),
  'sends two lengths': (s) => s.write(`${OK}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`),
  'is silent': () => {},
  'is silent in the body': (s) => s.write(`${OK}Content-Length: 9\r\n\r\nhello`),
}

/** What a virtual user and its server can see of one request. */
type Fate = { fate: string; status: number; body: string; isKept: boolean }

const TIMEOUT = 400
const INACTIVITY = 700

async function overTransport(url: string): Promise<Omit<Fate, 'isKept'>> {
  const agent = new Agent(transportOf({ inactivity: INACTIVITY }), 1)
  const call = await carriedOut(agent, new TestCall(url, { timeout: TIMEOUT }))
  const fate = call.error === null ? 'ended' : `${call.error.code}: ${call.error.message}`
  return { fate, status: call.status, body: call.error === null ? call.read() : '' }
}

type Got = (options: object) => Promise<unknown> & {
  on(event: 'request', listener: (request: NodeJS.EventEmitter) => void): Promise<unknown>
}
type Answer = NodeJS.EventEmitter & { statusCode: number }

async function overGot(url: string): Promise<Omit<Fate, 'isKept'>> {
  const fromArtillery = createRequire(createRequire(import.meta.url).resolve('artillery/package.json'))
  const { default: got } = (await import(pathToFileURL(fromArtillery.resolve('got')).href)) as { default: Got }
  const KeepAlive = fromArtillery('agentkeepalive') as new (options: object) => object
  const agent = new KeepAlive({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1, timeout: INACTIVITY })
  return new Promise((resolve) => {
    const seen = { status: 0, body: '' }
    got({ url, throwHttpErrors: false, retry: { limit: 0 }, timeout: { response: TIMEOUT }, agent: { http: agent } })
      .on('request', (request) =>
        request.on('response', (answer: Answer) => {
          seen.status = answer.statusCode
          answer.on('data', (data: Buffer) => {
            seen.body += data.toString('latin1')
          })
          answer.on('end', () => resolve({ ...seen, fate: 'ended' }))
        }),
      )
      .catch((error: NodeJS.ErrnoException) =>
        resolve({ status: seen.status, body: '', fate: `${error.code}: ${error.message}` }),
      )
  })
}

async function fateOf(over: typeof overGot, reply: (socket: Socket) => void): Promise<Fate> {
  const server = await rawServer(reply)
  const seen = await over(server.url)
  await new Promise((resolve) => setTimeout(resolve, 100))
  const isKept = server.connections.every((socket) => !socket.destroyed && !socket.readableEnded)
  await server.close()
  return { ...seen, isKept }
}

describe.concurrent('a server that', () => {
  for (const [name, reply] of Object.entries(SERVERS)) {
    it(`${name} is met as got meets it`, async () => {
      expect(await fateOf(overTransport, reply)).toEqual(await fateOf(overGot, reply))
    })
  }

  it('asks for another protocol is hung up on, where got would wait for ever', async () => {
    const server = await rawServer((s) => s.write('HTTP/1.1 101 x\r\nUpgrade: y\r\nConnection: upgrade\r\n\r\n'))
    expect(await overTransport(server.url)).toMatchObject({ fate: 'ECONNRESET: socket hang up', status: 0 })
    await until(() => server.connections.every((socket) => socket.destroyed))
    await server.close()
  })
})
