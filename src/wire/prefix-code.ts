/** The codes of deflate's blocks (RFC 1951, 3.2.2): each symbol has its own, and none is how another begins. */

const LONGEST = 15
/** So many bits are looked up at once, and the rest of a code that is longer by a second look. */
export const QUICK = 10
export const REST: number = LONGEST - QUICK

/** Made anew for each block. */
export class PrefixCode {
  /**
   * By the next `QUICK` bits, low first: symbol × 16 + how many bits its code has; for those that longer codes begin with, × 16, where their
   * entries by the next `REST` bits are; 0 for what no code begins with.
   */
  readonly table: Int32Array = new Int32Array((1 << QUICK) + 144 * (1 << REST))
  private readonly counts = new Uint16Array(LONGEST + 1)
  /** By length: the code that is given out next, first bit lowest. */
  private readonly next = new Uint16Array(LONGEST + 1)

  /** `bits[from + symbol]`: how many bits its code has, 0 for none. Throws a RangeError on what is no prefix code. */
  make(bits: Uint8Array, from: number, to: number): void {
    this.count(bits, from, to)
    const { table, next } = this
    table.fill(0, 0, 1 << QUICK)
    let end = 1 << QUICK
    for (let i = from; i < to; i++) {
      const length = bits[i] as number
      if (length === 0) continue
      const code = next[length] as number
      next[length] = after(code, length)
      const entry = ((i - from) << 4) | length
      if (length <= QUICK) {
        for (let at = code; at < 1 << QUICK; at += 1 << length) table[at] = entry
        continue
      }
      const begins = code & ((1 << QUICK) - 1)
      if (table[begins] === 0) {
        table[begins] = end << 4
        end += 1 << REST
      }
      const rest = (table[begins] as number) >> 4
      for (let at = code >> QUICK; at < 1 << REST; at += 1 << (length - QUICK)) table[rest + at] = entry
    }
  }

  /** How many codes there are of each length, which says where each length's codes begin. */
  private count(bits: Uint8Array, from: number, to: number): void {
    const { counts, next } = this
    counts.fill(0)
    for (let i = from; i < to; i++) (counts[bits[i] as number] as number)++
    counts[0] = 0
    let left = 1
    let longest = 0
    let code = 0
    for (let length = 1; length <= LONGEST; length++) {
      code = (code + (counts[length - 1] as number)) << 1
      next[length] = reversed(code, length)
      left = 2 * left - (counts[length] as number)
      if (left < 0) throw new RangeError('more codes than bits')
      if ((counts[length] as number) > 0) longest = length
    }
    // One code of one bit, or none at all, leaves bits without a meaning, and zlib takes it: then there is nothing to tell apart.
    if (left > 0 && longest > 1) throw new RangeError('fewer codes than bits')
  }
}

/** Codes come with their first bit lowest, the other way round than they are counted. */
function reversed(code: number, length: number): number {
  let low = 0
  for (let bit = 0; bit < length; bit++) low = (low << 1) | ((code >> bit) & 1)
  return low
}

/** The next code of that length. */
function after(code: number, length: number): number {
  let bit = 1 << (length - 1)
  while ((code & bit) > 0) bit >>= 1
  return bit === 0 ? 0 : (code & (bit - 1)) | bit
}
