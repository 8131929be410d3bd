/** One value of a JSON text is what JSON.parse has there, and a text that JSON.parse refuses has none. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Piece } from '../../lambda/engines/native/call.ts'
import { follow, valueReader } from '../../lambda/engines/native/json.ts'
import { holds } from '../support/property.ts'

const KEYS = ['a', 'b', 'name', '0', '1', '__proto__', 'length', 'a b', '']
const key = fc.oneof(fc.constantFrom(...KEYS), fc.string({ unit: 'binary', maxLength: 3 }))
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(fc.string({ unit: 'binary' }), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer()),
    fc.constantFrom(null, true, false, 0, -0, 1e300, '', 'a', '\\', '"', '\u2028'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((pairs) => new Written(pairs)),
  ),
}))

/** A map as it may be written, with names that come twice. */
class Written {
  readonly pairs: readonly [string, unknown][]
  constructor(pairs: readonly [string, unknown][]) {
    this.pairs = pairs
  }
}

function written(of: unknown, blank: () => string): string {
  const around = (text: string): string => `${blank()}${text}${blank()}`
  if (Array.isArray(of)) return around(`[${blank()}${of.map((one) => written(one, blank)).join(',')}]`)
  if (!(of instanceof Written)) return around(JSON.stringify(of))
  const pairs = of.pairs.map(([name, one]) => `${around(JSON.stringify(name))}:${written(one, blank)}`)
  return around(`{${blank()}${pairs.join(',')}}`)
}

/** Like JSON, and some of it none. */
const text = fc
  .tuple(value, fc.array(fc.constantFrom('', '', '', ' ', '\n', '\t\r', '\f'), { minLength: 1 }))
  .map(([of, blanks]) => {
    let at = 0
    return written(of, () => (blanks.length < 4 ? '' : (blanks[at++ % blanks.length] as string)))
  })
const pieces = fc.constantFrom(...'{}[],:"\\0129.eE+-truefalsn \u0001\ufeffu'.split(''))
const spoilt = fc
  .tuple(text, fc.nat(), fc.nat({ max: 2 }), fc.array(pieces, { maxLength: 2 }))
  .map(([whole, at, left, put]) => {
    const from = at % (whole.length + 1)
    return `${whole.slice(0, from)}${put.join('')}${whole.slice(from + left)}`
  })
const path = fc.array(fc.oneof(fc.constantFrom(...KEYS), fc.nat({ max: 4 }).map(String)), {
  minLength: 1,
  maxLength: 4,
})

/** As the engine has it: between what other texts have left. In latin1 it is no UTF-8. */
function pieceOf(text: string, encoding: BufferEncoding = 'utf8'): Piece {
  const bytes = Buffer.from(`{"a":${text}}]"0`, encoding)
  return { bytes, from: 5, to: bytes.length - 4 }
}

const encoding = fc.constantFrom<BufferEncoding>('utf8', 'utf8', 'latin1')

type Outcome = { value: unknown } | { error: string }
function outcomeOf(read: () => unknown): Outcome {
  try {
    return { value: read() }
  } catch (error) {
    return { error: String(error) }
  }
}

type Input = readonly [text: string, names: readonly string[], encoding: BufferEncoding]
const agree = ([text, names, encoding]: Input): void => {
  const piece = pieceOf(text, encoding)
  const whole = piece.bytes.toString('utf8', piece.from, piece.to)
  const expected = outcomeOf(() => follow(JSON.parse(whole), names))
  expect(outcomeOf(() => valueReader(names)(piece))).toStrictEqual(expected)
}

describe('a value of a JSON text', () => {
  it('is the one that JSON.parse has there', () => {
    holds(fc.tuple(text, path, encoding), agree, { runs: 5_000 })
  })

  it('is none where JSON.parse refuses the text', () => {
    holds(fc.tuple(spoilt, path, encoding), agree, { runs: 20_000 })
  })

  it('is found by the same reader in one text after the other', () => {
    const read = valueReader(['a', 'b'])
    expect(read(pieceOf('{"a":{"b":"one"}}'))).toBe('one')
    expect(read(pieceOf('{"a":{}}'))).toBeUndefined()
    expect(read(pieceOf('{"a":{"b":[1,{"c":2}]}}'))).toEqual([1, { c: 2 }])
    expect(() => read(pieceOf('{"a":{"b":"one"}} x'))).toThrow(SyntaxError)
    expect(read(pieceOf('{"a":{"b":1},"a":{"b":"last"}}'))).toBe('last')
    expect(read(pieceOf('{"a":{"b":1},"a":{}}'))).toBeUndefined()
  })

  it('is found however deep and however long the text', () => {
    const deep = `${'['.repeat(300)}${']'.repeat(300)}`
    expect(valueReader(['a'])(pieceOf(`{"x":${deep},"a":7}`))).toBe(7)
    expect(valueReader(['a'])(pieceOf(`{"x":"${'x'.repeat(100_000)}","a":"kept"}`))).toBe('kept')
    expect(valueReader(['1', 'a'])(pieceOf(`[${deep},{"a":"\\u0061"}]`))).toBe('a')
  })
})
