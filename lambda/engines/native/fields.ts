/** What the headers that decide how an answer is framed say; all that llhttp sees in them, and nothing more. */
import { BYTES, COMMA, HTAB, isWord, SPACE, VALUE } from './bytes.ts'
import { CONTENT_ENCODING, KEEP_ALIVE, LOCATION, SERVER_TIMING, SET_COOKIE } from './head.ts'

/** Flags of an answer. The low ones are those of head.ts. */
export const MARKS: number = SET_COOKIE | LOCATION | CONTENT_ENCODING | KEEP_ALIVE | SERVER_TIMING
export const LENGTH = 16
export const CODED = 32
export const CHUNKED = 64
export const CLOSE = 128
export const PERSIST = 256
export const UPGRADE = 512
export const UPGRADES = 1024

/** Kinds of headers. */
export const PLAIN = 0
export const CONTENT_LENGTH = 1
export const TRANSFER_ENCODING = 2
const CONNECTION = 3
const UPGRADE_HEADER = 4
/** From here on: its mark, times this. */
export const MARKED = 8

export function kindOf(bytes: Uint8Array, from: number, length: number): number {
  switch (length) {
    case 7:
      return isWord(bytes, from, 'upgrade') ? UPGRADE_HEADER : PLAIN
    case 8:
      return isWord(bytes, from, 'location') ? LOCATION * MARKED : PLAIN
    case 10:
      if (isWord(bytes, from, 'connection')) return CONNECTION
      if (isWord(bytes, from, 'set-cookie')) return SET_COOKIE * MARKED
      return isWord(bytes, from, 'keep-alive') ? KEEP_ALIVE * MARKED : PLAIN
    case 13:
      return isWord(bytes, from, 'server-timing') ? SERVER_TIMING * MARKED : PLAIN
    case 14:
      return isWord(bytes, from, 'content-length') ? CONTENT_LENGTH : PLAIN
    case 16:
      if (isWord(bytes, from, 'proxy-connection')) return CONNECTION
      return isWord(bytes, from, 'content-encoding') ? CONTENT_ENCODING * MARKED : PLAIN
    case 17:
      return isWord(bytes, from, 'transfer-encoding') ? TRANSFER_ENCODING : PLAIN
    default:
      return PLAIN
  }
}

/** Whether llhttp itself looks at headers of that kind. */
export const frames = (kind: number): boolean => kind > PLAIN && kind < MARKED

/** The flags with what such a header, not empty, adds to them or takes away. */
export function flagsWith(flags: number, kind: number, bytes: Uint8Array, from: number, to: number): number {
  switch (kind) {
    case PLAIN:
      return flags
    case CONTENT_LENGTH:
      return flags | LENGTH
    case TRANSFER_ENCODING:
      return (flags & ~CHUNKED) | CODED | (endsChunked(bytes, from, to) ? CHUNKED : 0)
    case CONNECTION:
      return flags | connectionFlags(bytes, from, to)
    case UPGRADE_HEADER:
      return flags | UPGRADE
    default:
      return flags | (kind / MARKED)
  }
}

/** Whether `chunked` is the last of the codings. Spaces may follow it, tabs may not. */
function endsChunked(bytes: Uint8Array, from: number, to: number): boolean {
  let at = to
  while (at > from && bytes[at - 1] !== COMMA) at--
  while (at < to && isBlank(bytes[at])) at++
  if (to - at < 7 || !isWord(bytes, at, 'chunked')) return false
  for (at += 7; at < to; at++) if (bytes[at] !== SPACE) return false
  return true
}

function connectionFlags(bytes: Uint8Array, from: number, to: number): number {
  let flags = 0
  let at = from
  while (at < to) {
    while (at < to && isBlank(bytes[at])) at++
    const start = at
    while (at < to && bytes[at] !== COMMA) at++
    let end = at
    while (end > start && isBlank(bytes[end - 1])) end--
    flags |= optionFlag(bytes, start, end - start)
    at++
  }
  return flags
}

function optionFlag(bytes: Uint8Array, from: number, length: number): number {
  if (length === 5 && isWord(bytes, from, 'close')) return CLOSE
  if (length === 10 && isWord(bytes, from, 'keep-alive')) return PERSIST
  if (length === 7 && isWord(bytes, from, 'upgrade')) return UPGRADES
  return 0
}

const MOST_LENGTH = 2n ** 64n - 1n

/** What a Content-Length says as far as it has come, from digits and the blanks behind them; −1 when that is more than llhttp can count. */
export function lengthOf(bytes: Uint8Array, from: number, to: number): number {
  let length = 0
  let at = from
  for (; at < to && !isBlank(bytes[at]); at++) length = length * 10 + (bytes[at] as number) - 0x30
  return length >= 2 ** 63 && isOver(bytes, from, at) ? -1 : length
}

function isOver(bytes: Uint8Array, from: number, to: number): boolean {
  return BigInt(Buffer.from(bytes.subarray(from, to)).toString('latin1')) > MOST_LENGTH
}

/** Where the value of a Content-Length stops. */
export function lengthEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && (bytes[at] as number) >= 0x30 && (bytes[at] as number) <= 0x39) at++
  while (at < end && isBlank(bytes[at])) at++
  return at
}

export const isBlank = (byte: number | undefined): boolean => byte === SPACE || byte === HTAB

/** Where the value that starts there stops: at the first byte that no value may have, CR among them. */
export function valueEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && ((BYTES[bytes[at] as number] as number) & VALUE) !== 0) at++
  return at
}
