/** Laws of the encodings and the histogram, on generated values. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteReader, ByteWriter } from '../../src/measure/bytes.ts'
import { addGaps, writeGaps } from '../../src/measure/gaps.ts'
import { bucketOf, HIGHEST, Histogram, highestIn } from '../../src/measure/histogram.ts'
import { foldSpans } from '../../src/measure/series.ts'
import { frameBytes, histogramOf, micros } from '../support/arbitraries.ts'
import * as oracle from '../support/oracle.ts'
import { holds } from '../support/property.ts'

const samples = fc.array(micros, { maxLength: 200 })
const percents = fc.oneof(
  fc.constantFrom(0, 50, 75, 90, 95, 99, 99.9, 99.99, 100),
  fc.integer({ min: 0, max: 100_000 }).map((n) => Number(`${n}e-3`)),
)

describe('bytes', () => {
  const unsigned = fc.oneof(fc.maxSafeNat(), fc.nat(300))
  const signed = fc.oneof(fc.integer(), fc.maxSafeNat(), fc.integer({ min: -(2 ** 52), max: 0 }))

  it('give back what was written, in its order, up to 2^53 − 1', () => {
    const values = fc.array(fc.tuple(unsigned, signed, fc.string({ unit: 'grapheme' }), fc.uint8Array()))
    holds(values, (values) => {
      const out = new ByteWriter()
      for (const [natural, integer, text, raw] of values) {
        out.unsigned(natural)
        out.signed(integer)
        out.text(text)
        out.unsigned(raw.length)
        out.raw(raw)
      }
      const reader = new ByteReader(out.written())
      const read = values.map(() => [reader.unsigned(), reader.signed(), reader.text(), reader.raw(reader.unsigned())])
      expect(read).toEqual(values)
      expect(reader.ended).toBe(true)
    })
  })

  it('cut short throw a RangeError, never a wrong number', () => {
    holds(fc.tuple(unsigned, fc.nat(7)), ([value, cut]) => {
      const out = new ByteWriter()
      out.unsigned(value)
      const kept = Math.min(cut, out.length - 1)
      expect(() => new ByteReader(out.written().subarray(0, kept)).unsigned()).toThrow(RangeError)
    })
  })
})

describe('buckets', () => {
  it('hold a value between its own and at most 0.1 % more', () => {
    holds(micros, (value) => {
      const shown = highestIn(bucketOf(value))
      expect(shown).toBeGreaterThanOrEqual(value)
      expect(shown - value).toBeLessThanOrEqual(value / 1000)
    })
  })

  it('rise with the value', () => {
    holds(fc.tuple(micros, micros), ([a, b]) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)]
      expect(bucketOf(low)).toBeLessThanOrEqual(bucketOf(high))
    })
  })

  it('are the ones that record counts in, sign bit or not', () => {
    holds(micros, (value) => {
      const histogram = histogramOf([value])
      const bucket = bucketOf(value)
      expect(histogram.counts[bucket]).toBe(1)
      expect([histogram.lowest, histogram.highest]).toEqual([bucket, bucket])
    })
  })
})

describe('percentiles', () => {
  it('are those of the sorted values, at most 0.1 % above', () => {
    holds(fc.tuple(fc.array(micros, { minLength: 1, maxLength: 200 }), percents), ([values, percent]) => {
      const wanted = oracle.percentileOf(values, percent)
      const shown = histogramOf(values).percentile(percent)
      expect(shown).toBeGreaterThanOrEqual(wanted)
      expect(shown - wanted).toBeLessThanOrEqual(wanted / 1000)
    })
  })

  it('take the rank exactly, however many there are', () => {
    const ranks = fc.tuple(fc.integer({ min: 1, max: 2_000 }), percents)
    holds(ranks, ([many, percent]) => {
      const values = Array.from({ length: many }, (_, i) => i + 1)
      expect(histogramOf(values).percentile(percent)).toBe(oracle.percentileOf(values, percent))
    })
  })
})

describe('a frame’s counts payload', () => {
  const payloadOf = (values: readonly number[]): Uint8Array => {
    const out = new ByteWriter()
    writeGaps(histogramOf(values), out)
    return out.written().slice()
  }

  it('gives back the counts that were written', () => {
    holds(
      samples,
      (values) => {
        const [into, beside] = [new Histogram(), new Histogram()]
        addGaps(payloadOf(values), into, beside)
        const { counts, lowest, highest } = histogramOf(values)
        for (const one of [into, beside]) {
          expect([one.lowest, one.highest]).toEqual([lowest, highest])
          expect(one.counts).toEqual(counts)
        }
      },
      { runs: 300 },
    )
  })

  it('added to another is the payload of both together', () => {
    holds(
      fc.tuple(samples, samples),
      ([a, b]) => {
        const into = new Histogram()
        addGaps(payloadOf(a), into)
        addGaps(payloadOf(b), into)
        expect(into.counts).toEqual(histogramOf([...a, ...b]).counts)
      },
      { runs: 300 },
    )
  })

  it('of nonsense throws a RangeError or counts only in buckets that there are', () => {
    holds(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      const into = new Histogram()
      try {
        addGaps(bytes, into)
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
      }
      expect(into.highest).toBeLessThanOrEqual(bucketOf(HIGHEST) + 1024)
    })
  })
})

describe('a series', () => {
  it('has every span once, in order, and adds up to the whole', () => {
    const run = fc.record({
      seconds: fc.array(fc.integer({ min: -1, max: 50 }), { maxLength: 40 }),
      length: fc.integer({ min: 1, max: 15 }),
    })
    holds(
      run,
      ({ seconds, length }) => {
        const frames = seconds
          .toSorted((a, b) => a - b)
          .map((second, seq) => frameBytes({ seq, second, counters: { launched: 1 } }))
        const spans: { start: number; launched: number }[] = []
        const startOf = (second: number): number => Math.floor(second / length) * length
        const visit = (start: number, totals: { counter(name: string): number }): void => {
          spans.push({ start, launched: totals.counter('launched') })
        }
        const whole = foldSpans(frames, [{ startOf, visit }])
        expect(whole.counter('launched')).toBe(seconds.length)
        expect(spans.map(({ start }) => start)).toEqual([...new Set(seconds.map(startOf))].toSorted((a, b) => a - b))
        const inSpan = (start: number): number => seconds.filter((second) => startOf(second) === start).length
        expect(spans.map(({ launched }) => launched)).toEqual(spans.map(({ start }) => inSpan(start)))
      },
      { runs: 300 },
    )
  })
})
