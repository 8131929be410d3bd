import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../../src/measure/bytes.ts'
import { addCounts, writeCounts } from '../../../src/measure/counts.ts'
import { BUCKETS, HIGHEST, Histogram } from '../../../src/measure/histogram.ts'
import { histogramOf } from '../../support/arbitraries.ts'

const payloadOf = (histogram: Histogram): Uint8Array => {
  const out = new ByteWriter()
  writeCounts(histogram, out)
  return out.written().slice()
}
const signed = (...values: number[]): Uint8Array => {
  const out = new ByteWriter()
  for (const value of values) out.signed(value)
  return out.written().slice()
}

describe('a counts payload', () => {
  it.each([
    ['of an empty histogram is empty', [], []],
    ['of value 0 is one count', [0], [1]],
    ['of value 3 is a run of three empty buckets, then a count', [3], [-3, 1]],
    ['writes an empty run between counts once', [0, 0, 5], [2, -4, 1]],
    ['writes neighbours one after the other', [4, 5, 5], [-4, 1, 2]],
  ])('%s', (_, values, numbers) => {
    expect([...payloadOf(histogramOf(values))]).toEqual([...signed(...numbers)])
  })

  it('adds to what is there, bucket by bucket', () => {
    const into = histogramOf([1, 5])
    addCounts(payloadOf(histogramOf([0, 5, 5, HIGHEST])), into)
    expect(into.counts).toEqual(histogramOf([1, 5, 0, 5, 5, HIGHEST]).counts)
    expect([into.lowest, into.highest]).toEqual([0, histogramOf([HIGHEST]).highest])
  })

  it('carries counts past 2^32 exactly', () => {
    const many = histogramOf([9])
    many.counts[9] = 2 ** 45 + 1
    const into = new Histogram()
    addCounts(payloadOf(many), into)
    addCounts(payloadOf(many), into)
    expect(into.counts[9]).toBe(2 ** 46 + 2)
  })

  it('may say an empty bucket as 0, as other writers do', () => {
    const into = new Histogram()
    addCounts(signed(0, 0, 7), into)
    expect([into.counts[2], into.lowest, into.highest]).toEqual([7, 2, 2])
  })
})

describe('a damaged counts payload throws a RangeError', () => {
  it('when it ends inside a number, wherever that is', () => {
    const payload = signed(-20_000, 1_000_000)
    const cuts = [1, 2, 4, 5].filter((length) => (payload[length - 1] ?? 0) >= 128)
    expect(cuts.length).toBeGreaterThan(2)
    for (const length of cuts) {
      expect(() => addCounts(payload.slice(0, length), new Histogram())).toThrow(RangeError)
    }
  })

  it.each([
    ['when a count is for the bucket after the last', [-BUCKETS, 1]],
    ['when a run of empty buckets leads far past the last', [-4_000_000, 1]],
  ])('%s', (_, numbers) => {
    expect(() => addCounts(signed(...numbers), new Histogram())).toThrow(RangeError)
  })

  it('but not when the last bucket is the last to be counted', () => {
    const into = new Histogram()
    addCounts(signed(1 - BUCKETS, 1), into)
    expect(into.highest).toBe(BUCKETS - 1)
  })
})
