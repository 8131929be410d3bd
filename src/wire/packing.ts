/**
 * A frame as it travels, and as it lies in logs and stores:
 *   length of the deflated part (4 bytes) · Adler-32 of the counts payloads (4) · all but these, deflated by zlib · the counts payloads
 * Numbers are big-endian. zlib's own checksum is of the deflated part.
 */
import { adler32 } from './inflate.ts'

const HEAD = 8

/** `at`: where the frame's counts payloads begin. `deflate`: zlib's, which is not of this room. */
export function packed(frame: Uint8Array, at: number, deflate: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  const deflated = deflate(frame.subarray(0, at))
  const payloads = frame.subarray(at)
  const bytes = new Uint8Array(HEAD + deflated.length + payloads.length)
  const head = new DataView(bytes.buffer)
  head.setUint32(0, deflated.length)
  head.setUint32(4, adler32(payloads))
  bytes.set(deflated, HEAD)
  bytes.set(payloads, HEAD + deflated.length)
  return bytes
}

/** Views of the two. Throws a RangeError when the payloads were damaged on their way. */
export function partsOf(packed: Uint8Array): { deflated: Uint8Array; payloads: Uint8Array } {
  if (packed.length < HEAD) throw new RangeError('damaged')
  const head = new DataView(packed.buffer, packed.byteOffset, HEAD)
  const at = HEAD + head.getUint32(0)
  const payloads = packed.subarray(at)
  if (at > packed.length || adler32(payloads) !== head.getUint32(4)) throw new RangeError('damaged')
  return { deflated: packed.subarray(HEAD, at), payloads }
}
