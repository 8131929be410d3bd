import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { Agent } from '../../../../lambda/engines/native/agent.ts'
import { CONTENT_ENCODING, LOCATION, ResponseHead, SET_COOKIE } from '../../../../lambda/engines/native/head.ts'
import { originOf } from '../../../../lambda/engines/native/origin.ts'
import { carriedOut, rawServer, TestCall, transportOf } from '../../../support/calls.ts'

const EVERY =
  `Age age AGE Host From ETag Date Vary Server Cookie cookie Origin Expect Accept Referer Expires Upgrade Location If-Match User-Agent
  Set-Cookie set-cookie Retry-After Content-Type Max-Forwards Authorization Last-Modified Cache-Control If-None-Match Accept-Encoding
  X-Forwarded-For Content-Encoding If-Modified-Since X-Forwarded-Host Proxy-Authorization If-Unmodified-Since X-Own x-own __proto__
  constructor toString Keep-Alive`.split(/\s+/)

describe('a head', () => {
  it('has the headers that node:http has, each twice', async () => {
    const lines = EVERY.flatMap((name) => [`${name}:  one \t`, `${name}: two, 2`, `${name}:`])
    const server = await rawServer((s) =>
      s.end(`HTTP/1.1 200 OK\r\n${lines.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`),
    )
    const theirs = await new Promise<IncomingMessage>((resolve) => get(server.url, resolve))
    const { head } = await carriedOut(new Agent(transportOf(), 1), new TestCall(server.url))
    expect(head?.rawHeaders).toEqual(theirs.rawHeaders)
    expect(head?.headers).toEqual(theirs.headers)
    await server.close()
  })

  it('keeps as many headers as node does', async () => {
    const server = createServer((_request, answer) => {
      answer.writeHead(
        200,
        Array.from({ length: 1200 }, (_, i) => [`h${i}`, 'x']),
      )
      answer.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const theirs = await new Promise<IncomingMessage>((resolve) => get(url, resolve))
    theirs.resume()
    const transport = transportOf()
    const { head } = await carriedOut(new Agent(transport, 1), new TestCall(url))
    expect(head?.rawHeaders).toHaveLength(2000)
    expect(head?.rawHeaders).toEqual(theirs.rawHeaders)
    transport.close()
    server.closeAllConnections()
    server.close()
  })

  it('marks what there is something to do about', async () => {
    const server = await rawServer((s) =>
      s.end('HTTP/1.1 200 OK\r\nset-COOKIE: a=b\r\nLocation: /\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n'),
    )
    const { head } = await carriedOut(new Agent(transportOf(), 1), new TestCall(server.url))
    expect(head?.marks).toBe(SET_COOKIE | LOCATION | CONTENT_ENCODING)
    await server.close()
  })

  it('is kept for nobody only where it is marked', async () => {
    const texts: (string | undefined)[] = []
    for (const line of ['Server: a', 'Location: /', 'Set-Cookie: a=b', 'Keep-Alive: timeout=5']) {
      const server = await rawServer((s) => s.end(`HTTP/1.1 200 OK\r\n${line}\r\nContent-Length: 0\r\n\r\n`))
      const { head } = await carriedOut(new Agent(transportOf(), 1), new TestCall(server.url, { keepsHead: false }))
      texts.push(head?.text.split('\r\n')[0])
      await server.close()
    }
    expect(texts).toEqual(['', 'Location: /', 'Set-Cookie: a=b', 'Keep-Alive: timeout=5'])
  })

  it('can be none at all', () => {
    expect(new ResponseHead('', 0).headers).toEqual({})
    expect(new ResponseHead('', 0).rawHeaders).toEqual([])
  })
})

describe('an origin', () => {
  it('is one object for all who name it', () => {
    const tls = {}
    expect(originOf('http:', 'a', '')).toBe(originOf('http:', 'a', ''))
    expect(originOf('https:', 'a', '', tls)).toBe(originOf('https:', 'a', '', tls))
    expect(originOf('https:', 'a', '', tls)).not.toBe(originOf('https:', 'a', '', {}))
  })

  it.each([
    ['http:', 'a', '', { host: 'a', port: 80, hostHeader: 'a' }],
    ['https:', 'a', '', { host: 'a', port: 443, hostHeader: 'a' }],
    ['http:', 'a', '443', { host: 'a', port: 443, hostHeader: 'a:443' }],
    ['http:', '[::1]', '8080', { host: '::1', port: 8080, hostHeader: '[::1]:8080' }],
  ] as const)('%s//%s:%s is where it says', (protocol, host, port, expected) =>
    expect(originOf(protocol, host, port)).toMatchObject(expected),
  )
})
