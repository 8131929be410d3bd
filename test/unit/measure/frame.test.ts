import { describe, expect, it } from 'vitest'
import { ByteWriter } from '../../../src/measure/bytes.ts'
import { readFrame, readHead, writeFrame } from '../../../src/measure/frame.ts'
import { addGaps } from '../../../src/measure/gaps.ts'
import { Histogram } from '../../../src/measure/histogram.ts'
import { frameBytes, histogramOf } from '../../support/arbitraries.ts'

const head = {
  slice: 9_999,
  attempt: 2,
  seq: 86_400,
  second: -1,
  health: {
    span: 1_000_000,
    files: 40,
    fileLimit: 1_024,
    ports: 60,
    portLimit: 28_232,
    cpu: 950_000,
    loopDelayMax: 12_345,
    memoryBytes: 2 ** 33,
    inFlight: 700,
  },
}

function read(bytes: Uint8Array): { counters: Record<string, number>; histograms: Record<string, Histogram> } {
  const counters: Record<string, number> = {}
  const histograms: Record<string, Histogram> = {}
  readFrame(bytes, {
    counter(name, value) {
      counters[name] = value
    },
    histogram({ name, payload, ...numbers }) {
      const histogram = new Histogram()
      addGaps(payload, histogram)
      histograms[name] = Object.assign(histogram, numbers)
    },
  })
  return { counters, histograms }
}

describe('a frame', () => {
  const histograms = new Map([
    ['response', histogramOf([1, 1_000, 1_000_000])],
    ['response{endpoint=GET /größe?q="a"}', histogramOf([3_600_000_000])],
    ['lateness', histogramOf([-3, 0])],
  ])
  const counters = new Map([
    ['launched', 3],
    ['errors{error=ECONNRESET}', 2 ** 40],
    ['correction', -2],
  ])
  const bytes = writeFrame(head, { counters, histograms, failures: [] }, new ByteWriter(), new ByteWriter()).slice()

  it('gives back its head, and from the head alone', () => {
    expect(readHead(bytes)).toEqual(head)
    expect(readFrame(bytes, { counter() {}, histogram() {} })).toEqual(head)
  })

  it('gives back every counter, whatever its sign and name', () => {
    expect(read(bytes).counters).toEqual(Object.fromEntries(counters))
  })

  it('gives back every histogram with its exact count, sum, min and max', () => {
    expect(read(bytes).histograms).toEqual(Object.fromEntries(histograms))
  })

  it('leaves out empty histograms, and keeps counters of 0', () => {
    const empty = new Map([['response', new Histogram()]])
    const small = writeFrame(
      head,
      { counters: new Map([['failed', 0]]), histograms: empty, failures: [] },
      new ByteWriter(),
      new ByteWriter(),
    )
    expect(read(small.slice())).toEqual({ counters: { failed: 0 }, histograms: {} })
  })

  it('may use the same writers again for the next', () => {
    const [out, scratch] = [new ByteWriter(), new ByteWriter()]
    writeFrame(head, { counters, histograms, failures: [] }, out, scratch)
    const next = writeFrame(
      { ...head, seq: 1 },
      { counters: new Map([['a', 1]]), histograms: new Map(), failures: [] },
      out,
      scratch,
    )
    expect(read(next)).toEqual({ counters: { a: 1 }, histograms: {} })
  })

  it('throws a RangeError when it is cut anywhere', () => {
    const whole = Array.from({ length: bytes.length }, (_, length) => length).filter((length) => {
      try {
        readFrame(bytes.slice(0, length), { counter() {}, histogram() {} })
        return true
      } catch (error) {
        return !(error instanceof RangeError)
      }
    })
    expect(whole).toEqual([])
  })

  it('of another version throws a RangeError that names both', () => {
    const other = frameBytes({})
    other[0] = 2
    expect(() => readHead(other)).toThrow(new RangeError('frame version 2, this program reads 4'))
  })
})
