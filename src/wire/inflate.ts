/**
 * Inflates what zlib deflated (RFC 1950 and 1951), into memory that is used again. 18 kB take 60 to 80 µs where node:zlib takes 30 to 40,
 * but leave nothing behind: docs/decisions/013. Held against node:zlib by test/property/inflate.test.ts.
 */
import { PrefixCode, QUICK, REST } from './prefix-code.ts'

/** Of the longest match. */
const MATCH = 258
/** So much is copied sooner by a call than byte by byte. */
const LONG = 128
const END = 256
/** Bytes that may be read behind the end. */
const AHEAD = 8
const QUICKLY = (1 << QUICK) - 1
const RESTLY = (1 << REST) - 1
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

/** Where each symbol's lengths, or distances, begin, and in how many more bits the rest follows: RFC 1951, 3.2.5. */
const LENGTHS = scaleOf(29, 3, (i) => (i < 8 || i === 28 ? 0 : (i >> 2) - 1))
const DISTANCES = scaleOf(30, 1, (i) => (i < 4 ? 0 : (i >> 1) - 1))
LENGTHS.from[28] = MATCH

function scaleOf(size: number, first: number, moreOf: (i: number) => number): { from: Uint16Array; more: Uint8Array } {
  const more = Uint8Array.from({ length: size }, (_, i) => moreOf(i))
  const from = new Uint16Array(size)
  for (let i = 0, next = first; i < size; next += 1 << (more[i++] as number)) from[i] = next
  return { from, more }
}

export class Inflater {
  private readonly most: number
  private input: Uint8Array = new Uint8Array(AHEAD)
  private view = new DataView(this.input.buffer)
  /** In bits: what is read next, and the end. */
  private at = 0
  private end = 0
  private out: Uint8Array = new Uint8Array(32 * 1024)
  private length = 0
  private readonly lengths = new Uint8Array(320)
  private readonly codes = { literal: new PrefixCode(), distance: new PrefixCode(), lengths: new PrefixCode() }

  /** `most`: bytes; what inflates to more is refused. */
  constructor(most: number) {
    this.most = most
  }

  /** A view that the next call makes stale. Throws a RangeError on bytes that are cut short, damaged or not of zlib's format, or that come to more than the most. */
  inflate(packed: Uint8Array): Uint8Array {
    this.take(packed)
    const head = this.bits(8) * 256 + this.bits(8)
    // Deflated, with a window of 32 kB at the most, and no dictionary.
    if (head % 31 !== 0 || (head & 0x8f20) !== 0x0800) throw new RangeError("not zlib's format")
    for (let isLast = false; !isLast; ) {
      isLast = this.bits(1) === 1
      const kind = this.bits(2)
      if (kind === 0) this.stored()
      else if (kind === 3) throw new RangeError('a block of no kind')
      else {
        if (kind === 1) this.fixed()
        else this.dynamic()
        while (!this.symbols()) this.wider()
      }
    }
    if (this.length > this.most) throw new RangeError(`more than ${this.most} bytes`)
    this.toByte()
    let sum = 0
    for (let byte = 0; byte < 4; byte++) sum = sum * 256 + this.bits(8)
    const inflated = this.out.subarray(0, this.length)
    if (sum !== adler32(inflated)) throw new RangeError('damaged')
    return inflated
  }

  private take(packed: Uint8Array): void {
    if (packed.length + AHEAD > this.input.length) {
      this.input = new Uint8Array(2 * packed.length + AHEAD)
      this.view = new DataView(this.input.buffer)
    }
    this.input.set(packed)
    this.at = 0
    this.end = packed.length * 8
    this.length = 0
  }

  /** `count`: up to 16. */
  private bits(count: number): number {
    const word = this.view.getInt32(this.at >> 3, true) >> (this.at & 7)
    this.to(this.at + count)
    return word & ((1 << count) - 1)
  }

  private to(at: number): void {
    if (at > this.end) throw new RangeError('cut short')
    this.at = at
  }

  private toByte(): void {
    this.to((this.at + 7) & ~7)
  }

  private stored(): void {
    this.toByte()
    const length = this.bits(16)
    if ((this.bits(16) ^ 0xffff) !== length) throw new RangeError('a length that is none')
    const from = this.at >> 3
    this.to(this.at + 8 * length)
    while (this.length + length > this.out.length) this.wider()
    this.out.set(this.input.subarray(from, from + length), this.length)
    this.length += length
  }

  private fixed(): void {
    this.lengths.fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280, 288).fill(5, 288, 320)
    this.codes.literal.make(this.lengths, 0, 288)
    this.codes.distance.make(this.lengths, 288, 320)
  }

  private dynamic(): void {
    const { lengths, codes } = this
    const literals = this.bits(5) + 257
    const distances = this.bits(5) + 1
    const given = this.bits(4) + 4
    if (literals > 286 || distances > 30) throw new RangeError('more symbols than there are')
    lengths.fill(0, 0, ORDER.length)
    for (let i = 0; i < given; i++) lengths[ORDER[i] as number] = this.bits(3)
    codes.lengths.make(lengths, 0, ORDER.length)
    for (let at = 0; at < literals + distances; ) {
      const symbol = this.symbol(codes.lengths)
      if (symbol < 16) {
        lengths[at++] = symbol
        continue
      }
      if (symbol === 16 && at === 0) throw new RangeError('nothing to repeat')
      const repeated = symbol === 16 ? (lengths[at - 1] as number) : 0
      const times = symbol === 16 ? 3 + this.bits(2) : symbol === 17 ? 3 + this.bits(3) : 11 + this.bits(7)
      if (at + times > literals + distances) throw new RangeError('repeats too much')
      lengths.fill(repeated, at, at + times)
      at += times
    }
    if (lengths[END] === 0) throw new RangeError('a block without an end')
    codes.literal.make(lengths, 0, literals)
    codes.distance.make(lengths, literals, literals + distances)
  }

  private symbol({ table }: PrefixCode): number {
    const entry = table[(this.view.getInt32(this.at >> 3, true) >> (this.at & 7)) & QUICKLY] as number
    if (entry === 0) throw new RangeError('bits that are no code')
    this.to(this.at + (entry & 15))
    return entry >> 4
  }

  /**
   * A block's symbols until it has ended: true, or there is no room for one more. A plain loop over locals. Four bytes are read anew for each symbol, of
   * which 25 bits are sure to be there: to ask whether there are enough left of those before would cost more.
   */
  private symbols(): boolean {
    const { view, out, codes } = this
    const literals = codes.literal.table
    const distances = codes.distance.table
    const room = out.length - MATCH
    let { at, length } = this
    let entry = 0
    while (length < room) {
      let word = view.getInt32(at >> 3, true) >> (at & 7)
      entry = literals[word & QUICKLY] as number
      if ((entry & 15) === 0) {
        if (entry === 0) throw new RangeError('bits that are no code')
        entry = literals[(entry >> 4) + ((word >> QUICK) & RESTLY)] as number
      }
      at += entry & 15
      word >>= entry & 15
      entry >>= 4
      if (entry < END) {
        out[length++] = entry
        // Fifteen bits at the least are left: mostly enough for one more.
        const next = literals[word & QUICKLY] as number
        if ((next & 15) === 0 || next >= END << 4) continue
        at += next & 15
        out[length++] = next >> 4
        continue
      }
      if (entry === END) break
      if (entry > 285) throw new RangeError('a length that is none')
      let more = LENGTHS.more[entry - 257] as number
      const to = length + (LENGTHS.from[entry - 257] as number) + (word & ((1 << more) - 1))
      at += more
      word = view.getInt32(at >> 3, true) >> (at & 7)
      entry = distances[word & QUICKLY] as number
      if ((entry & 15) === 0) {
        if (entry === 0) throw new RangeError('bits that are no code')
        entry = distances[(entry >> 4) + ((word >> QUICK) & RESTLY)] as number
      }
      at += entry & 15
      word = view.getInt32(at >> 3, true) >> (at & 7)
      entry >>= 4
      if (entry > 29) throw new RangeError('a distance that is none')
      more = DISTANCES.more[entry] as number
      at += more
      let from = length - (DISTANCES.from[entry] as number) - (word & ((1 << more) - 1))
      if (from < 0) throw new RangeError('a distance too far back')
      if (to - length >= LONG && from + to - length <= length) {
        out.copyWithin(length, from, from + to - length)
        length = to
      }
      while (length < to) out[length++] = out[from++] as number
    }
    this.to(at)
    this.length = length
    return entry === END
  }

  /** Room for the longest match behind the most that there may be, and one more: then it is too much. */
  private wider(): void {
    const widest = this.most + MATCH + 1
    if (this.out.length >= widest) throw new RangeError(`more than ${this.most} bytes`)
    const wider = new Uint8Array(Math.min(this.out.length * 2, widest))
    wider.set(this.out.subarray(0, this.length))
    this.out = wider
  }
}

/** RFC 1950's checksum: sums of the bytes and of these sums. */
export function adler32(bytes: Uint8Array): number {
  const end = bytes.length
  let low = 1
  let high = 0
  for (let at = 0; at < end; ) {
    // So many fit before the sums outgrow 31 bits.
    const pause = Math.min(end, at + 3_800)
    for (; at + 4 <= pause; at += 4) {
      const a = bytes[at] as number
      const b = bytes[at + 1] as number
      const c = bytes[at + 2] as number
      const d = bytes[at + 3] as number
      high = (high + 4 * (low + a) + 3 * b + 2 * c + d) | 0
      low = (low + a + b + c + d) | 0
    }
    for (; at < pause; at++) high += low += bytes[at] as number
    low %= 65_521
    high %= 65_521
  }
  return high * 65_536 + low
}
