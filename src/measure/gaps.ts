/**
 * A histogram's counts as a frame carries them, in bits: a third of the size of HDR's own payload (counts.ts), an eighth less than that deflated, and
 * added in half the time of inflating and adding it.
 *
 *   how many buckets have a count (16) · the first of them (16), then for each 32 of them:
 *   width of gaps (4) · width of counts (4), then for each bucket, as codes of those widths:
 *   the empty buckets since the one before it (of the first: 0) · its count less one
 *   three bytes of zeros: whoever reads four bytes at once stays inside
 *
 * A code is Golomb's and Rice's: the value without its lowest `width` bits in unary (so many zeros and a one), then those bits. From twelve zeros on
 * there are no more of them, and the whole value follows: a gap in 15 bits, a count in 53.
 */
import type { ByteWriter } from './bytes.ts'
import { BUCKETS, type Histogram } from './histogram.ts'

const BLOCK = 32
const MOST_UNARY = 12
const GAP_BITS = 15
const COUNT_BITS = 53
/** With as many zeros as there may be and their one, a code of this width still lies in the 25 bits that four bytes hold from any bit on. */
const MOST_WIDTH = 12
const PADDING = 3

/** Buckets with a count, of the histogram that is being written. */
const filled = new Uint16Array(BUCKETS)

/** Writes nothing for a histogram without counts. */
export function writeGaps(histogram: Histogram, out: ByteWriter): void {
  const { counts, lowest, highest } = histogram
  if (histogram.count === 0) return
  let n = 0
  for (let bucket = lowest; bucket <= highest; bucket++) if (counts[bucket] !== 0) filled[n++] = bucket
  const bits = new BitWriter(out)
  bits.put(n, 16)
  bits.put(lowest, 16)
  let last = lowest - 1
  for (let from = 0; from < n; from += BLOCK) {
    const to = Math.min(from + BLOCK, n)
    const here = to - from
    let more = 0
    for (let i = from; i < to; i++) more += (counts[filled[i] as number] as number) - 1
    const gapWidth = widthOf(((filled[to - 1] as number) - last - here) / here)
    const countWidth = widthOf(more / here)
    bits.put(gapWidth, 4)
    bits.put(countWidth, 4)
    for (let i = from; i < to; i++) {
      const bucket = filled[i] as number
      bits.code(bucket - last - 1, gapWidth, GAP_BITS)
      bits.code((counts[bucket] as number) - 1, countWidth, COUNT_BITS)
      last = bucket
    }
  }
  bits.end()
}

/** The width at which values of that mean take about the fewest bits. */
const widthOf = (mean: number): number =>
  Math.max(0, Math.min(MOST_WIDTH, Math.round(Math.log2(Math.max(1e-9, mean * Math.LN2)))))

class BitWriter {
  private readonly out: ByteWriter
  private held = 0
  private n = 0

  constructor(out: ByteWriter) {
    this.out = out
  }

  /** At most 24 bits. */
  put(value: number, width: number): void {
    this.held = (this.held << width) | value
    this.n += width
    while (this.n >= 8) {
      this.n -= 8
      this.out.byte((this.held >>> this.n) & 255)
    }
  }

  code(value: number, width: number, whole: number): void {
    if (value < MOST_UNARY << width) {
      // Both parts at once: the one that ends the zeros stands before the lower bits.
      const upper = value >>> width
      this.put((1 << width) | (value & ((1 << width) - 1)), upper + 1 + width)
      return
    }
    this.put(0, MOST_UNARY)
    for (let rest = whole; rest > 0; rest -= Math.min(rest, 20)) {
      const taken = Math.min(rest, 20)
      this.put(Math.floor(value / 2 ** (rest - taken)) % 2 ** taken, taken)
    }
  }

  end(): void {
    this.put(0, (8 - this.n) % 8)
    this.put(0, 8 * PADDING)
  }
}

/** One view for all payloads of the same memory, as those of a frame are: to make one takes as long as to add ten samples. */
let view: DataView = new DataView(new ArrayBuffer(0))

/**
 * Adds counts to an accumulator. Throws a RangeError on bytes that name a bucket beyond the last, or end too soon; what came before them has been
 * added, and of the latter what lies behind them in the same memory may have been.
 */
export function addGaps(payload: Uint8Array, into: Histogram): void {
  if (payload.length === 0) return
  if (view.buffer !== payload.buffer) view = new DataView(payload.buffer)
  const bits = view
  const { counts } = into
  // Bits are counted from the memory's first.
  const end = (payload.byteOffset + payload.length - PADDING) * 8
  let at = payload.byteOffset * 8
  if (end - at < 32) throw new RangeError('counts end too soon')
  const head = bits.getInt32(at >> 3)
  let left = head >>> 16
  const lowest = head & 0xffff
  let bucket = lowest - 1
  at += 32
  try {
    while (left > 0) {
      if (at >= end) throw new RangeError('counts end too soon')
      const widths = bits.getInt32(at >> 3) << (at & 7)
      const gapWidth = widths >>> 28
      const countWidth = (widths >>> 24) & 15
      at += 8
      const many = left < BLOCK ? left : BLOCK
      left -= many
      for (let i = 0; i < many; i++) {
        // At least 25 bits, which hold both codes nearly always. A shift by 32 would be one by 0: so two, for the bits of a width of 0.
        const window = bits.getInt32(at >> 3) << (at & 7)
        const zeros = Math.clz32(window)
        const length = zeros + 1 + gapWidth
        const behind = window << length
        const zerosBehind = Math.clz32(behind)
        const both = length + zerosBehind + 1 + countWidth
        if (both <= 25 && zeros < MOST_UNARY && zerosBehind < MOST_UNARY) {
          const next = bucket + 1 + ((zeros << gapWidth) | ((((window << zeros) << 1) >>> 1) >>> (31 - gapWidth)))
          if (next >= BUCKETS) throw new RangeError(`counts go past bucket ${BUCKETS}`)
          bucket = next
          at += both
          ;(counts[bucket] as number) +=
            1 + ((zerosBehind << countWidth) | ((((behind << zerosBehind) << 1) >>> 1) >>> (31 - countWidth)))
          continue
        }
        const next = bucket + 1 + codeAt(bits, at, gapWidth, GAP_BITS)
        if (next >= BUCKETS) throw new RangeError(`counts go past bucket ${BUCKETS}`)
        bucket = next
        at += zeros < MOST_UNARY ? length : MOST_UNARY + GAP_BITS
        const unary = Math.clz32(bits.getInt32(at >> 3) << (at & 7))
        ;(counts[bucket] as number) += 1 + codeAt(bits, at, countWidth, COUNT_BITS)
        at += unary < MOST_UNARY ? unary + 1 + countWidth : MOST_UNARY + COUNT_BITS
      }
    }
    if (at > end) throw new RangeError('counts end too soon')
  } finally {
    if (bucket >= lowest) {
      into.lowest = Math.min(into.lowest, lowest)
      into.highest = Math.max(into.highest, bucket)
    }
  }
}

function codeAt(bits: DataView, at: number, width: number, whole: number): number {
  const window = bits.getInt32(at >> 3) << (at & 7)
  const zeros = Math.clz32(window)
  if (zeros < MOST_UNARY) return (zeros << width) | ((((window << zeros) << 1) >>> 1) >>> (31 - width))
  let value = 0
  let from = at + MOST_UNARY
  for (let rest = whole; rest > 0; rest -= Math.min(rest, 20)) {
    const taken = Math.min(rest, 20)
    value = value * 2 ** taken + ((bits.getInt32(from >> 3) << (from & 7)) >>> (32 - taken))
    from += taken
  }
  return value
}
