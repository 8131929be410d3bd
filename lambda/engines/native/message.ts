/** The bytes of a request, as node:http would write them for got: lower-case names in the order given, then what HTTP wants. */
import type { Address } from './address.ts'

/** In the order in which they are sent; a list is sent as several lines. `undefined` is not sent. */
export type Headers = Record<string, unknown>
export type Body = string | Buffer | null

/** Neither control characters, line breaks above all, nor what latin1 does not have. */
const INVALID = /[^\t\x20-\x7e\x80-\xff]/
export const TOKEN = /^[\^_`a-zA-Z\-0-9!#$%&'*+.|~]+$/
const ASCII = /^[\0-\x7f]*$/
/** Without a body these say nothing of one. */
const BODILESS = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS'])
/** Got sends this when a script's own defaults leave it out. */
export const GOT_AGENT = 'user-agent: got (https://github.com/sindresorhus/got)\r\n'

/** What got refuses to send, or node under it, by got's names: hooks for errors hear of it, as they do not of what Artillery itself throws. */
export class GotError extends Error {
  readonly code: string
  constructor(message: string, { code = 'ERR_GOT_REQUEST_ERROR', name = 'RequestError' } = {}) {
    super(message)
    this.code = code
    this.name = name
  }
}

/** Throws an error with node's code for a header that could be taken for two, or for something else. */
export function headerLines(headers: Headers): string {
  let lines = 'user-agent' in headers ? '' : GOT_AGENT
  for (const name in headers) {
    const value = headers[name]
    if (value === undefined) continue
    lines += linesOf(name, value)
  }
  return lines
}

function checkName(name: string): void {
  if (TOKEN.test(name)) return
  throw new GotError(`Header name must be a valid HTTP token ["${name}"]`, { code: 'ERR_INVALID_HTTP_TOKEN' })
}

/** Cookies are one line, as node has it. */
export function linesOf(name: string, value: unknown): string {
  if (!Array.isArray(value)) return headerLine(name, value)
  if (name === 'cookie' && value.length > 1) return headerLine(name, value.join('; '))
  checkName(name)
  // Got looks for `null` in the list's place only, and node writes what it finds in it.
  return value.map((one) => headerLine(name, String(one))).join('')
}

/** What got leaves of headers, and node: not those that are none, nor a host that says nothing. Without a `user-agent` there shall be none. */
export function sendable(headers: Headers): Headers {
  const left = Object.entries(headers).filter(
    ([name, value]) => (value !== undefined || name === 'user-agent') && (name !== 'host' || Boolean(value)),
  )
  return Object.fromEntries(left)
}

export function headerLine(name: string, value: unknown): string {
  if (value === null) throw new GotError(`Use \`undefined\` instead of \`null\` to delete the \`${name}\` header`)
  checkName(name)
  const text = String(value)
  if (INVALID.test(text))
    throw new GotError(`Invalid character in header content ["${name}"]`, { code: 'ERR_INVALID_CHAR' })
  return `${name}: ${text}\r\n`
}

/** What follows the script's own headers. `lines`: those. */
export function closing(lines: string, method: string, { origin }: Pick<Address, 'origin'>, body: Body): string {
  const has = (name: string): boolean => lines.startsWith(`${name}:`) || lines.includes(`\n${name}:`)
  const host = has('host') ? '' : `Host: ${origin.hostHeader}\r\n`
  const connection = has('connection') ? '' : 'Connection: keep-alive\r\n'
  const isEmpty = body === null && !BODILESS.has(method) && !has('content-length') && !has('transfer-encoding')
  return `${host}${connection}${isEmpty ? emptied(has('expect')) : '\r\n'}`
}

/** A body that is not there. With an `expect` header node has sent the headers before it knows. */
const emptied = (expects: boolean): string =>
  expects ? 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n' : 'Content-Length: 0\r\n\r\n'

/** As node sends a body whose script has said `transfer-encoding: chunked`. */
export function chunked(body: Body): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  if (bytes === null || bytes.length === 0) return Buffer.from('0\r\n\r\n')
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n0\r\n\r\n')])
}

const CHUNKED = /^transfer-encoding: (?:.*\W)?chunked(?:\W|$)/im
export const isChunked = (lines: string): boolean => CHUNKED.test(lines)

/** A text that is ASCII through and through stays one: it is latin1 too. */
export function message(head: string, body: Body): string | Buffer {
  if (body === null) return head
  if (typeof body !== 'string') return Buffer.concat([Buffer.from(head, 'latin1'), body])
  // Node writes the two as one text.
  const whole = head + body
  return ASCII.test(whole) ? whole : Buffer.from(whole)
}
