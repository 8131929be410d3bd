/** Answers by chance: what a server may send, with what it means; and the same spoilt. Text is latin1. */
import type { Verdict } from './verdicts.ts'

/** Numbers from a seed, fast enough for ten million answers. */
export class Dice {
  private state: number

  constructor(seed: number) {
    this.state = seed | 0
  }

  /** A whole number from 0 to below `n`. */
  below(n: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % n
  }

  /** True once in `n`. */
  once(n: number): boolean {
    return this.below(n) === 0
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }

  text(length: number, of: string): string {
    let text = ''
    for (let i = 0; i < length; i++) text += of[this.below(of.length)]
    return text
  }
}

/** One answer and what it says. */
export type Sent = {
  text: string
  isHead: boolean
  status: number
  statusText: string
  rawHeaders: string[]
  body: string
  keepsAlive: boolean
  /** It ends when its connection does. */
  isEndless: boolean
}

/** What is to become of it. */
export const verdictOf = ({ status, statusText, rawHeaders, body, keepsAlive }: Sent): Verdict => ({
  ...{ end: 'ended', code: '', reason: '', status, statusText, rawHeaders, body, keepsAlive, isAlone: true },
})

const TOKENS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~"
const VALUES = `${TOKENS} \t"(),/:;<=>?@[\\]{}\x80\xe4\xff`
const BODIES = `${VALUES}\r\n\0\x01`
const NAMES =
  `Server Date Content-Type X-Powered-By Connections Content-Lengths Transfer-Encodin Upgrad Set-Cookie set-cookie Location
  Content-Encoding Keep-Alive Cookie ETag Vary Age age Expires __proto__ constructor`.split(/\s+/)
const FINAL = [200, 200, 200, 200, 201, 202, 204, 205, 206, 301, 302, 304, 400, 404, 500, 503, 999]

const anyCase = (dice: Dice, word: string): string =>
  dice.once(2) ? word : [...word].map((c) => (dice.once(2) ? c.toUpperCase() : c.toLowerCase())).join('')
const blanks = (dice: Dice): string => (dice.once(2) ? ' ' : dice.text(dice.below(4), ' \t'))

type Header = { name: string; value: string }

function someHeaders(dice: Dice): Header[] {
  const headers: Header[] = []
  const count = dice.once(50) ? 30 + dice.below(10) : dice.below(5)
  for (let i = 0; i < count; i++) {
    const name = dice.once(2) ? dice.pick(NAMES) : dice.text(1 + dice.below(18), TOKENS)
    if (/^(connection|proxy-connection|content-length|transfer-encoding|upgrade)$/i.test(name)) continue
    headers.push({ name, value: dice.text(dice.below(25), VALUES) })
  }
  return headers
}

function headerText(dice: Dice, { name, value }: Header): string {
  // A tab behind it makes `chunked` something else.
  const behind = /^transfer-encoding$/i.test(name) ? ' '.repeat(dice.below(3)) : blanks(dice)
  return `${name}:${blanks(dice)}${value}${dice.once(4) ? behind : ''}\r\n`
}

function insert(dice: Dice, headers: Header[], name: string, value: string): void {
  headers.splice(dice.below(headers.length + 1), 0, { name: anyCase(dice, name), value })
}

function chunkedText(dice: Dice, body: string): string {
  let text = ''
  for (let at = 0; at < body.length; ) {
    const size = 1 + dice.below(body.length - at)
    text += `${sizeText(dice, size)}\r\n${body.slice(at, at + size)}\r\n`
    at += size
  }
  text += `${dice.text(1 + dice.below(3), '0')}${extensions(dice)}\r\n`
  const trailers = dice.once(4) ? someHeaders(dice) : []
  return `${text}${trailers.map((trailer) => headerText(dice, trailer)).join('')}\r\n`
}

const sizeText = (dice: Dice, size: number): string =>
  dice.text(dice.once(4) ? dice.below(20) : 0, '0') + anyCase(dice, size.toString(16)) + extensions(dice)

function extensions(dice: Dice): string {
  let text = ''
  while (dice.once(5)) {
    text += `;${dice.text(1 + dice.below(4), TOKENS)}`
    const kind = dice.below(3)
    if (kind === 1) text += `=${dice.text(dice.below(4), TOKENS)}`
    if (kind === 2)
      text += `="${dice.text(dice.below(4), `${TOKENS} \t(),/:;\x80`)}\\"${dice.text(dice.below(3), TOKENS)}"`
  }
  return text
}

const FRAMINGS = ['length', 'length', 'length', 'chunked', 'chunked', 'endless', 'coded', 'nothing'] as const

export function anyAnswer(dice: Dice): Sent {
  const isHead = dice.once(12)
  const status = dice.pick(FINAL)
  const isBare = isHead || status === 204 || status === 304
  const statusText = dice.once(3) ? dice.text(dice.below(12), `${VALUES}\x01\x7f`) : 'OK'
  const version = dice.pick(['1.1', '1.1', '1.1', '1.1', '1.0', '2.0', '0.9'])
  const framing = dice.pick(FRAMINGS)
  const headers = someHeaders(dice)
  const content = dice.text(dice.once(20) ? dice.below(3000) : dice.below(60), BODIES)
  if (framing === 'length') insert(dice, headers, 'Content-Length', `${dice.text(dice.below(2), '0')}${content.length}`)
  if (framing === 'chunked') {
    insert(
      dice,
      headers,
      'Transfer-Encoding',
      dice.pick(['chunked', 'gzip, chunked', 'chunked ', 'x ,\tCHUNKED', 'chunked,chunked']),
    )
  }
  if (framing === 'coded')
    insert(dice, headers, 'Transfer-Encoding', dice.pick(['gzip', 'chunked, gzip', 'chunked;q=1', 'chunked\t,']))
  const persistence = dice.below(6)
  if (persistence === 0)
    insert(
      dice,
      headers,
      dice.pick(['Connection', 'Proxy-Connection']),
      dice.pick(['close', 'Close', 'x, close', 'close ,y']),
    )
  if (persistence === 1) insert(dice, headers, 'Connection', dice.pick(['keep-alive', 'Keep-Alive', ' x,keep-alive\t']))
  if (persistence === 2)
    insert(dice, headers, 'Connection', dice.pick(['closed', 'keep alive', 'close x', 'upgrade', '']))
  const sized = framing === 'length' || framing === 'chunked'
  const keepsAlive =
    (version === '1.1' ? persistence !== 0 : persistence === 1) && (sized || status === 204 || status === 304)
  const body = isBare || (framing === 'nothing' && isBare) ? '' : content
  return {
    text: `${between(dice)}HTTP/${version} ${status}${statusText === '' && dice.once(2) ? '' : ' '}${statusText}\r\n${headers
      .map((header) => headerText(dice, header))
      .join('')}\r\n${isBare ? '' : framing === 'chunked' ? chunkedText(dice, content) : content}`,
    isHead,
    status,
    statusText,
    rawHeaders: headers.flatMap(({ name, value }) => [name, value.replace(/^[ \t]+|[ \t]+$/g, '')]),
    body,
    keepsAlive,
    isEndless: !isBare && !sized,
  }
}

/** What may come before an answer. */
function between(dice: Dice): string {
  let text = dice.once(10) ? dice.text(dice.below(4), '\r\n') : ''
  while (dice.once(10)) {
    text += `HTTP/1.1 ${dice.pick([100, 102, 103, 150])} ${dice.text(dice.below(5), TOKENS)}\r\n`
    text += `${someHeaders(dice)
      .map((header) => headerText(dice, header))
      .join('')}\r\n`
  }
  return text
}

const ODDITIES = [
  ...[
    '\r\n',
    '\n',
    '\r',
    ' ',
    '\t',
    ':',
    ',',
    ';',
    '=',
    '"',
    '\\',
    '\0',
    '\x7f',
    '\x80',
    '0',
    '5',
    'f',
    'HTTP/1.1 200 OK\r\n',
  ],
  ...[
    'Content-Length: 5\r\n',
    'Content-Length:\r\n',
    'content-length: 5 \t\r\n',
    'Content-Length: 5, 5\r\n',
    'Content-Length: -1\r\n',
  ],
  ...[
    'Content-Length: 18446744073709551615\r\n',
    'Content-Length: 18446744073709551616\r\n',
    'Content-Length: 0x5\r\n',
  ],
  ...[
    'Transfer-Encoding: chunked\r\n',
    'Transfer-Encoding:\r\n',
    'Transfer-Encoding: identity\r\n',
    'transfer-encoding: chunked\t\r\n',
  ],
  ...[
    'Connection: close\r\n',
    'Connection: close\t\r\n',
    'Connection: upgrade\r\nUpgrade: x\r\n',
    'Upgrade:\r\n',
    'X: y\r\n z\r\n',
  ],
  ...[
    'HTTP/1.1 101 x\r\n',
    'HTTP/1.1 100 x\r\nConnection: close\r\n\r\n',
    '0\r\n\r\n',
    'ffffffffffffffff\r\n',
    '10000000000000000\r\n',
  ],
  ...[
    'RTSP/1.0 200 OK\r\n',
    'ICE/1.0 200 OK\r\n',
    'HTTP/1.2 200 OK\r\n',
    ';a="b\\"c"\r\n',
    ';;\r\n',
    '; a\r\n',
    '\r\n\r\n',
  ],
]

/** The text with a few bytes changed, moved, left out, cut off or put in. */
export function spoilt(dice: Dice, text: string): string {
  let spoiling = text
  do {
    const at = dice.below(spoiling.length + 1)
    const length = 1 + dice.below(dice.once(4) ? 40 : 2)
    const kind = dice.below(7)
    const head = spoiling.slice(0, at)
    if (kind === 0) spoiling = head + String.fromCharCode(dice.below(256)) + spoiling.slice(at + 1)
    if (kind === 1) spoiling = head + spoiling.slice(at + length)
    if (kind === 2 || kind === 3) spoiling = head + dice.pick(ODDITIES) + spoiling.slice(at)
    if (kind === 4) spoiling = head + spoiling.slice(at, at + length) + spoiling.slice(at)
    if (kind === 5) spoiling = afterLine(dice, spoiling)
    if (kind === 6 && dice.once(3)) spoiling = head
  } while (dice.once(2))
  return spoiling
}

/** An oddity behind one of the first line ends, where headers are. */
function afterLine(dice: Dice, text: string): string {
  let at = 0
  for (let lines = dice.below(5); lines >= 0; lines--) {
    const next = text.indexOf('\n', at)
    if (next < 0) break
    at = next + 1
  }
  return text.slice(0, at) + dice.pick(ODDITIES) + text.slice(at)
}

/** The bytes cut in pieces: whole, in a few or in many. */
export function pieces(dice: Dice, bytes: Buffer): Buffer[] {
  const most = dice.pick([1, 1, 2, 4, 4, 30])
  if (most === 30 && dice.once(4)) return Array.from(bytes, (_, i) => bytes.subarray(i, i + 1))
  const cuts = Array.from({ length: dice.below(most) }, () => dice.below(bytes.length + 1)).sort((a, b) => a - b)
  return [0, ...cuts].map((from, i) => bytes.subarray(from, cuts[i] ?? bytes.length)).filter(({ length }) => length > 0)
}
