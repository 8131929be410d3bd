import { describe, expect, it } from 'vitest'
import { Agent } from '../../../../lambda/engines/native/agent.ts'
import { Targets } from '../../../../lambda/targets.ts'
import { carriedOut, type RawServer, rawServer, TestCall, transportOf, until } from '../../../support/calls.ts'

const HELLO = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
const greeter = (): Promise<RawServer> => rawServer((socket) => socket.write(HELLO))

/** A server that holds its answers back until told. */
async function holder(): Promise<RawServer & { answer(): void }> {
  const held: (() => void)[] = []
  const server = await rawServer((socket) => held.push(() => socket.write(HELLO)))
  return { ...server, answer: () => held.shift()?.() }
}

describe.concurrent('an agent', () => {
  it('tells of a call in order, with its times', async () => {
    const server = await greeter()
    const transport = transportOf()
    const call = await carriedOut(new Agent(transport, 1), new TestCall(server.url))
    expect(call.heard).toEqual(['sent', 'answered', 'ended'])
    expect(call).toMatchObject({ status: 200, statusText: 'OK', text: 'hello', downloaded: 5, dns: -1, tls: -1 })
    expect(call.head?.headers).toEqual({ 'content-length': '5' })
    expect(call.sent).toBeLessThanOrEqual(call.written)
    expect(call.written).toBeLessThanOrEqual(call.firstByte)
    expect(call.tcp).toBeGreaterThan(0)
    transport.close()
    await server.close()
  })

  it('uses a connection again, and says that nothing was opened', async () => {
    const server = await greeter()
    const transport = transportOf()
    const agent = new Agent(transport, 1)
    await carriedOut(agent, new TestCall(server.url))
    const second = await carriedOut(agent, new TestCall(server.url))
    expect(server.connections).toHaveLength(1)
    expect(second).toMatchObject({ dns: -1, tcp: -1, tls: -1 })
    transport.close()
    await server.close()
  })

  it('opens no more connections than it may, and serves who waits in order', async () => {
    const server = await holder()
    const transport = transportOf()
    const agent = new Agent(transport, 2)
    const calls = ['a', 'b', 'c', 'd'].map((path) => new TestCall(`${server.url}${path}`))
    for (const call of calls) agent.send(call)
    await until(() => server.requests.length === 2)
    expect(transport.openConnections).toBe(2)
    expect(calls.map(({ heard }) => heard.length)).toEqual([1, 1, 0, 0])
    for (let i = 0; i < 4; i++) {
      server.answer()
      await until(() => server.requests.length === Math.min(4, i + 3))
    }
    await Promise.all(calls.map(({ over }) => over))
    expect(server.requests.slice(2).map((text) => text.split(' ')[1])).toEqual(['/c', '/d'])
    expect(server.connections).toHaveLength(2)
    transport.close()
    await server.close()
  })

  it('gives the connection that was used last, as node does', async () => {
    const server = await holder()
    const transport = transportOf()
    const agent = new Agent(transport, 2)
    const calls = [new TestCall(server.url), new TestCall(server.url)]
    for (const call of calls) agent.send(call)
    await until(() => server.requests.length === 2)
    server.answer()
    await until(() => calls.some(({ heard }) => heard.length === 3))
    server.answer()
    await Promise.all(calls.map(({ over }) => over))
    agent.send(new TestCall(server.url))
    await until(() => server.requests.length === 3)
    const last = server.connections[1]?.bytesRead ?? 0
    expect(last).toBeGreaterThan(server.connections[0]?.bytesRead ?? 0)
    transport.close()
    await server.close()
  })

  it('opens another connection for who waits when one breaks', async () => {
    let answers = 0
    const server = await rawServer((socket) => (answers++ === 0 ? socket.resetAndDestroy() : socket.write(HELLO)))
    const transport = transportOf()
    const agent = new Agent(transport, 1)
    const [first, second] = [new TestCall(server.url), new TestCall(server.url)]
    agent.send(first)
    agent.send(second)
    expect((await first.over).error?.code).toBe('ECONNRESET')
    expect((await second.over).read()).toBe('hello')
    expect(server.connections).toHaveLength(2)
    transport.close()
    await server.close()
  })

  it('can be sent to from what it calls', async () => {
    const server = await greeter()
    const transport = transportOf()
    const agent = new Agent(transport, 1)
    const second = new TestCall(server.url)
    const first = new TestCall(server.url)
    first.onEnded = () => agent.send(second)
    agent.send(first)
    expect((await second.over).read()).toBe('hello')
    expect(server.connections).toHaveLength(1)
    transport.close()
    await server.close()
  })

  it('keeps origins apart', async () => {
    const [one, other] = [await greeter(), await greeter()]
    const transport = transportOf()
    const agent = new Agent(transport, 1)
    for (const { url } of [one, other, one, other]) await carriedOut(agent, new TestCall(url))
    expect([one.connections.length, other.connections.length]).toEqual([1, 1])
    expect(transport.openConnections).toBe(2)
    agent.close()
    expect(transport.openConnections).toBe(0)
    await Promise.all([one.close(), other.close()])
  })

  it('closes idle connections at once when it is closed, without a reset', async () => {
    const server = await greeter()
    const transport = transportOf()
    const agent = new Agent(transport, 1)
    await carriedOut(agent, new TestCall(server.url))
    const failures: unknown[] = []
    const ends: unknown[] = []
    server.connections[0]?.on('error', (error) => failures.push(error)).on('end', () => ends.push('end'))
    agent.close()
    await until(() => ends.length === 1)
    expect(failures).toEqual([])
    expect(transport.openConnections).toBe(0)
    await server.close()
  })

  it('lets a call at work end when it is closed, and closes its connection then', async () => {
    const server = await holder()
    const transport = transportOf()
    const agent = new Agent(transport, 1)
    const call = new TestCall(server.url)
    agent.send(call)
    await until(() => server.requests.length === 1)
    agent.close()
    server.answer()
    expect((await call.over).read()).toBe('hello')
    expect(transport.openConnections).toBe(0)
    await server.close()
  })

  it('says nothing more of calls that are aborted, those that wait neither', async () => {
    const server = await holder()
    const transport = transportOf()
    const agent = new Agent(transport, 1)
    const calls = [new TestCall(server.url), new TestCall(server.url)]
    for (const call of calls) agent.send(call)
    await until(() => server.requests.length === 1)
    agent.abort()
    expect(transport.openConnections).toBe(0)
    await until(() => server.connections[0]?.destroyed ?? false)
    expect(calls.map(({ heard }) => heard)).toEqual([['sent'], []])
    await server.close()
  })

  it('refuses metadata services by address, and by a name that leads there', async () => {
    const transport = transportOf({
      targets: new Targets(['metadata.example'], { platform: null, others: [] }, () => {}),
      lookup: (_name, _options, callback) =>
        void setImmediate(() => callback(null, [{ address: '169.254.169.254', family: 4 }])),
    })
    const agent = new Agent(transport, 1)
    for (const url of [
      'http://169.254.169.254/',
      'http://[fd00:ec2::254]/',
      'http://[::ffff:169.254.169.254]/',
      'http://metadata.example/',
    ]) {
      const { error } = await carriedOut(agent, new TestCall(url))
      expect(error?.code, url).toBe('SLSART_METADATA')
      expect(error?.message).toMatch(/254|a9fe/)
    }
    expect(transport.openConnections).toBe(0)
  })
})
