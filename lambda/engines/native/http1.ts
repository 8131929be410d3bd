/**
 * The parser of HTTP/1.1 answers. It accepts what llhttp accepts as Node's client sets it up, and refuses the rest with the same code,
 * wherever the input is cut; test/property/http1.test.ts and test/fuzz/http1.ts hold it to that. What it needs later of the bytes
 * that it is fed is copied; only a body that came at once stays where it is.
 *
 * `feed` some bytes, then take steps until MORE: HEADERS, DONE, BROKEN. What comes after DONE in the same bytes is read on as node
 * reads it, so the steps after it tell whether those bytes are harmless (MORE), another answer (HEADERS) or garbage (BROKEN).
 */
import { CR, LF } from './bytes.ts'
import type { Answer } from './call.ts'
import { Chunks } from './chunks.ts'
import { CHUNKED, CODED, LENGTH, MARKS, UPGRADE, UPGRADES } from './fields.ts'
import { CONTENT_ENCODING, ResponseHead } from './head.ts'
import { Lines } from './lines.ts'

export const MORE = 0
export const HEADERS = 1
export const DONE = 2
export const BROKEN = 3
export type Step = typeof MORE | typeof HEADERS | typeof DONE | typeof BROKEN

const START = 0
const STATUS_LINE = 1
const FIELDS = 2
const BODY_STARTS = 3
const SIZED_BODY = 4
const ENDLESS_BODY = 5
const CHUNK_LINE = 6
const CHUNK_DATA = 7
const CHUNK_CR = 8
const CHUNK_LF = 9
const TRAILERS = 10
const COMPLETE = 11
/** After an answer that ends its connection: only blank lines may follow. */
const CLOSED = 12
/** After a 101: what follows is another protocol. */
const DEAF = 13

const NO_BYTES: Buffer = Buffer.alloc(0)

export class ResponseParser {
  /** Why it is BROKEN, as node says it. */
  code = ''
  reason = ''
  /** Whether node would use the connection again, from HEADERS on. */
  keepsAlive = false
  private readonly lines: Lines
  private readonly chunks = new Chunks()
  private answer: Answer | null = null
  private state = START
  private bytes: Buffer = NO_BYTES
  private at = 0
  private end = 0
  /** Where the head begins that is being read. */
  private from = 0
  /** A head or trailer line that is not complete, from an earlier `feed`. */
  private kept: Buffer | null = null
  private rest = 0

  /** `maxHeader`: bytes of status text, header names and values together. */
  constructor(maxHeader: number) {
    this.lines = new Lines(maxHeader)
  }

  /** From now on bytes are the answer that goes into `answer`. */
  begin(answer: Answer): void {
    this.answer = answer
    this.state = START
    this.kept = null
    this.lines.begin()
  }

  /** Bytes to read, good until the next `feed`. */
  feed(bytes: Buffer, length: number): void {
    if (this.kept === null) {
      this.bytes = bytes
      this.at = 0
      this.end = length
      this.from = 0
      return
    }
    const kept = this.kept
    this.kept = null
    this.bytes = Buffer.allocUnsafe(kept.length + length)
    kept.copy(this.bytes)
    bytes.copy(this.bytes, kept.length, 0, length)
    this.end = this.bytes.length
    this.at -= this.from
    this.from = 0
  }

  /** The peer sends no more; whether that is the end of the answer. */
  finish(): boolean {
    return this.state === ENDLESS_BODY
  }

  next(): Step {
    for (;;) {
      switch (this.state) {
        case START:
          if (!this.skipBlankLines()) return MORE
          this.from = this.at
          this.state = STATUS_LINE
          break
        case STATUS_LINE:
          if (!this.line(this.lines.statusLine(this.bytes, this.at, this.end))) return this.stopped()
          this.state = FIELDS
          break
        case FIELDS: {
          const step = this.head()
          if (step >= 0) return step as Step
          break
        }
        case TRAILERS:
          this.from = this.at
          if (!this.line(this.lines.field(this.bytes, this.at, this.end))) return this.stopped()
          if (this.lines.ended) this.state = COMPLETE
          break
        case CLOSED:
          return this.skipBlankLines() ? this.refuse('HPE_CLOSED_CONNECTION', 'Data after `Connection: close`') : MORE
        case DEAF:
          return MORE
        default: {
          const step = this.body()
          if (step >= 0) return step as Step
        }
      }
    }
  }

  /** Moves on behind a line; false if there was none to its end. */
  private line(at: number): boolean {
    if (at < 0) return false
    this.at = at
    return true
  }

  /** Its head or trailer line is cut short or wrong. */
  private stopped(): Step {
    const { code, reason } = this.lines
    if (code !== '') return this.refuse(code, reason)
    // Nothing of it has come: there is nothing to keep.
    if (this.from < this.end) this.kept = Buffer.from(this.bytes.subarray(this.from, this.end))
    else {
      this.at = 0
      this.from = 0
    }
    return MORE
  }

  private skipBlankLines(): boolean {
    let { at } = this
    while (at < this.end && (this.bytes[at] === CR || this.bytes[at] === LF)) at++
    this.at = at
    return at < this.end
  }

  /** Header lines; −1 when they lead on to something else. */
  private head(): number {
    const { lines } = this
    const { bytes, end } = this
    let at = this.at
    do {
      const next = lines.field(bytes, at, end)
      if (next < 0) {
        this.at = at
        return this.stopped()
      }
      at = next
    } while (!lines.ended)
    this.at = at
    return this.headEnded()
  }

  private headEnded(): number {
    const { answer, lines } = this
    const { status, flags } = lines
    const switches = status === 101 && (flags & UPGRADE) !== 0 && (flags & UPGRADES) !== 0
    if (switches) return this.refuse('ECONNRESET', 'socket hang up')
    const keepsAlive = lines.keepsAlive(false)
    if (answer === null) {
      // A second answer to one request: node reads it to its end, for nothing.
      this.state = BODY_STARTS
      return HEADERS
    }
    if (status >= 100 && status < 200 && status !== 101) {
      this.between(lines.keepsAlive(true))
      return -1
    }
    this.keepsAlive = keepsAlive
    answer.status = status
    answer.statusText = lines.statusText
    const marks = flags & MARKS
    const isRead = answer.keepsHead || marks !== 0
    const text = isRead ? this.bytes.toString('latin1', this.from + lines.statusLength, this.at - 2) : ''
    answer.head = new ResponseHead(text, marks)
    this.state = BODY_STARTS
    return HEADERS
  }

  private body(): number {
    switch (this.state) {
      case BODY_STARTS:
        this.state = this.bodyState()
        return -1
      case SIZED_BODY:
        if (!this.take()) return MORE
        this.state = COMPLETE
        return -1
      case ENDLESS_BODY:
        this.rest = Number.POSITIVE_INFINITY
        this.take()
        return MORE
      case COMPLETE:
        return this.completed()
      default:
        return this.chunk()
    }
  }

  /** Which body follows the head. */
  private bodyState(): number {
    const { status, flags, length } = this.lines
    if (status === 101 || (this.answer?.isHead ?? false)) return COMPLETE
    if (status === 100 || status === 102 || status === 103 || status === 204 || status === 304) return COMPLETE
    if ((flags & CHUNKED) !== 0) {
      this.chunks.begin()
      return CHUNK_LINE
    }
    if ((flags & CODED) !== 0) return ENDLESS_BODY
    if ((flags & LENGTH) === 0) return status >= 100 && status < 200 ? COMPLETE : ENDLESS_BODY
    this.rest = length
    return length === 0 ? COMPLETE : SIZED_BODY
  }

  private chunk(): number {
    if (this.state === CHUNK_DATA) {
      if (!this.take()) return MORE
      this.state = CHUNK_CR
    }
    if (this.at === this.end) return MORE
    if (this.state === CHUNK_LINE) return this.chunkLine()
    const byte = this.bytes[this.at++]
    if (this.state === CHUNK_CR && byte === LF) {
      return this.refuse('HPE_CR_EXPECTED', 'Missing expected CR after chunk data')
    }
    if (byte !== (this.state === CHUNK_CR ? CR : LF)) return this.refuse('HPE_STRICT', 'Expected LF after chunk data')
    if (this.state === CHUNK_LF) this.chunks.begin()
    this.state = this.state === CHUNK_CR ? CHUNK_LF : CHUNK_LINE
    return -1
  }

  private chunkLine(): number {
    const { chunks } = this
    this.at = chunks.read(this.bytes, this.at, this.end)
    if (chunks.code !== '') return this.refuse(chunks.code, chunks.reason)
    if (!chunks.complete) return MORE
    this.rest = chunks.size
    this.state = chunks.size === 0 ? TRAILERS : CHUNK_DATA
    if (chunks.size === 0) this.lines.beginTrailers()
    return -1
  }

  /** Takes what is there of the bytes that are to come; whether that was all of them. */
  private take(): boolean {
    const { answer, at } = this
    const length = Math.min(this.end - at, this.rest)
    this.rest -= length
    if (length > 0 && answer !== null) {
      answer.downloaded += length
      if (answer.keepsBody) this.keep(answer, at, at + length)
    }
    this.at = at + length
    return this.rest === 0
  }

  /** Most bodies come at once, and are read before anything else comes: of those nothing is copied. */
  private keep(answer: Answer, from: number, to: number): void {
    const { bytes } = this
    const isPlain = (this.lines.flags & (CODED | CONTENT_ENCODING)) === 0
    if (isPlain && this.rest === 0 && answer.downloaded === to - from) answer.piece = { bytes, from, to }
    else answer.body.push(Buffer.from(bytes.subarray(from, to)))
  }

  private completed(): number {
    const { answer, lines } = this
    if (lines.status === 101) this.state = DEAF
    else this.between(lines.keepsAlive(answer?.isHead ?? false))
    if (answer === null) return -1
    this.answer = null
    return DONE
  }

  /** What follows is another answer, or nothing. */
  private between(keepsAlive: boolean): void {
    this.state = keepsAlive ? START : CLOSED
    this.lines.begin()
  }

  private refuse(code: string, reason: string): typeof BROKEN {
    this.code = code
    this.reason = reason.startsWith('socket') ? reason : `Parse Error: ${reason}`
    return BROKEN
  }
}
