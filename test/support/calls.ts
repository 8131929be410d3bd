/** Calls made by hand, and servers that answer with bytes. */
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { type Agent, Transport } from '../../lambda/engines/native/agent.ts'
import type { Call, NetError, Origin, Piece, TlsOptions } from '../../lambda/engines/native/call.ts'
import type { NameTargets } from '../../lambda/engines/native/dns.ts'
import type { ResponseHead } from '../../lambda/engines/native/head.ts'
import { originOf } from '../../lambda/engines/native/origin.ts'

/** Refuses nothing. */
export const anywhere: NameTargets = { keep: (_host, addresses) => [...addresses], refusal: () => null }

const microsNow = (): number => performance.now() * 1000

export const transportOf = (options: Partial<ConstructorParameters<typeof Transport>[0]> = {}): Transport =>
  new Transport({ now: microsNow, inactivity: 8000, targets: anywhere, ...options })

type Wishes = {
  bytes?: string | Buffer
  isHead?: boolean
  keepsHead?: boolean
  keepsBody?: boolean
  timeout?: number
  tls?: TlsOptions
  url?: string
}

/** The body of an answer that has just ended. */
export function bodyOf({ body, piece }: { body: readonly Buffer[]; piece: Piece | null }): Buffer {
  return piece === null ? Buffer.concat(body) : Buffer.from(piece.bytes.subarray(piece.from, piece.to))
}

/** A call that notes what it hears. */
export class TestCall implements Call {
  readonly origin: Origin
  readonly bytes: string | Buffer
  readonly isHead: boolean
  readonly keepsHead: boolean
  readonly keepsBody: boolean
  readonly timeout: number
  sent = 0
  written = 0
  firstByte = 0
  ended = 0
  dns = -2
  tcp = -2
  tls = -2
  status = 0
  statusText = ''
  head: ResponseHead | null = null
  body: Buffer[] = []
  piece: Piece | null = null
  private text = ''
  downloaded = 0
  error: NetError | null = null
  readonly heard: string[] = []
  readonly over: Promise<this>
  private settle: (call: this) => void = () => {}

  constructor(url: string, { bytes, isHead, keepsHead, keepsBody, timeout, tls }: Wishes = {}) {
    const { protocol, hostname, port, pathname } = new URL(url)
    this.origin = originOf(protocol as 'http:', hostname, port, tls ?? null)
    this.bytes = bytes ?? `${isHead ? 'HEAD' : 'GET'} ${pathname} HTTP/1.1\r\nHost: ${this.origin.hostHeader}\r\n\r\n`
    this.isHead = isHead ?? false
    this.keepsHead = keepsHead ?? true
    this.keepsBody = keepsBody ?? true
    this.timeout = timeout ?? 2000
    this.over = new Promise((resolve) => {
      this.settle = resolve
    })
  }

  read(): string {
    return this.text
  }

  onSent(): void {
    this.heard.push('sent')
  }

  onAnswered(): void {
    this.heard.push('answered')
  }

  onEnded(): void {
    this.heard.push('ended')
    this.text = bodyOf(this).toString()
    this.settle(this)
  }

  onFailed(error: NetError): void {
    this.heard.push('failed')
    this.error = error
    this.settle(this)
  }
}

/** Sends it and waits for its end. */
export function carriedOut(agent: Agent, call: TestCall): Promise<TestCall> {
  agent.send(call)
  if (call.heard.some((heard) => heard !== 'sent')) throw new Error(`heard ${call.heard} inside send`)
  return call.over
}

export type RawServer = { url: string; port: number; connections: Socket[]; requests: string[]; close(): Promise<void> }

/** Answers each piece of a request that comes with what `reply` does to the socket. */
export async function rawServer(
  reply: (socket: Socket, request: number, text: string) => void,
  host = '127.0.0.1',
): Promise<RawServer> {
  const connections: Socket[] = []
  const requests: string[] = []
  const server: Server = createServer({ noDelay: true }, (socket) => {
    connections.push(socket)
    socket.on('error', () => {})
    socket.on('data', (data) => {
      requests.push(data.toString('latin1'))
      reply(socket, requests.length, data.toString('latin1'))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const { port } = server.address() as AddressInfo
  return {
    ...{ url: `http://${host.includes(':') ? `[${host}]` : host}:${port}/`, port, connections, requests },
    close: () => {
      for (const socket of connections) socket.destroy()
      return new Promise((resolve) => void server.close(() => resolve()))
    },
  }
}

/** Waits until it holds, for a second at most. */
export async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 200 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 5))
  if (!holds()) throw new Error(`never: ${holds}`)
}
