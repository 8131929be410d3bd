/** The line before each chunk of a chunked body: its size, and extensions that nobody reads. Read byte by byte, cut anywhere. */
import { BACKSLASH, BYTES, CR, EQUALS, HEX, LF, NAME, QUOTE, QUOTED, SEMICOLON, SPACE, VALUE } from './bytes.ts'

/** Node's limit on the extensions of one chunk. */
const MAX_EXTENSIONS = 16_384
/** Hexadecimal digits of 2^64 − 1, where llhttp's counter ends. */
const MOST_DIGITS = 16

const FIRST_DIGIT = 0
const DIGITS = 1
const LINE_FEED = 2
const EXTENSION = 3
const EXTENSION_NAME = 4
const EXTENSION_VALUE = 5
const QUOTED_VALUE = 6
const QUOTED_PAIR = 7
const AFTER_QUOTED = 8
const COMPLETE = 9

const NO_SIZE = 'Invalid character in chunk size'
const NO_EXTENSION = 'Invalid character in chunk extensions'

export class Chunks {
  /** Of the chunk whose line is complete. */
  size = 0
  complete = false
  /** Why the line is none, '' while it is one. */
  code = ''
  reason = ''
  private state = FIRST_DIGIT
  private digits = 0
  private extensions = 0

  begin(): void {
    this.size = 0
    this.complete = false
    this.code = ''
    this.state = FIRST_DIGIT
    this.digits = 0
    this.extensions = 0
  }

  /** Reads on; where it stopped: at the end, behind the line, or at what broke it. */
  read(bytes: Uint8Array, from: number, end: number): number {
    let at = from
    while (at < end) {
      const byte = bytes[at] as number
      const state =
        this.state <= DIGITS ? this.sizeByte(byte) : this.state === LINE_FEED ? this.feed(byte) : this.extension(byte)
      if (state < 0) return at
      this.state = state
      at++
      if (state === COMPLETE) {
        this.complete = true
        return at
      }
    }
    return at
  }

  private sizeByte(byte: number): number {
    const digit = HEX[byte] as number
    if (digit < 16) {
      if (this.size > 0 || digit > 0) this.digits++
      if (this.digits > MOST_DIGITS) return this.refuse('HPE_INVALID_CHUNK_SIZE', 'Chunk size overflow')
      this.size = this.size * 16 + digit
      return DIGITS
    }
    if (this.state === FIRST_DIGIT) return this.refuse('HPE_INVALID_CHUNK_SIZE', NO_SIZE)
    if (byte === CR) return LINE_FEED
    if (byte === SEMICOLON) return EXTENSION
    if (byte === LF) return this.refuse('HPE_CR_EXPECTED', 'Missing expected CR after chunk size')
    return this.refuse('HPE_INVALID_CHUNK_SIZE', NO_SIZE)
  }

  private feed(byte: number): number {
    return byte === LF ? COMPLETE : this.refuse('HPE_STRICT', 'Expected LF after chunk size')
  }

  private extension(byte: number): number {
    switch (this.state) {
      case EXTENSION:
        if (byte === SPACE || byte === CR) return this.refuse('HPE_STRICT', NO_EXTENSION)
        return this.name(byte)
      case EXTENSION_NAME:
        return this.name(byte)
      case EXTENSION_VALUE:
        if (byte === QUOTE) return this.counted(QUOTED_VALUE)
        if (((BYTES[byte] as number) & NAME) !== 0) return this.counted(EXTENSION_VALUE)
        return this.after(byte, 'value', `${NO_EXTENSION} value`)
      case QUOTED_VALUE:
        if (((BYTES[byte] as number) & QUOTED) !== 0) return this.counted(QUOTED_VALUE)
        if (byte === QUOTE) return this.counted(AFTER_QUOTED)
        if (byte === BACKSLASH) return this.counted(QUOTED_PAIR)
        return this.refuse('HPE_STRICT', `${NO_EXTENSION} quoted value`)
      case QUOTED_PAIR:
        if (((BYTES[byte] as number) & VALUE) !== 0) return this.counted(QUOTED_VALUE)
        return this.refuse('HPE_STRICT', 'Invalid quoted-pair in chunk extensions quoted value')
      default:
        return this.after(byte, 'value', `${NO_EXTENSION} quote value`)
    }
  }

  private name(byte: number): number {
    if (((BYTES[byte] as number) & NAME) !== 0) return this.counted(EXTENSION_NAME)
    if (byte === EQUALS) return EXTENSION_VALUE
    return this.after(byte, 'name', `${NO_EXTENSION} name`)
  }

  private after(byte: number, part: 'name' | 'value', otherwise: string): number {
    if (byte === SEMICOLON) return EXTENSION
    if (byte === CR) return LINE_FEED
    if (byte === LF) return this.refuse('HPE_CR_EXPECTED', `Missing expected CR after chunk extension ${part}`)
    return this.refuse('HPE_STRICT', otherwise)
  }

  private counted(next: number): number {
    if (++this.extensions <= MAX_EXTENSIONS) return next
    return this.refuse('HPE_CHUNK_EXTENSIONS_OVERFLOW', 'Chunk extensions overflow')
  }

  private refuse(code: string, reason: string): number {
    this.code = code
    this.reason = reason
    return -1
  }
}
