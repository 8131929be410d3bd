/** Frames as workers pack them (wire/packing.ts), unpacked. */
import { ByteWriter } from '../measure/bytes.ts'
import { MOST_FRAME_BYTES } from '../measure/frame.ts'
import { Inflater } from '../wire/inflate.ts'
import { partsOf } from '../wire/packing.ts'

const inflater = new Inflater(MOST_FRAME_BYTES)
const frame = new ByteWriter()

/**
 * A view that the next call makes stale. Null when the frame was damaged on its way, which its checksums show, or is larger than any: its number will be
 * missing, and the verdict says so.
 */
export function unpackedForNow(packed: Uint8Array): Uint8Array | null {
  try {
    const { deflated, payloads } = partsOf(packed)
    frame.clear()
    frame.raw(inflater.inflate(deflated))
    frame.raw(payloads)
    return frame.written()
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** The same, to be kept. */
export const unpacked = (packed: Uint8Array): Uint8Array | null => unpackedForNow(packed)?.slice() ?? null
