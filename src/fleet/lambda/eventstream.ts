/**
 * Messages of Amazon's event stream (application/vnd.amazon.eventstream), which carry a response stream of Lambda:
 *   length (4) · length of the headers (4) · CRC-32 of these 8 · headers · payload · CRC-32 of all before it
 * with numbers big-endian, and in the headers, for each: length (1) · name · type (1) · value.
 * A chunk of the connection is not a message: the decoder takes them cut at any byte.
 *
 * Source: smithy.io/2.0/aws/amazon-eventstream.html; held against the SDK's codec in test/unit/fleet/lambda/eventstream.test.ts.
 */
import { crc32 } from 'node:zlib'

const PRELUDE = 12
const CRC = 4
const STRING = 7
/** By type; what is not here says its length in two bytes. */
const SIZES: Record<number, number> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 }
/** The format's own limits. A length beyond them is damage, and must not be waited for. */
const MOST_HEADERS = 128 * 1024
const MOST_PAYLOAD = 24 * 2 ** 20

/** Headers that are no strings are left out. The payload is part of what was pushed, not a copy. */
export type Message = { headers: Record<string, string>; payload: Buffer }

export class MessageDecoder {
  /** The beginning of a message. Always the same array: one that is replaced keeps what it held from being collected for seconds. */
  private readonly chunks: Buffer[] = []
  private held = 0
  private needed = PRELUDE

  /** The messages completed by these bytes. Throws a RangeError when they are no messages, or damaged. */
  push(chunk: Buffer): Message[] {
    const held = this.held + chunk.length
    // Put together once for each message, not for each of its pieces.
    if (held < this.needed) {
      this.keep(chunk)
      return []
    }
    const bytes = this.held === 0 ? chunk : Buffer.concat([...this.chunks, chunk], held)
    this.chunks.length = 0
    this.held = 0
    const messages: Message[] = []
    let at = 0
    this.needed = PRELUDE
    while (bytes.length - at >= PRELUDE) {
      const length = lengthAt(bytes, at)
      if (bytes.length - at < length) {
        this.needed = length
        break
      }
      messages.push(messageOf(bytes.subarray(at, at + length)))
      at += length
    }
    if (at < bytes.length) this.keep(bytes.subarray(at))
    return messages
  }

  private keep(bytes: Buffer): void {
    this.chunks.push(bytes)
    this.held += bytes.length
  }
}

function lengthAt(bytes: Buffer, at: number): number {
  if (crc32(bytes.subarray(at, at + 8)) !== bytes.readUInt32BE(at + 8)) throw new RangeError('a prelude is damaged')
  const [length, headers] = [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)]
  const payload = length - headers - PRELUDE - CRC
  if (headers > MOST_HEADERS || payload < 0 || payload > MOST_PAYLOAD) {
    throw new RangeError(`a message of ${length} bytes with headers of ${headers}`)
  }
  return length
}

function messageOf(bytes: Buffer): Message {
  const end = bytes.length - CRC
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32BE(end)) throw new RangeError('a message is damaged')
  const payloadAt = PRELUDE + bytes.readUInt32BE(4)
  return { headers: headersIn(bytes.subarray(PRELUDE, payloadAt)), payload: bytes.subarray(payloadAt, end) }
}

function headersIn(bytes: Buffer): Record<string, string> {
  const headers: Record<string, string> = {}
  for (let at = 0; at < bytes.length; ) {
    const typeAt = at + 1 + bytes.readUInt8(at)
    const type = bytes.readUInt8(typeAt)
    const size = SIZES[type]
    const valueAt = typeAt + (size === undefined ? 3 : 1)
    const end = valueAt + (size ?? bytes.readUInt16BE(typeAt + 1))
    if (end > bytes.length) throw new RangeError('a header goes beyond the headers')
    if (type === STRING) headers[bytes.toString('utf8', at + 1, typeAt)] = bytes.toString('utf8', valueAt, end)
    at = end
  }
  return headers
}

/** `complete.code`: null when the function returned. `log`: the last 4 kB of what the function wrote. */
export type StreamEvent =
  | { type: 'payload'; bytes: Buffer }
  | { type: 'complete'; code: string | null; details: string; log: string }
  | { type: 'exception'; code: string; message: string }
  | { type: 'unknown' }

export function streamEventOf({ headers, payload }: Message): StreamEvent {
  const kind = headers[':message-type']
  if (kind === 'exception' || kind === 'error') {
    const code = headers[':exception-type'] ?? headers[':error-code'] ?? kind
    return { type: 'exception', code, message: headers[':error-message'] ?? payload.toString('utf8') }
  }
  switch (headers[':event-type']) {
    case 'PayloadChunk':
      return { type: 'payload', bytes: payload }
    case 'InvokeComplete': {
      const said = JSON.parse(payload.toString('utf8') || '{}') as Partial<
        Record<'ErrorCode' | 'ErrorDetails' | 'LogResult', string>
      >
      const log = Buffer.from(said.LogResult ?? '', 'base64').toString('utf8')
      return { type: 'complete', code: said.ErrorCode || null, details: said.ErrorDetails ?? '', log }
    }
    default:
      return { type: 'unknown' }
  }
}
