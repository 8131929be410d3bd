/** What node:zlib deflates is inflated to the same bytes, and what it refuses is refused. */
import { constants, deflateSync, inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Inflater } from '../../src/wire/inflate.ts'
import { holds } from '../support/property.ts'

const MOST = 200_000

/** Runs, repeats from far back, and noise, in all proportions. */
const piece = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc.record({ byte: fc.nat(255), times: fc.nat(3_000) }).map(({ byte, times }) => new Uint8Array(times).fill(byte)),
  fc.uint8Array({ maxLength: 400, max: 3 }),
  fc.record({ from: fc.nat(40_000), length: fc.nat(900) }),
)
const bytes = fc.array(piece, { maxLength: 12 }).map((pieces) => {
  let whole = new Uint8Array(0)
  for (const one of pieces) {
    const more = one instanceof Uint8Array ? one : whole.slice(one.from, one.from + one.length)
    const next = new Uint8Array(whole.length + more.length)
    next.set(whole)
    next.set(more, whole.length)
    whole = next
  }
  return whole
})
const options = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  // The smallest makes a block of every hundred symbols.
  memLevel: fc.integer({ min: 1, max: 9 }),
  windowBits: fc.integer({ min: 9, max: 15 }),
  strategy: fc.constantFrom(
    ...[
      constants.Z_DEFAULT_STRATEGY,
      constants.Z_FILTERED,
      constants.Z_HUFFMAN_ONLY,
      constants.Z_RLE,
      constants.Z_FIXED,
    ],
  ),
})
const deflated = fc.record({ bytes, options }).map(({ bytes, options }) => ({
  bytes,
  packed: new Uint8Array(deflateSync(bytes, options)),
}))

const inflater = new Inflater(MOST)

/** Null: refused. */
function ours(packed: Uint8Array): Uint8Array | null {
  try {
    return inflater.inflate(packed).slice()
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError)
    return null
  }
}
function zlibs(packed: Uint8Array): Uint8Array | null {
  try {
    return new Uint8Array(inflateSync(packed, { maxOutputLength: MOST }))
  } catch {
    return null
  }
}

describe('what zlib deflated', () => {
  it('is inflated to what it was', () => {
    holds(deflated, ({ bytes, packed }) => expect(ours(packed)).toEqual(bytes))
  })

  it('is inflated when other bytes were inflated before, larger and smaller', () => {
    holds(fc.array(deflated, { minLength: 2, maxLength: 5 }), (all) => {
      for (const { bytes, packed } of all) expect(ours(packed)).toEqual(bytes)
    })
  })

  it('and then was cut short is refused, wherever it was cut', () => {
    const packed = deflateSync(new Uint8Array(3_000).map((_, i) => (i * i) % 251))
    for (let length = 0; length < packed.length; length++) expect(ours(packed.subarray(0, length))).toBeNull()
  })

  it('and then was damaged is what zlib takes it for', () => {
    const damage = fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) }), {
      minLength: 1,
      maxLength: 3,
    })
    holds(fc.record({ deflated, damage }), ({ deflated: { packed }, damage }) => {
      const damaged = packed.slice()
      for (const { at, byte } of damage) damaged[Math.floor(at * (damaged.length - 1))] = byte
      expect(ours(damaged)).toEqual(zlibs(damaged))
    })
  })
})

describe('bytes that nobody deflated', () => {
  const zlibHead = [0x78, 0x9c]

  it('are what zlib takes them for', () => {
    holds(fc.uint8Array({ maxLength: 300 }), (noise) => {
      expect(ours(noise)).toEqual(zlibs(noise))
      const headed = Uint8Array.from([...zlibHead, ...noise])
      expect(ours(headed)).toEqual(zlibs(headed))
    })
  })

  it.each<[string, number[]]>([
    ['of another method', [0x79, 0x9c]],
    ['whose head does not add up', [0x78, 0x9d]],
    ['that want a dictionary', [0x78, 0xbb]],
    ['of a block of no kind', [...zlibHead, 0b111]],
    ['with a stored length that is not said twice', [...zlibHead, 0b001, 1, 0, 1, 0, 7]],
    ['with more symbols than there are', [...zlibHead, 0b11111101, 0xff]],
    ['of a match with nothing before it', [...zlibHead, 0b011, 0b10000001, 0, 0, 0]],
  ])('%s are refused', (_, damaged) => {
    expect(ours(Uint8Array.from(damaged))).toBeNull()
    expect(zlibs(Uint8Array.from(damaged))).toBeNull()
  })

  it('whose only code of distances is the other one are refused by both', () => {
    // A run of one byte has one distance, whose code is a single 0: a 1 there is none.
    const packed = new Uint8Array(deflateSync(new Uint8Array(5_000).map((_, i) => (i < 40 ? i : 7))))
    const both = Array.from({ length: packed.length * 8 }, (_, bit) => {
      const flipped = packed.slice()
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      return [ours(flipped), zlibs(flipped)]
    })
    for (const [one, other] of both) expect(one).toEqual(other)
  })
})

describe('what comes to more than the most', () => {
  it.each([
    ['deflated', 6],
    ['stored', 0],
  ])('%s, is refused, and the most is not', (_, level) => {
    for (const most of [0, 1, 257, 32_768, 65_536, 100_000]) {
      const small = new Inflater(most)
      expect(small.inflate(deflateSync(new Uint8Array(most), { level }))).toHaveLength(most)
      expect(() => small.inflate(deflateSync(new Uint8Array(most + 1), { level }))).toThrow(`more than ${most} bytes`)
      expect(() => small.inflate(deflateSync(new Uint8Array(most + 70_000), { level }))).toThrow(RangeError)
      expect(small.inflate(deflateSync(new Uint8Array(most).fill(1), { level }))).toHaveLength(most)
    }
  })
})
