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
import { BUCKETS, type Counts, type Histogram } from './histogram.ts'

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
 * How far the loops below have come. They are functions of their own that call none: then V8 keeps what they work with in registers, and whole numbers as
 * such. In one that called another it took a bucket's number for a fraction.
 */
const cursor = { at: 0, bucket: 0, left: 0 }

/**
 * Adds counts to an accumulator, and to another one `beside` it. Throws a RangeError on bytes that name a bucket beyond the last, or end too soon; what
 * came before them has been added, and of the latter what lies behind them in the same memory may have been.
 */
export function addGaps(payload: Uint8Array, into: Histogram, beside: Histogram | null = null): void {
  if (payload.length === 0) return
  if (view.buffer !== payload.buffer) view = new DataView(payload.buffer)
  // Bits are counted from the memory's first.
  const from = payload.byteOffset * 8
  const end = (payload.byteOffset + payload.length - PADDING) * 8
  if (end - from < 32) throw new RangeError('counts end too soon')
  const head = view.getInt32(from >> 3)
  const lowest = head & 0xffff
  cursor.at = from + 32
  cursor.bucket = lowest - 1
  try {
    for (let left = head >>> 16; left > 0; left -= BLOCK) {
      if (cursor.at >= end) throw new RangeError('counts end too soon')
      cursor.left = Math.min(left, BLOCK)
      addBlock(into.counts, beside === null ? null : beside.counts)
    }
    if (cursor.at > end) throw new RangeError('counts end too soon')
  } catch (error) {
    // How far a loop came that read past the memory nobody knows.
    cursor.bucket = BUCKETS - 1
    throw error
  } finally {
    if (cursor.bucket >= lowest) {
      reach(into, lowest)
      if (beside !== null) reach(beside, lowest)
    }
  }
}

function reach(histogram: Histogram, lowest: number): void {
  histogram.lowest = Math.min(histogram.lowest, lowest)
  histogram.highest = Math.max(histogram.highest, cursor.bucket)
}

function addBlock(counts: Counts, others: Counts | null): void {
  const widths = (view.getInt32(cursor.at >> 3) << (cursor.at & 7)) >>> 24
  const gapWidth = widths >>> 4
  const countWidth = widths & 15
  cursor.at += 8
  const pairs = gapWidth + countWidth <= MOST_PAIRED ? pairsOf(gapWidth, countWidth) : null
  for (;;) {
    if (pairs === null) addOnes(view, gapWidth, countWidth, counts, others)
    else addPairs(view, pairs, counts, others)
    if (cursor.left === 0) return
    addLong(gapWidth, countWidth, counts, others)
  }
}

/** Two buckets a turn, those that a table of what the next bits say has two of; up to the last bucket of the block, or what the table does not have. */
function addPairs(bits: DataView, pairs: Int32Array, counts: Counts, others: Counts | null): void {
  let { at, bucket, left } = cursor
  const buckets = BUCKETS
  while (left > 1) {
    const pair = pairs[(bits.getInt32(at >> 3) << (at & 7)) >>> (32 - PAIR_BITS)] as number
    const first = bucket + 1 + ((pair >>> 5) & 63)
    const second = first + ((pair >>> 11) & 127)
    if (pair === 0 || second >= buckets) break
    const one = 1 + ((pair >>> 18) & 63)
    // Where it is one bucket only, the second is the first again, and nothing is added to it.
    const other = pair >>> 24
    ;(counts[first] as number) += one
    ;(counts[second] as number) += other
    if (others !== null) {
      ;(others[first] as number) += one
      ;(others[second] as number) += other
    }
    at += pair & 15
    bucket = second
    left -= 1 + ((pair >>> 4) & 1)
  }
  cursor.at = at
  cursor.bucket = bucket
  cursor.left = left
}

/** The next bits of a table: as many as hold two buckets' codes as a rule, and few enough that a table is 8 kB: it is looked into for each two buckets. */
const PAIR_BITS = 11
/** Wider codes than these together are seldom two in so many bits. */
const MOST_PAIRED = 3

const tables: (Int32Array | undefined)[] = []

/**
 * By the next bits, what they begin with: how many bits it is (4), whether it is two buckets (1), the first one's gap (6), the second one's and one (7),
 * the first one's count less one (6), the second one's count (8). 0 where it is not even one.
 */
function pairsOf(gapWidth: number, countWidth: number): Int32Array {
  const key = gapWidth * (MOST_PAIRED + 1) + countWidth
  const known = tables[key]
  if (known !== undefined) return known
  const bits = new DataView(new ArrayBuffer(4 + PADDING))
  const table = Int32Array.from({ length: 2 ** PAIR_BITS }, (_, index) => {
    bits.setInt32(0, index << (32 - PAIR_BITS))
    const first = pairAt(bits, 0, gapWidth, countWidth)
    if (first === null) return 0
    const second = pairAt(bits, first.end, gapWidth, countWidth)
    const one = (first.gap << 5) | (first.more << 18)
    return second === null
      ? first.end | one
      : second.end | 16 | one | ((second.gap + 1) << 11) | ((second.more + 1) << 24)
  })
  tables[key] = table
  return table
}

function pairAt(
  bits: DataView,
  at: number,
  gapWidth: number,
  countWidth: number,
): { gap: number; more: number; end: number } | null {
  const counted = at + lengthAt(bits, at, gapWidth, GAP_BITS)
  if (counted > PAIR_BITS) return null
  const end = counted + lengthAt(bits, counted, countWidth, COUNT_BITS)
  if (end > PAIR_BITS) return null
  return { gap: codeAt(bits, at, gapWidth, GAP_BITS), more: codeAt(bits, counted, countWidth, COUNT_BITS), end }
}

/** A bucket a turn, up to the last of the block or one whose codes are longer than what is read at once. */
function addOnes(bits: DataView, gapWidth: number, countWidth: number, counts: Counts, others: Counts | null): void {
  let { at, bucket, left } = cursor
  const buckets = BUCKETS
  while (left > 0) {
    // At least 25 bits, which hold both codes nearly always. A shift by 32 would be one by 0: so two, for the bits of a width of 0.
    const window = bits.getInt32(at >> 3) << (at & 7)
    const zeros = Math.clz32(window)
    const length = zeros + 1 + gapWidth
    const behind = window << length
    const zerosBehind = Math.clz32(behind)
    const both = length + zerosBehind + 1 + countWidth
    const next = bucket + 1 + ((zeros << gapWidth) | ((((window << zeros) << 1) >>> 1) >>> (31 - gapWidth)))
    if (both > 25 || zeros >= MOST_UNARY || zerosBehind >= MOST_UNARY || next >= buckets) break
    const count = 1 + ((zerosBehind << countWidth) | ((((behind << zerosBehind) << 1) >>> 1) >>> (31 - countWidth)))
    ;(counts[next] as number) += count
    if (others !== null) (others[next] as number) += count
    at += both
    bucket = next
    left--
  }
  cursor.at = at
  cursor.bucket = bucket
  cursor.left = left
}

/** One bucket, whatever its codes. */
function addLong(gapWidth: number, countWidth: number, counts: Counts, others: Counts | null): void {
  const next = cursor.bucket + 1 + codeAt(view, cursor.at, gapWidth, GAP_BITS)
  if (next >= BUCKETS) throw new RangeError(`counts go past bucket ${BUCKETS}`)
  cursor.at += lengthAt(view, cursor.at, gapWidth, GAP_BITS)
  const count = 1 + codeAt(view, cursor.at, countWidth, COUNT_BITS)
  ;(counts[next] as number) += count
  if (others !== null) (others[next] as number) += count
  cursor.at += lengthAt(view, cursor.at, countWidth, COUNT_BITS)
  cursor.bucket = next
  cursor.left--
}

const zerosAt = (bits: DataView, at: number): number => Math.clz32(bits.getInt32(at >> 3) << (at & 7))

function lengthAt(bits: DataView, at: number, width: number, whole: number): number {
  const zeros = zerosAt(bits, at)
  return zeros < MOST_UNARY ? zeros + 1 + width : MOST_UNARY + whole
}

function codeAt(bits: DataView, at: number, width: number, whole: number): number {
  const window = bits.getInt32(at >> 3) << (at & 7)
  const zeros = zerosAt(bits, at)
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
