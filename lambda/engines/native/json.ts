/**
 * One value of a JSON text without making the others: JSON.parse takes an eighth of what a small answer costs, and most captures want one
 * value of it. The text is looked through to its end all the same, since JSON that is broken anywhere has no values. What this is not
 * sure of it leaves to JSON.parse.
 */
import { BACKSLASH, COLON, COMMA, CR, HEX, HTAB, LF, QUOTE, SPACE } from './bytes.ts'
import type { Piece } from './call.ts'

const PLUS = 0x2b
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const LIST = 0x5b
const LIST_ENDS = 0x5d
const EXPONENT = 0x65
const UNICODE = 0x75
const MAP = 0x7b
const MAP_ENDS = 0x7d

const UNSURE = -1
const NONE = -1
/** What no JSON has: behind the text's end, where other texts have been. */
const OUTSIDE = 0
/** Deeper ones are JSON.parse's: here each level is a call within a call. */
const DEEPEST = 64
const INDEX = /^(?:0|[1-9]\d*)$/
const ESCAPED = '"\\/bfnrt'
const LITERALS = ['true', 'false', 'null']

/**
 * Reads what JSON.parse makes of a text, followed by these names: see `follow`. Names are ASCII, the text UTF-8. Throws what JSON.parse
 * throws.
 */
export function valueReader(names: readonly string[]): (text: Piece) => unknown {
  const search = new Search(names)
  return (text) => search.in(text)
}

/** What is at the end of a path of own properties: undefined where it breaks off, '' where there are none to begin with. */
export function follow(root: unknown, names: readonly string[]): unknown {
  return typeof root !== 'object' || root === null ? '' : followed(root, names, 0)
}

function followed(from: unknown, names: readonly string[], first: number): unknown {
  let at = from
  for (let i = first; i < names.length; i++) {
    const name = names[i] as string
    if (!at || !Object.hasOwn(at as object, name)) return undefined
    at = (at as Record<string, unknown>)[name]
  }
  return at
}

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE

class Search {
  private readonly names: readonly string[]
  /** Those of them that are numbers of elements; −1 where it is none. */
  private readonly numbers: readonly number[]
  private bytes: Uint8Array
  /** Of the text. */
  private end = 0
  /** The value that was found, the last of its name; `from` is NONE without one. */
  private from = NONE
  private to = 0
  /** How many names lead to it: all of them, or as many as there are maps and lists. */
  private level = 0
  /** Whether the text that was passed last has escapes in it. */
  private hasEscapes = false

  constructor(names: readonly string[]) {
    this.names = names
    this.numbers = names.map((name) => (INDEX.test(name) ? Number(name) : -1))
    this.bytes = Buffer.alloc(0)
  }

  in({ bytes, from, to }: Piece): unknown {
    this.bytes = bytes
    this.end = to
    this.from = NONE
    const start = this.blanksEnd(from)
    const first = this.byte(start)
    const end = first === MAP || first === LIST ? this.valueEnd(start, 0, 0) : UNSURE
    const isWhole = end !== UNSURE && this.blanksEnd(end) === to
    if (!isWhole) return follow(JSON.parse(bytes.toString('utf8', from, to)), this.names)
    return this.from === NONE ? undefined : followed(this.found(bytes), this.names, this.level)
  }

  private found(bytes: Buffer): unknown {
    if (bytes[this.from] !== QUOTE) return JSON.parse(bytes.toString('utf8', this.from, this.to))
    const text = bytes.toString('utf8', this.from + 1, this.to - 1)
    return text.includes('\\') ? JSON.parse(`"${text}"`) : text
  }

  private byte(at: number): number {
    return at < this.end ? (this.bytes[at] as number) : OUTSIDE
  }

  /** Where the value ends that begins there. `level`: of the name that is looked for in it, −1 for none. All of these: UNSURE, too. */
  private valueEnd(at: number, level: number, depth: number): number {
    const first = this.byte(at)
    const isInner = first === MAP || first === LIST
    if (level < 0) return isInner ? this.innerEnd(at, level, depth) : this.plainEnd(at, first)
    const goesOn = level < this.names.length && isInner && (first === MAP || (this.numbers[level] as number) >= 0)
    if (goesOn) return this.innerEnd(at, level, depth)
    const end = this.valueEnd(at, -1, depth)
    this.from = at
    this.to = end
    this.level = level
    return end
  }

  private innerEnd(at: number, level: number, depth: number): number {
    if (depth === DEEPEST) return UNSURE
    return this.byte(at) === MAP ? this.mapEnd(at + 1, level, depth) : this.listEnd(at + 1, level, depth)
  }

  private mapEnd(from: number, level: number, depth: number): number {
    let at = this.blanksEnd(from)
    if (this.byte(at) === MAP_ENDS) return at + 1
    for (;;) {
      if (this.byte(at) !== QUOTE) return UNSURE
      const key = at + 1
      at = this.textEnd(key)
      if (at === UNSURE) return UNSURE
      let inner = -1
      if (level >= 0) {
        // Spelt in full it may be the one.
        if (this.hasEscapes) return UNSURE
        if (this.isName(key, at - 1, this.names[level] as string)) {
          inner = level + 1
          this.from = NONE
        }
      }
      at = this.blanksEnd(at)
      if (this.byte(at) !== COLON) return UNSURE
      at = this.valueEnd(this.blanksEnd(at + 1), inner, depth + 1)
      if (at === UNSURE) return UNSURE
      at = this.blanksEnd(at)
      const byte = this.byte(at)
      if (byte === MAP_ENDS) return at + 1
      if (byte !== COMMA) return UNSURE
      at = this.blanksEnd(at + 1)
    }
  }

  private listEnd(from: number, level: number, depth: number): number {
    const wanted = level < 0 ? -1 : (this.numbers[level] as number)
    let at = this.blanksEnd(from)
    if (this.byte(at) === LIST_ENDS) return at + 1
    for (let i = 0; ; i++) {
      at = this.valueEnd(at, i === wanted ? level + 1 : -1, depth + 1)
      if (at === UNSURE) return UNSURE
      at = this.blanksEnd(at)
      const byte = this.byte(at)
      if (byte === LIST_ENDS) return at + 1
      if (byte !== COMMA) return UNSURE
      at = this.blanksEnd(at + 1)
    }
  }

  private isName(from: number, to: number, name: string): boolean {
    if (to - from !== name.length) return false
    for (let i = 0; i < name.length; i++) if (this.bytes[from + i] !== name.charCodeAt(i)) return false
    return true
  }

  private plainEnd(at: number, first: number): number {
    if (first === QUOTE) return this.textEnd(at + 1)
    if (first === MINUS || isDigit(first)) return this.numberEnd(at)
    for (const word of LITERALS)
      if (this.isName(at, Math.min(at + word.length, this.end), word)) return at + word.length
    return UNSURE
  }

  /** Behind the quote that ends it. */
  private textEnd(from: number): number {
    const { bytes, end } = this
    this.hasEscapes = false
    for (let at = from; at < end; at++) {
      const byte = bytes[at] as number
      if (byte === QUOTE) return at + 1
      if (byte < SPACE) return UNSURE
      if (byte === BACKSLASH) {
        this.hasEscapes = true
        at++
        const next = this.byte(at)
        if (next === UNICODE && this.isHex(at + 1, at + 5)) at += 4
        else if (!ESCAPED.includes(String.fromCharCode(next))) return UNSURE
      }
    }
    return UNSURE
  }

  private isHex(from: number, to: number): boolean {
    for (let at = from; at < to; at++) if (HEX[this.byte(at)] === 16) return false
    return true
  }

  private numberEnd(from: number): number {
    let at = this.byte(from) === MINUS ? from + 1 : from
    at = this.byte(at) === ZERO ? at + 1 : this.digitsEnd(at)
    if (at !== UNSURE && this.byte(at) === POINT) at = this.digitsEnd(at + 1)
    if (at === UNSURE || (this.byte(at) | SPACE) !== EXPONENT) return at
    const sign = this.byte(at + 1)
    return this.digitsEnd(sign === PLUS || sign === MINUS ? at + 2 : at + 1)
  }

  /** There must be one. */
  private digitsEnd(from: number): number {
    let at = from
    while (isDigit(this.byte(at))) at++
    return at === from ? UNSURE : at
  }

  private blanksEnd(from: number): number {
    let at = from
    for (;;) {
      const byte = this.byte(at)
      if (byte > SPACE || (byte !== SPACE && byte !== LF && byte !== CR && byte !== HTAB)) return at
      at++
    }
  }
}
