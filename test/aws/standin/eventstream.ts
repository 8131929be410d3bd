/**
 * Messages of Amazon's event stream (application/vnd.amazon.eventstream), as Lambda sends them:
 *   length (4) · length of the headers (4) · CRC of these 8 · headers · payload · CRC of all before
 */
import { crc32 } from 'node:zlib'

const PRELUDE = 12
const CRC = 4
const STRING = 7

/** One event of a response stream; `type` is `PayloadChunk` or `InvokeComplete`. */
export function eventMessage(type: string, contentType: string, payload: Uint8Array): Buffer {
  const headers = Buffer.concat(
    [
      [':message-type', 'event'],
      [':event-type', type],
      [':content-type', contentType],
    ].map(([name = '', value = '']) => header(name, value)),
  )
  const message = Buffer.alloc(PRELUDE + headers.length + payload.length + CRC)
  message.writeUInt32BE(message.length, 0)
  message.writeUInt32BE(headers.length, 4)
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8)
  headers.copy(message, PRELUDE)
  message.set(payload, PRELUDE + headers.length)
  message.writeUInt32BE(crc32(message.subarray(0, -CRC)), message.length - CRC)
  return message
}

function header(name: string, value: string): Buffer {
  const bytes = Buffer.alloc(name.length + value.length + 4)
  bytes[0] = name.length
  bytes.write(name, 1, 'latin1')
  bytes[name.length + 1] = STRING
  bytes.writeUInt16BE(value.length, name.length + 2)
  bytes.write(value, name.length + 4, 'latin1')
  return bytes
}

/** Cuts a stream of bytes into whole messages. */
export class MessageCutter {
  private pending: Buffer = Buffer.alloc(0)

  push(bytes: Uint8Array): Buffer[] {
    this.pending = Buffer.concat([this.pending, bytes])
    const whole: Buffer[] = []
    while (this.pending.length >= 4 && this.pending.length >= this.pending.readUInt32BE(0)) {
      const length = this.pending.readUInt32BE(0)
      whole.push(this.pending.subarray(0, length))
      this.pending = this.pending.subarray(length)
    }
    return whole
  }
}

export const isComplete = (message: Buffer): boolean => message.includes('InvokeComplete', 0, 'latin1')
