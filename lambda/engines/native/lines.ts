/**
 * The lines of a head and of trailers. Each is checked as far as it has come and counts once it is complete; a header line is complete
 * only when the byte behind it is there, which might go on with it. Every function returns where the next line begins, or −1: then the
 * line is cut short, or `code` says why it is refused.
 */
import { BYTES, COLON, CR, LF, NAME, SPACE } from './bytes.ts'
import {
  CHUNKED,
  CLOSE,
  CODED,
  CONTENT_LENGTH,
  flagsWith,
  frames,
  isBlank,
  kindOf,
  LENGTH,
  lengthEnd,
  lengthOf,
  MARKED,
  PERSIST,
  PLAIN,
  TRANSFER_ENCODING,
  valueEnd,
} from './fields.ts'
import { SET_COOKIE } from './head.ts'

const NO_NAME = 'Invalid header token'
const NO_VALUE = 'Invalid header value char'
const NO_PROTOCOL = 'Expected HTTP/, RTSP/ or ICE/'
const VERSIONS = [0.9, 1, 1.1, 2]
/** Blanks before values count for nothing and could go on for ever: not past so many bytes to each that counts. */
const PADDING = 8

/** What came before a line: the status line, the line of the last chunk, a header, or one of no value. */
const STATUS = 0
const CHUNK = 1
const VALUE = 2
const EMPTY = 3

export class Lines {
  code = ''
  reason = ''
  /** Whether the last line was the empty one. */
  ended = false
  status = 0
  statusText = ''
  /** See fields.ts. */
  flags = 0
  length = 0
  /** Of the status line, in bytes. */
  statusLength = 0
  private readonly maxHeader: number
  private version = 0
  /** What counts towards the limit. */
  private counted = 0
  private padded = 0
  /** Of the header that is being read. */
  private kind = PLAIN
  /** What the line before was. */
  private before = STATUS
  /** The kind of the line before if it has no value and must have one: refused once it is known not to go on. */
  private lacking = PLAIN

  constructor(maxHeader: number) {
    this.maxHeader = maxHeader
  }

  begin(): void {
    this.code = ''
    this.ended = false
    this.flags = 0
    this.length = 0
    this.beginTrailers()
    this.before = STATUS
  }

  beginTrailers(): void {
    this.ended = false
    this.counted = 0
    this.padded = 0
    this.before = CHUNK
    this.lacking = PLAIN
  }

  /** Whether the connection may be used again; `noBody`: it is known that no body follows, whatever the headers say. */
  keepsAlive(noBody: boolean): boolean {
    const { flags, status, version } = this
    if (version === 1.1 ? (flags & CLOSE) !== 0 : (flags & PERSIST) === 0) return false
    if (noBody || (status >= 100 && status < 200) || status === 204 || status === 304) return true
    if ((flags & CODED) !== 0 && (flags & CHUNKED) === 0) return false
    return (flags & (CHUNKED | LENGTH)) !== 0
  }

  statusLine(bytes: Buffer, from: number, end: number): number {
    let at = this.protocol(bytes, from, end)
    if (at < 0) return at
    const start = at
    // A blank and three digits.
    for (; at < end && at < start + 4; at++) {
      const byte = bytes[at] as number
      if (at === start) {
        if (byte !== SPACE) return this.refuse('HPE_INVALID_VERSION', 'Expected space after version')
      } else if (byte < 0x30 || byte > 0x39) return this.refuse('HPE_INVALID_STATUS', 'Invalid status code')
    }
    if (at === end) return -1
    const digits = start + 1
    this.status =
      ((bytes[digits] as number) - 0x30) * 100 +
      ((bytes[digits + 1] as number) - 0x30) * 10 +
      ((bytes[digits + 2] as number) - 0x30)
    const text = bytes[at] === SPACE ? at + 1 : at
    if (text === at && bytes[at] !== CR) return this.refuse('HPE_INVALID_STATUS', 'Invalid response status')
    at = text
    while (at < end && bytes[at] !== CR && bytes[at] !== LF) at++
    if (this.overflows(at - text, at - from)) return -1
    if (at === end) return -1
    if (bytes[at] === LF) return this.refuse('HPE_CR_EXPECTED', 'Missing expected CR after response line')
    if (at + 1 === end) return -1
    if (bytes[at + 1] !== LF) return this.refuse('HPE_STRICT', 'Expected LF after CR')
    this.counted += at - text
    this.statusText =
      at - text === 2 && bytes[text] === 0x4f && bytes[text + 1] === 0x4b ? 'OK' : bytes.toString('latin1', text, at)
    this.statusLength = at + 2 - from
    return at + 2
  }

  /** Up to and with the version. */
  private protocol(bytes: Buffer, from: number, end: number): number {
    const name = bytes[from] === 0x52 ? 'RTSP/' : bytes[from] === 0x49 ? 'ICE/' : 'HTTP/'
    let at = from
    for (; at < end && at < from + name.length; at++) {
      if (bytes[at] !== name.charCodeAt(at - from)) return this.refuse('HPE_INVALID_CONSTANT', NO_PROTOCOL)
    }
    if (at === end) return -1
    const major = (bytes[at++] as number) - 0x30
    if (major < 0 || major > 9) return this.refuse('HPE_INVALID_VERSION', 'Invalid major version')
    if (at === end) return -1
    if (bytes[at++] !== 0x2e) return this.refuse('HPE_INVALID_VERSION', 'Expected dot')
    if (at === end) return -1
    const minor = (bytes[at++] as number) - 0x30
    if (minor < 0 || minor > 9) return this.refuse('HPE_INVALID_VERSION', 'Invalid minor version')
    this.version = major + minor / 10
    if (!VERSIONS.includes(this.version)) return this.refuse('HPE_INVALID_VERSION', 'Invalid HTTP version')
    return at
  }

  /** A header, or the empty line that ends them. */
  field(bytes: Buffer, from: number, end: number): number {
    if (from === end) return -1
    const byte = bytes[from] as number
    if (this.lacking !== PLAIN && !isBlank(byte)) return this.lacks()
    if (byte === CR) return this.emptyLine(bytes, from, end)
    const colon = this.name(bytes, from, end)
    if (colon < 0) return -1
    if (!this.fits(kindOf(bytes, from, colon - from))) return -1
    let at = colon + 1
    while (at < end && isBlank(bytes[at])) at++
    if (at === end) return this.cut(colon - from, at - from)
    return this.value(bytes, from, colon, at, end)
  }

  private emptyLine(bytes: Buffer, from: number, end: number): number {
    if (from + 1 === end) return -1
    if (bytes[from + 1] !== LF) return this.refuse('HPE_STRICT', 'Expected LF after headers')
    this.ended = true
    return from + 2
  }

  /** Where the colon is. */
  private name(bytes: Buffer, from: number, end: number): number {
    let at = from
    while (at < end && ((BYTES[bytes[at] as number] as number) & NAME) !== 0) at++
    if (at === end) return this.cut(at - from, at - from)
    if (at === from && isBlank(bytes[at])) return this.blankFirst(bytes[at] as number)
    if (at === from || bytes[at] !== COLON) return this.noColon(bytes, from, at)
    return this.overflows(at - from, 0) ? -1 : at
  }

  /** What a line is that begins with a blank: it would go on with the one before. */
  private blankFirst(byte: number): number {
    if (this.before === VALUE) {
      return this.refuse('HPE_INVALID_HEADER_TOKEN', 'Unexpected whitespace after header value')
    }
    if (this.before === EMPTY) return this.refuse('HPE_INVALID_HEADER_TOKEN', NO_VALUE)
    if (this.before === STATUS && byte === SPACE) {
      return this.refuse('HPE_UNEXPECTED_SPACE', 'Unexpected space after start line')
    }
    return this.refuse('HPE_INVALID_HEADER_TOKEN', NO_NAME)
  }

  /** What breaks a name off that is not a colon. */
  private noColon(bytes: Buffer, from: number, at: number): number {
    const isFraming = bytes[at] === SPACE && frames(kindOf(bytes, from, at - from))
    if (isFraming && this.overflows(at - from, 0)) return -1
    const isOdd = isFraming || (at === from && bytes[at] === LF)
    return this.refuse('HPE_INVALID_HEADER_TOKEN', isOdd ? 'Invalid header field char' : NO_NAME)
  }

  /** Whether a header of that kind may follow those before it. */
  private fits(kind: number): boolean {
    this.kind = kind
    if (kind === TRANSFER_ENCODING && (this.flags & LENGTH) !== 0) {
      this.refuse('HPE_INVALID_TRANSFER_ENCODING', "Transfer-Encoding can't be present with Content-Length")
    } else if (kind === CONTENT_LENGTH && (this.flags & CODED) !== 0) {
      this.refuse('HPE_INVALID_CONTENT_LENGTH', "Content-Length can't be present with Transfer-Encoding")
    }
    return this.code === ''
  }

  /** From the first byte behind the colon that is not blank. */
  private value(bytes: Buffer, from: number, colon: number, start: number, end: number): number {
    const { kind } = this
    if (bytes[start] === CR || bytes[start] === LF) return this.emptyValue(bytes, colon - from, start, end)
    if (kind === CONTENT_LENGTH && (this.flags & LENGTH) !== 0) {
      return this.refuse('HPE_UNEXPECTED_CONTENT_LENGTH', 'Duplicate Content-Length')
    }
    const at = kind === CONTENT_LENGTH ? lengthEnd(bytes, start, end) : valueEnd(bytes, start, end)
    const counted = colon - from + at - start
    if (this.overflows(counted, at - from)) return -1
    if (kind === CONTENT_LENGTH && !this.takeLength(bytes, start, at)) return -1
    if (at === end) return -1
    if (bytes[at] !== CR) return this.noValue(bytes[at] as number)
    if (at + 1 === end) return -1
    if (bytes[at + 1] !== LF) return this.refuse('HPE_LF_EXPECTED', 'Missing expected LF after header value')
    this.counted += counted
    this.padded += at - from
    this.before = VALUE
    if (kind !== PLAIN) this.flags = flagsWith(this.flags, kind, bytes, start, at)
    return at + 2
  }

  private emptyValue(bytes: Buffer, name: number, at: number, end: number): number {
    if (bytes[at] === LF) return this.refuse('HPE_INVALID_HEADER_TOKEN', NO_VALUE)
    if (at + 1 === end) return this.cut(name, 0)
    if (bytes[at + 1] !== LF) return this.refuse('HPE_STRICT', 'Expected LF after CR')
    this.counted += name
    this.before = EMPTY
    if (this.kind === CONTENT_LENGTH || this.kind === TRANSFER_ENCODING) this.lacking = this.kind
    else if (this.kind === SET_COOKIE * MARKED) this.flags |= SET_COOKIE
    return at + 2
  }

  private lacks(): number {
    if (this.lacking === CONTENT_LENGTH) return this.refuse('HPE_INVALID_CONTENT_LENGTH', 'Empty Content-Length')
    return this.refuse('HPE_INVALID_TRANSFER_ENCODING', 'Empty Transfer-Encoding')
  }

  private noValue(byte: number): number {
    if (byte === LF) return this.refuse('HPE_CR_EXPECTED', 'Missing expected CR after header value')
    if (this.kind === CONTENT_LENGTH) {
      return this.refuse('HPE_INVALID_CONTENT_LENGTH', 'Invalid character in Content-Length')
    }
    return this.refuse('HPE_INVALID_HEADER_TOKEN', NO_VALUE)
  }

  private takeLength(bytes: Buffer, from: number, to: number): boolean {
    const length = lengthOf(bytes, from, to)
    if (length < 0) this.refuse('HPE_INVALID_CONTENT_LENGTH', 'Content-Length overflow')
    else this.length = length
    return length >= 0
  }

  /** The line is cut short, and counts so much as far as it has come. */
  private cut(counted: number, length: number): -1 {
    this.overflows(counted, length)
    return -1
  }

  private overflows(counted: number, length: number): boolean {
    const isOver = this.counted + counted >= this.maxHeader || this.padded + length > PADDING * this.maxHeader
    if (isOver) this.refuse('HPE_HEADER_OVERFLOW', 'Header overflow')
    return isOver
  }

  private refuse(code: string, reason: string): -1 {
    this.code = code
    this.reason = reason
    return -1
  }
}
