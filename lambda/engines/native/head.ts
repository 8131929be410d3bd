/** The headers of an answer, kept as they came and taken apart only when somebody asks. */
import type { IncomingHttpHeaders } from 'node:http'

/** Headers that say there is something to do: the others need no look unless a script names them. */
export const SET_COOKIE = 1
export const LOCATION = 2
export const CONTENT_ENCODING = 4
export const KEEP_ALIVE = 8
export const SERVER_TIMING = 2048

/** Node keeps so many and drops the rest. */
const MOST = 1000

/** Of these node:http keeps the first and drops the others; what is not listed is joined. */
const SINGLE = new Set(
  `age authorization content-length content-type etag expires from host if-modified-since if-unmodified-since last-modified
   location max-forwards proxy-authorization referer retry-after server user-agent`.split(/\s+/),
)

export class ResponseHead {
  /** Header lines as they came, each ended by CRLF; latin1. Empty where nobody reads them. */
  readonly text: string
  /** Which of the headers above are there. */
  readonly marks: number
  private pairs: string[] | null = null
  private joined: IncomingHttpHeaders | null = null

  constructor(text: string, marks: number) {
    this.text = text
    this.marks = marks
  }

  /** Name, value, name, value, as node:http has them. */
  get rawHeaders(): string[] {
    this.pairs ??= pairsOf(this.text)
    return this.pairs
  }

  /** Lower case, joined as node:http joins them. */
  get headers(): IncomingHttpHeaders {
    this.joined ??= joinedOf(this.rawHeaders)
    return this.joined
  }
}

function pairsOf(text: string): string[] {
  const pairs: string[] = []
  let line = 0
  while (line < text.length && pairs.length < 2 * MOST) {
    const colon = text.indexOf(':', line)
    const end = text.indexOf('\r', colon)
    let from = colon + 1
    let to = end
    while (from < to && isSpace(text.charCodeAt(from))) from++
    while (to > from && isSpace(text.charCodeAt(to - 1))) to--
    pairs.push(text.slice(line, colon), text.slice(from, to))
    line = end + 2
  }
  return pairs
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x09

function joinedOf(pairs: readonly string[]): IncomingHttpHeaders {
  const headers: IncomingHttpHeaders = {}
  for (let i = 0; i < pairs.length; i += 2) {
    const name = (pairs[i] as string).toLowerCase()
    const value = pairs[i + 1] as string
    const before = headers[name]
    if (name === 'set-cookie') {
      if (headers['set-cookie'] === undefined) headers['set-cookie'] = [value]
      else headers['set-cookie'].push(value)
    } else if (SINGLE.has(name)) {
      if (before === undefined) headers[name] = value
    } else if (typeof before === 'string') headers[name] = before + (name === 'cookie' ? '; ' : ', ') + value
    else headers[name] = value
  }
  return headers
}
