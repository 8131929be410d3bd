import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter } from '../../../src/measure/bytes.ts'

const written = (write: (out: ByteWriter) => void): Uint8Array => {
  const out = new ByteWriter()
  write(out)
  return out.written().slice()
}

describe('unsigned numbers', () => {
  it.each([
    ['0 is one byte', 0, [0]],
    ['127 is one byte', 127, [127]],
    ['128 is two, low part first', 128, [128, 1]],
    ['300 is two', 300, [172, 2]],
    ['16384 is three', 16_384, [128, 128, 1]],
  ])('%s', (_, value, bytes) => {
    expect([...written((out) => out.unsigned(value))]).toEqual(bytes)
  })

  it.each([2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 42 + 1, Number.MAX_SAFE_INTEGER])('%d comes back', (value) => {
    expect(new ByteReader(written((out) => out.unsigned(value))).unsigned()).toBe(value)
  })
})

describe('signed numbers', () => {
  it.each([
    ['0', 0, [0]],
    ['−1', -1, [1]],
    ['1', 1, [2]],
    ['−64', -64, [127]],
    ['64', 64, [128, 1]],
  ])('%s is ZigZag', (_, value, bytes) => {
    expect([...written((out) => out.signed(value))]).toEqual(bytes)
  })

  it.each([-1, -(2 ** 31), -(2 ** 33), 2 ** 33, -(2 ** 52), Number.MAX_SAFE_INTEGER])('%d comes back', (value) => {
    expect(new ByteReader(written((out) => out.signed(value))).signed()).toBe(value)
  })
})

describe('texts', () => {
  const all = Array.from({ length: 5_000 }, (_, i) => `${'response'.slice(i % 9)}{endpoint=GET /é/${i}}`)
  const bytes = written((out) => {
    for (const text of all) out.text(text)
  })

  it('come back, more than are kept, and again when they are', () => {
    for (let times = 0; times < 2; times++) {
      const reader = new ByteReader(bytes)
      expect(all.map(() => reader.text())).toEqual(all)
      expect(reader.ended).toBe(true)
    }
  })

  it.each([
    ['an array', (bytes: Uint8Array) => bytes],
    ['a Buffer', (bytes: Uint8Array) => Buffer.from(bytes)],
  ])('are not those that were in the same memory before, %s', (_, as) => {
    const memory = as(written((out) => out.text('before')))
    const bytesOf = (text: string): Uint8Array => written((out) => out.text(text))
    // Both have the same hash, and so the same place.
    for (const text of ['Aa', 'BB', 'Aa', 'BB']) {
      memory.set(bytesOf(text))
      expect(new ByteReader(memory).text()).toBe(text)
    }
    memory.set(bytesOf('before'))
    expect([new ByteReader(memory).text(), new ByteReader(bytesOf('Aa')).text()]).toEqual(['before', 'Aa'])
  })

  it('that are cut short throw a RangeError, also when they are kept', () => {
    const whole = written((out) => out.text('launched'))
    expect(new ByteReader(whole).text()).toBe('launched')
    expect(() => new ByteReader(whole, whole.length - 1).text()).toThrow(RangeError)
  })
})

describe('a writer', () => {
  it('grows past its first size without losing a byte', () => {
    const long = 'é'.repeat(10_000)
    const reader = new ByteReader(
      written((out) => {
        out.text(long)
        out.byte(7)
      }),
    )
    expect([reader.text(), reader.byte(), reader.ended]).toEqual([long, 7, true])
  })

  it('starts again after clear', () => {
    const out = new ByteWriter()
    out.raw(new Uint8Array(50))
    out.clear()
    out.text('a')
    expect([...out.written()]).toEqual([1, 97])
  })
})

describe('a reader throws a RangeError', () => {
  it.each([
    ['at the end of the bytes', [], (r: ByteReader) => r.byte()],
    ['in the middle of a number', [128, 128], (r: ByteReader) => r.unsigned()],
    ['when fewer bytes are left than asked for', [1, 2], (r: ByteReader) => r.raw(3)],
    ['when a text is cut short', [5, 97, 98], (r: ByteReader) => r.text()],
  ])('%s', (_, bytes, read) => {
    expect(() => read(new ByteReader(Uint8Array.from(bytes)))).toThrow(RangeError)
  })
})
