import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../../src/measure/bytes.ts'
import { addGaps, writeGaps } from '../../../src/measure/gaps.ts'
import { BUCKETS, HIGHEST, Histogram } from '../../../src/measure/histogram.ts'
import { histogramOf } from '../../support/arbitraries.ts'

const payloadOf = (histogram: Histogram): Uint8Array => {
  const out = new ByteWriter()
  writeGaps(histogram, out)
  return out.written().slice()
}

/** Bytes of bits, with the three of zeros behind them. */
const ofBits = (...bits: string[]): Uint8Array => {
  const all = bits.join('').replaceAll(' ', '')
  const bytes = all.match(/.{1,8}/g)?.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)) ?? []
  return Uint8Array.from([...bytes, 0, 0, 0])
}
const number = (value: number, width: number): string => value.toString(2).padStart(width, '0')
const head = (buckets: number, lowest: number): string => number(buckets, 16) + number(lowest, 16)

const added = (...payloads: Uint8Array[]): Histogram => {
  const into = new Histogram()
  for (const payload of payloads) addGaps(payload, into)
  return into
}

describe('counts in a frame', () => {
  it.each([
    ['of value 0: the first bucket, no gap, one less than one', [0], ofBits(head(1, 0), '0000 0000', '1', '1')],
    ['of value 3: the fourth', [3], ofBits(head(1, 3), '0000 0000', '1', '1')],
    ['of neighbours: two and one', [4, 4, 5], ofBits(head(2, 4), '0000 0000', '1', '01', '1', '1')],
    [
      'with four empty buckets between: widths by the mean of two',
      [0, 5],
      ofBits(head(2, 0), '0000 0000', '1', '1', '00001', '1'),
    ],
  ])('%s', (_, values, bytes) => {
    expect([...payloadOf(histogramOf(values))]).toEqual([...bytes])
  })

  it('of an empty histogram are no bytes, and add nothing', () => {
    expect(payloadOf(new Histogram())).toHaveLength(0)
    expect(added(new Uint8Array())).toEqual(new Histogram())
  })

  it('are added to what is there, bucket by bucket', () => {
    const into = histogramOf([1, 5])
    addGaps(payloadOf(histogramOf([0, 5, 5, HIGHEST])), into)
    expect(into.counts).toEqual(histogramOf([1, 5, 0, 5, 5, HIGHEST]).counts)
    expect([into.lowest, into.highest]).toEqual([0, histogramOf([HIGHEST]).highest])
  })

  it.each([2 ** 20, 2 ** 31, 2 ** 32 + 1, 2 ** 45 + 1, 2 ** 52])('carry %d exactly', (many) => {
    const histogram = histogramOf([9, 700])
    histogram.makeRoom(many)
    histogram.counts[9] = many
    const [into, beside] = [new Histogram(), new Histogram()]
    for (const one of [into, beside]) one.makeRoom(2 * many)
    for (let i = 0; i < 2; i++) addGaps(payloadOf(histogram), into, beside)
    for (const { counts } of [into, beside]) expect([counts[9], counts[700]]).toEqual([2 * many, 2])
  })

  it('are added to another beside it, read once', () => {
    const [into, beside] = [histogramOf([1, 5]), histogramOf([HIGHEST])]
    addGaps(payloadOf(histogramOf([0, 5, 5, 90_000])), into, beside)
    expect(into.counts).toEqual(histogramOf([1, 5, 0, 5, 5, 90_000]).counts)
    expect(beside.counts).toEqual(histogramOf([HIGHEST, 0, 5, 5, 90_000]).counts)
    expect([beside.lowest, beside.highest]).toEqual([0, histogramOf([HIGHEST]).highest])
  })

  it('may have any gap, and any count beside any other', () => {
    for (const gap of [0, 1, 11, 12, 13, 400, 4_095, 4_096, BUCKETS - 2]) {
      for (const count of [1, 2, 12, 13, 14, 5_000, 49_153, 49_154]) {
        const histogram = histogramOf([0])
        histogram.counts[1 + gap] = count
        histogram.counts[0] = count % 7
        histogram.highest = 1 + gap
        expect(added(payloadOf(histogram)).counts).toEqual(histogram.counts)
      }
    }
  })

  it('may lie anywhere in memory that has others behind them', () => {
    const [one, other] = [payloadOf(histogramOf([3, 70, 70])), payloadOf(histogramOf([0, HIGHEST]))]
    for (let at = 0; at < 9; at++) {
      const memory = new Uint8Array(at + one.length + other.length).fill(255)
      memory.set(one, at)
      memory.set(other, at + one.length)
      const [first, second] = [memory.subarray(at, at + one.length), memory.subarray(at + one.length)]
      expect(added(first).counts).toEqual(histogramOf([3, 70, 70]).counts)
      expect(added(second).counts).toEqual(histogramOf([0, HIGHEST]).counts)
    }
  })
})

describe('damaged counts throw a RangeError', () => {
  it('when they are cut anywhere', () => {
    const whole = payloadOf(histogramOf(Array.from({ length: 100 }, (_, i) => i * i)))
    for (let length = 1; length < whole.length; length++) {
      expect(() => added(whole.slice(0, length)), `${length} bytes`).toThrow(RangeError)
      // Also where others lie behind them.
      expect(() => added(whole.subarray(0, length)), `${length} bytes of more`).toThrow(RangeError)
    }
  })

  it.each([
    ['when the first bucket is none', ofBits(head(1, BUCKETS), '0000 0000', '1', '1')],
    ['when a gap leads past the last', ofBits(head(2, BUCKETS - 1), '0000 0000', '1', '1', '1', '1')],
    ['when a long gap does', ofBits(head(2, 1), '0000 0000', '1', '1', '000000000000', number(BUCKETS - 2, 15), '1')],
    ['when they say more buckets than they have', ofBits(head(9, 0), '0000 0000', '1', '1')],
    ['when they say more than there are', ofBits(head(65_535, 0), '0000 0000', '1', '1')],
  ])('%s', (_, payload) => {
    expect(() => added(payload)).toThrow(RangeError)
  })

  it('but not when the last bucket is the last to be counted', () => {
    expect(added(ofBits(head(2, BUCKETS - 2), '0000 0000', '1', '1', '1', '1')).highest).toBe(BUCKETS - 1)
  })

  it('and what was added before can be cleared', () => {
    const into = new Histogram()
    const payload = ofBits(head(3, 2), '0000 0000', '1', '01', '01', '1', '000000000000', number(BUCKETS, 15), '1')
    expect(() => addGaps(payload, into)).toThrow(RangeError)
    expect([into.counts[2], into.counts[4]]).toEqual([2, 1])
    into.clear()
    expect(into.counts).toEqual(new Histogram().counts)
  })

  it('also where nobody knows how far it went, for they end with the memory', () => {
    const whole = payloadOf(histogramOf(Array.from({ length: 40 }, (_, i) => 2 * i)))
    for (let length = 5; length < whole.length; length++) {
      const into = new Histogram()
      expect(() => addGaps(whole.slice(0, length), into)).toThrow(RangeError)
      into.clear()
      expect(into, `${length} bytes`).toEqual(new Histogram())
    }
  })
})
