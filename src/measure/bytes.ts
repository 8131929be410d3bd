/** The two halves of every encoding of this room: a growing writer and a reader over someone else's bytes. */

export class ByteWriter {
  private bytes: Uint8Array = new Uint8Array(4096)
  length = 0

  /** What has been written so far; a view that the next `clear` makes stale. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }

  clear(): void {
    this.length = 0
  }

  byte(value: number): void {
    this.room(1)
    this.bytes[this.length++] = value
  }

  raw(bytes: Uint8Array): void {
    this.room(bytes.length)
    this.bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  /** An unsigned integer up to 2^53, 7 bits a byte, low first. */
  unsigned(value: number): void {
    this.room(9)
    let rest = value
    while (rest >= 128) {
      this.bytes[this.length++] = (rest % 128) + 128
      rest = Math.floor(rest / 128)
    }
    this.bytes[this.length++] = rest
  }

  /** ZigZag: 0, −1, 1, −2 … become 0, 1, 2, 3 …, so small numbers of either sign are short. */
  signed(value: number): void {
    this.unsigned(value < 0 ? -2 * value - 1 : 2 * value)
  }

  text(value: string): void {
    const bytes = encoder.encode(value)
    this.unsigned(bytes.length)
    this.raw(bytes)
  }

  private room(bytes: number): void {
    if (this.length + bytes <= this.bytes.length) return
    const wider = new Uint8Array(Math.max(this.bytes.length * 2, this.length + bytes))
    wider.set(this.bytes.subarray(0, this.length))
    this.bytes = wider
  }
}

/** Of the eighth byte: ZigZag takes a number below 2^53 to one below 2^54. */
const LAST_SCALE = 128 ** 7

export class ByteReader {
  position = 0
  private readonly bytes: Uint8Array
  private readonly end: number

  /** `end`: what lies behind it is another's. */
  constructor(bytes: Uint8Array, end: number = bytes.length) {
    this.bytes = bytes
    this.end = end
  }

  get ended(): boolean {
    return this.position >= this.end
  }

  byte(): number {
    if (this.ended) throw new RangeError(`bytes end at ${this.position}`)
    return this.bytes[this.position++] as number
  }

  /** Throws a RangeError on more than eight bytes: nobody writes them, and a number without end would be none. */
  unsigned(): number {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = this.byte()
      if (byte < 128) return value + byte * scale
      if (scale === LAST_SCALE) throw new RangeError(`a number at ${this.position} has no end`)
      value += (byte - 128) * scale
      scale *= 128
    }
  }

  signed(): number {
    const value = this.unsigned()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  raw(length: number): Uint8Array {
    if (this.position + length > this.end) throw new RangeError(`${length} bytes wanted at ${this.position}`)
    this.position += length
    return this.bytes.subarray(this.position - length, this.position)
  }

  text(): string {
    const length = this.unsigned()
    if (length > LONGEST_KEPT) return decoder.decode(this.raw(length))
    const { bytes, position, end } = this
    if (position + length > end) throw new RangeError(`${length} bytes wanted at ${position}`)
    this.position += length
    let hash = length
    for (let i = 0; i < length; i++) hash = (Math.imul(hash, 31) + (bytes[position + i] as number)) | 0
    const slot = hash & (KEPT - 1)
    const kept = texts[slot]
    if (kept !== undefined && isSame(kept.bytes, bytes, position, length)) return kept.text
    // A Buffer's own `slice` makes no copy, and its memory may be used again.
    const copy = Uint8Array.from(bytes.subarray(position, position + length))
    const text = decoder.decode(copy)
    texts[slot] = { bytes: copy, text }
    return text
  }
}

/**
 * Texts as they were read last, one for each hash of their bytes: a frame has the names of the one before it. To find one takes less than to make it, and
 * a map that is asked for it need not hash it again.
 */
const texts: ({ bytes: Uint8Array; text: string } | undefined)[] = []
const KEPT = 1024
const LONGEST_KEPT = 100

function isSame(kept: Uint8Array, bytes: Uint8Array, from: number, length: number): boolean {
  if (kept.length !== length) return false
  for (let i = 0; i < length; i++) if (kept[i] !== bytes[from + i]) return false
  return true
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()
