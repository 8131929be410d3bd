import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../../src/measure/bytes.ts'
import type { Failure } from '../../../src/measure/frame.ts'
import { Histogram } from '../../../src/measure/histogram.ts'
import { addDelta, deltaOf, Totals } from '../../../src/measure/merge.ts'
import { frameBytes, histogramOf } from '../../support/arbitraries.ts'

const totalsOf = (...frames: Uint8Array[]): Totals => {
  const totals = new Totals()
  for (const frame of frames) totals.add(frame)
  return totals
}

describe('adding a frame', () => {
  const frame = frameBytes({ slice: 3, seq: 7, second: 5, counters: { launched: 4 }, samples: { response: [10, 20] } })

  it('returns its head the first time, null when it was there before', () => {
    const totals = new Totals()
    expect(totals.add(frame)).toMatchObject({ slice: 3, attempt: 1, seq: 7, second: 5 })
    expect(totals.add(frame)).toBeNull()
    expect(totals.counter('launched')).toBe(4)
  })

  it('counts the same number of another slice or attempt for itself', () => {
    const sketch = { seq: 7, counters: { launched: 4 } }
    const totals = totalsOf(frameBytes({ ...sketch, slice: 3 }), frameBytes({ ...sketch, slice: 4 }))
    totals.add(frameBytes({ ...sketch, slice: 3, attempt: 2 }))
    expect(totals.counter('launched')).toBe(12)
  })

  it('adds histograms up as if one had recorded everything', () => {
    const parts = [[5, 3_000_000], [1], [70_000, 70_000]]
    const totals = totalsOf(...parts.map((response, seq) => frameBytes({ seq, samples: { response } })))
    expect(totals.histogram('response')).toEqual(histogramOf(parts.flat()))
  })
})

it('a histogram of a frame is added exactly past 2^32, to two at once', () => {
  const many = 2 ** 31
  const large = histogramOf([5])
  large.counts[5] = many
  large.count = many
  const delta = deltaOf('response', large, new ByteWriter())
  const [into, beside] = [histogramOf([7]), new Histogram()]
  for (let i = 0; i < 3; i++) addDelta(delta, into, beside)
  expect([into.counts[5], into.counts[7], into.count]).toEqual([3 * many, 1, 3 * many + 1])
  expect([beside.counts[5], beside.count, beside.percentile(100)]).toEqual([3 * many, 3 * many, 5])
})

describe('totals', () => {
  it('know a counter that never occurred as 0, and a histogram as empty', () => {
    const totals = new Totals()
    expect([totals.counter('failed'), totals.histogram('response').count]).toEqual([0, 0])
  })

  it.each([
    ['all in order', [0, 1, 2], 3],
    ['backwards', [2, 1, 0], 3],
    ['one doubled', [0, 1, 1], 2],
    ['one missing', [0, 2], 2],
    ['the first missing', [1, 2, 3], 3],
    ['none', [], 0],
  ])('count the different frames of an attempt: %s', (_, seqs, frames) => {
    const totals = totalsOf(...seqs.map((seq) => frameBytes({ slice: 1, seq })))
    expect(totals.framesOf(1, 1)).toBe(frames)
    expect([totals.framesOf(0, 1), totals.framesOf(1, 2)]).toEqual([0, 0])
  })

  it('are as new after clear, and take the same frames again', () => {
    const frame = frameBytes({ counters: { launched: 1 }, samples: { response: [9] } })
    const totals = totalsOf(frame)
    totals.clear()
    expect([totals.counter('launched'), totals.histogram('response').count, totals.framesOf(0, 1)]).toEqual([0, 0, 0])
    expect(totals.add(frame)).not.toBeNull()
    expect(totals.histogram('response')).toEqual(histogramOf([9]))
  })

  it('refuse a damaged frame, and do not count it among those that came', () => {
    const damaged = frameBytes({ counters: { launched: 1 }, samples: { response: [9] } }).slice(0, -1)
    const totals = new Totals()
    expect(() => totals.add(damaged)).toThrow(RangeError)
    expect(totals.framesOf(0, 1)).toBe(0)
  })

  it('keep the earliest failure of each code, whichever frame came first', () => {
    const failure = (code: string, second: number, arrival: number): Failure => ({
      ...{ code, second, arrival, message: code, scenario: 's', endpoint: 'GET /', status: 503 },
    })
    const early = frameBytes({ seq: 0, failures: [failure('a', 1, 9), failure('b', 1, 8)] })
    const late = frameBytes({ seq: 1, failures: [failure('a', 1, 7), failure('b', 2, 1), failure('c', 2, 2)] })
    for (const totals of [totalsOf(early, late), totalsOf(late, early)]) {
      expect([...totals.failures.values()].map(({ code, arrival }) => [code, arrival]).toSorted()).toEqual([
        ['a', 7],
        ['b', 8],
        ['c', 2],
      ])
    }
  })
})
