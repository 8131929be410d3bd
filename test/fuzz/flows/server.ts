/** A raw server that answers as it was told to, and keeps what it was asked. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { Dice } from '../../support/answers.ts'
import type { Behaviour, Case } from './case.ts'

/** `connection`: which of its virtual user's. */
export type Asked = { head: string; body: string; connection: number }

/** So long after what was sent a connection is reset: a reset that overtakes data takes it away. */
const SETTLED = 8

export class FuzzServer {
  /** Of each virtual user, in order. A connection closed before it was asked anything is told as one. */
  readonly asked: Asked[][] = []
  /** Whose turn it is, when they come one after the other. */
  user = 0
  active: number = performance.now()
  private readonly server: Server
  private readonly sockets = new Set<Socket>()
  private readonly connections: Socket[][] = []
  private readonly plan: Case

  private constructor(plan: Case) {
    this.plan = plan
    this.server = createServer({ noDelay: true }, (socket) => this.accept(socket))
  }

  static async open(plan: Case): Promise<FuzzServer> {
    const made = new FuzzServer(plan)
    made.server.listen(0, '127.0.0.1')
    await once(made.server, 'listening')
    return made
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    this.server.close()
    for (const socket of this.sockets) socket.destroy()
    await once(this.server, 'close')
  }

  private of(user: number): Asked[] {
    this.asked[user] ??= []
    return this.asked[user]
  }

  private accept(socket: Socket): void {
    const { together, answers } = this.plan
    this.sockets.add(socket)
    this.active = performance.now()
    socket.on('error', () => {})
    socket.on('close', () => this.sockets.delete(socket))
    const asked = this.of(this.user)
    const { stop } = (together ? undefined : answers[this.user]?.[asked.length]) ?? {}
    if (stop?.at === 'accept') {
      asked.push({ head: '(closed when accepted)', body: '', connection: this.numberOf(socket, this.user) })
      end(socket, stop.how)
      return
    }
    let text = ''
    socket.on('data', (bytes) => {
      this.active = performance.now()
      text += bytes.toString('latin1')
      for (let next = whole(text); next !== null; next = whole(text)) {
        text = text.slice(next.length)
        this.answer(socket, next).catch(() => socket.destroy())
      }
    })
    // What is still to be sent after the client's FIN nobody reads.
    socket.on('end', () => socket.end())
  }

  private numberOf(socket: Socket, user: number): number {
    this.connections[user] ??= []
    const own = this.connections[user]
    if (!own.includes(socket)) own.push(socket)
    return own.indexOf(socket)
  }

  private async answer(socket: Socket, { head, body }: Request): Promise<void> {
    const user = this.plan.together ? Number(/^x-vu: (\d+)/im.exec(head)?.[1] ?? 0) : this.user
    const asked = this.of(user)
    const behaviour = this.plan.answers[user]?.[asked.length] ?? {}
    const made = answerTo(behaviour, head, asked.length)
    asked.push({ head, body, connection: this.numberOf(socket, user) })
    if (behaviour.silent) return
    const { stop } = behaviour
    if (stop?.at === 'request') return end(socket, stop.how)
    for (const piece of cut(made.bytes, behaviour)) {
      socket.write(piece)
      this.active = performance.now()
      if (behaviour.delay !== undefined) await setTimeout(behaviour.delay)
    }
    if (stop !== undefined) {
      await setTimeout(SETTLED)
      end(socket, stop.how)
    } else if (made.closes) socket.end()
  }
}

const end = (socket: Socket, how: 'reset' | 'fin'): void =>
  void (how === 'reset' ? socket.resetAndDestroy() : socket.end())

type Request = { head: string; body: string; length: number }

/** The first request of the text, when it is all there. */
function whole(text: string): Request | null {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return null
  const head = text.slice(0, end)
  const from = end + 4
  if (/^transfer-encoding: *chunked/im.test(head)) {
    const last = text.indexOf('0\r\n\r\n', from)
    return last < 0 ? null : { head, body: text.slice(from, last), length: last + 5 }
  }
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0)
  return text.length < from + length ? null : { head, body: text.slice(from, from + length), length: from + length }
}

type Answer = { bytes: Buffer; closes: boolean }

function answerTo(behaviour: Behaviour, asked: string, n: number): Answer {
  if (behaviour.garbage !== undefined) return { bytes: Buffer.from(behaviour.garbage, 'latin1'), closes: true }
  const { status = 200, framing, lie, headers = [], first = '', coding } = behaviour
  const isBodiless = asked.startsWith('HEAD ') || status === 204 || status === 304
  const body = coded(Buffer.from(bodyOf(behaviour, n)), coding)
  const own = headers.some((line) => /^content-type:/i.test(line))
    ? []
    : [`Content-Type: ${TYPES[behaviour.body ?? 'json']}`]
  const lines = [`HTTP/1.${framing === 'old' ? 0 : 1} ${status} Said`, ...own, ...headers]
  if (coding !== undefined) lines.push(`Content-Encoding: ${coding === 'corrupt' ? 'gzip' : coding}`)
  if (framing === 'chunked') lines.push('Transfer-Encoding: chunked')
  else if (framing === undefined && status !== 204)
    lines.push(`Content-Length: ${Math.max(0, body.length + (lie ?? 0))}`)
  const head = Buffer.from(`${first}${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  const framed = framing === 'chunked' ? chunked(body, new Dice(n + body.length)) : body
  const bytes = isBodiless ? head : Buffer.concat([head, framed])
  return {
    bytes: stopped(bytes, head.length, behaviour),
    closes: framing === 'close' || framing === 'old' || lie !== undefined,
  }
}

function stopped(bytes: Buffer, head: number, { stop }: Behaviour): Buffer {
  if (stop?.at === 'status') return bytes.subarray(0, 10)
  if (stop?.at === 'headers') return bytes.subarray(0, head - 12)
  return stop?.at === 'body' ? bytes.subarray(0, head + Math.floor((bytes.length - head) / 2)) : bytes
}

const TYPES = {
  ...{
    json: 'application/json',
    list: 'application/json; charset=utf-8',
    broken: 'application/json',
    big: 'text/plain',
  },
  ...{ text: 'text/plain; charset=utf-8', html: 'text/html', empty: 'text/plain' },
}

function bodyOf({ body }: Behaviour, n: number): string {
  if (body === 'empty') return ''
  if (body === 'text') return `token=t${n}; name="grün"; price: 12.50 €\nsecond line token=u${n}\n`
  if (body === 'html') return `<html><body><a class="next" href="/page/${n + 1}">go</a><a href="/b">b</a></body></html>`
  if (body === 'big') return 'token=big '.repeat(20_000)
  if (body === 'list')
    return JSON.stringify([
      { id: n, name: 'first' },
      { id: n + 1, name: 'second' },
    ])
  if (body === 'broken') return `{"id": ${n}, "name": `
  return JSON.stringify({
    ...{ id: n, name: 'näme {{ kind }} $1', zero: 0, no: false, nothing: null, empty: '', 'odd key': 'odd' },
    items: [
      { id: 1, name: 'a', tags: ['x'] },
      { id: 2, name: 'b', tags: [] },
    ],
    ...{
      nested: { deep: { value: 'd' }, list: [[1, 2], [3]] },
      evil: 'a\r\nx-injected: 1\u0001',
      path: '/next?x=1&y=ä',
      url: 'no url',
    },
  })
}

function coded(body: Buffer, coding: Behaviour['coding']): Buffer {
  if (coding === 'gzip') return gzipSync(body)
  if (coding === 'deflate') return deflateSync(body)
  return coding === 'br' ? brotliCompressSync(body, { params: { 1: 2 } }) : body
}

function chunked(body: Buffer, dice: Dice): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < body.length; ) {
    const size = Math.min(body.length - at, dice.once(3) ? 1 + dice.below(3) : 1 + dice.below(body.length))
    const extension = dice.once(3) ? dice.pick([';a=b', ';x', ' ;name="quoted"']) : ''
    parts.push(Buffer.from(`${size.toString(16)}${extension}\r\n`), body.subarray(at, at + size), Buffer.from('\r\n'))
    at += size
  }
  return Buffer.concat([
    ...parts,
    Buffer.from(dice.once(2) ? '0\r\n\r\n' : '0\r\nX-Trailer: t\r\nSet-Cookie: t=1\r\n\r\n'),
  ])
}

function cut(bytes: Buffer, { pieces }: Behaviour): Buffer[] {
  if (pieces === undefined) return [bytes]
  const dice = new Dice(pieces)
  const ends = Array.from({ length: 1 + dice.below(12) }, () => dice.below(bytes.length + 1)).sort((a, b) => a - b)
  return [...ends, bytes.length]
    .map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end))
    .filter(({ length }) => length > 0)
}
