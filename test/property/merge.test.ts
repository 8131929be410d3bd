/** Merging is idempotent and free of order: the same frames, shuffled and doubled, give the same bytes. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Totals } from '../../src/measure/merge.ts'
import { v2Base64 } from '../../src/report/hdr.ts'
import { frameBytes, histogramOf, micros } from '../support/arbitraries.ts'
import * as oracle from '../support/oracle.ts'
import { holds } from '../support/property.ts'

const failure = { message: 'm', scenario: 's', endpoint: 'GET /', status: null }
const names = fc.constantFrom('response', 'service', 'lateness')
const counters = fc.dictionary(fc.constantFrom('launched', 'failed', 'requests'), fc.nat(1_000_000))
const frames = fc
  .array(
    fc.record({
      slice: fc.nat(3),
      counters,
      samples: fc.dictionary(names, fc.array(micros, { maxLength: 30 })),
      codes: fc.uniqueArray(fc.constantFrom('ETIMEDOUT', 'ECONNRESET', 'own'), { maxLength: 2 }),
      second: fc.nat(3),
    }),
    {
      maxLength: 12,
    },
  )
  .map((sketches) =>
    // Numbered by slice in the order in which they were made, as workers number them.
    sketches.map(({ codes, ...sketch }, i) => ({
      ...sketch,
      // No two frames have the same virtual user.
      failures: codes.map((code) => ({ ...failure, code, second: sketch.second, arrival: i })),
      seq: sketches.slice(0, i).filter(({ slice }) => slice === sketch.slice).length,
    })),
  )

/** Indices of frames in the order in which they come: each at least once. */
const arrivalOrder = <T>(frames: readonly T[]): fc.Arbitrary<number[]> => {
  const all = frames.map((_, i) => i)
  const again = all.length === 0 ? fc.constant([]) : fc.array(fc.constantFrom(...all), { maxLength: 10 })
  return again.chain((doubled) => fc.shuffledSubarray([...all, ...doubled], { minLength: all.length + doubled.length }))
}

type Sketch = Parameters<typeof frameBytes>[0]
const merge = (sketches: readonly Sketch[]): Totals => {
  const totals = new Totals()
  for (const sketch of sketches) totals.add(frameBytes(sketch))
  return totals
}
const pick = <T>(from: readonly T[], order: readonly number[]): T[] => order.flatMap((i) => from.slice(i, i + 1))

const bytesOf = (totals: Totals): unknown => ({
  failures: Object.fromEntries([...totals.failures].toSorted()),
  counters: Object.fromEntries([...totals.counters].filter(([, value]) => value !== 0).toSorted()),
  histograms: Object.fromEntries(
    [...totals.histograms]
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([name, histogram]) => {
        const { count, sum, min, max } = histogram
        return [name, { count, sum, min, max, v2: v2Base64(histogram) }]
      }),
  ),
})

describe('the same frames', () => {
  const shuffled = frames.chain((sketches) => fc.tuple(fc.constant(sketches), arrivalOrder(sketches)))

  it('in any order, any of them doubled, give the same bytes', () => {
    holds(
      shuffled,
      ([sketches, order]) => {
        expect(bytesOf(merge(pick(sketches, order)))).toEqual(bytesOf(merge(sketches)))
      },
      { runs: 300 },
    )
  })

  it('give the counters and histograms of a plain sum over the different ones', () => {
    holds(
      shuffled,
      ([sketches, order]) => {
        const totals = merge(pick(sketches, order))
        const plain = oracle.mergeOf(pick(sketches, order))
        for (const [name, value] of Object.entries(plain.counters)) expect(totals.counter(name)).toBe(value)
        for (const [name, values] of Object.entries(plain.samples)) {
          const { counts, count, sum, min, max } = totals.histogram(name)
          expect({ counts, count, sum, min, max }).toMatchObject({
            ...numbersOf(values),
            counts: histogramOf(values).counts,
          })
        }
      },
      { runs: 300 },
    )
  })

  it('with some missing show by their number which slice’s are', () => {
    const lossy = frames.chain((sketches) => fc.tuple(fc.constant(sketches), fc.subarray(sketches.map((_, i) => i))))
    holds(
      lossy,
      ([sketches, kept]) => {
        const came = pick(sketches, kept)
        const totals = merge(came)
        for (const slice of [0, 1, 2, 3]) {
          expect(totals.framesOf(slice, 1)).toBe(came.filter((sketch) => sketch.slice === slice).length)
        }
      },
      { runs: 300 },
    )
  })
})

function numbersOf(values: readonly number[]): { count: number; sum: number; min: number; max: number } {
  const sum = values.reduce((total, value) => total + value, 0)
  return { count: values.length, sum, min: Math.min(...values), max: Math.max(...values) }
}
