/** Sliding spans of the fleet's seconds, against all of a span's samples sorted anew. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Totals } from '../../src/measure/merge.ts'
import { Spans } from '../../src/measure/spans.ts'
import type { OwnThreshold } from '../../src/measure/thresholds.ts'
import { frameBytes } from '../support/arbitraries.ts'
import { holds } from '../support/property.ts'

const threshold = (expression: string, span: number | null, abort = false): OwnThreshold => ({
  ...{ kind: 'slsart', said: expression, expression, strict: true, select: null, baseline: null, span, abort },
})
const totalsOf = (samples: readonly number[]): Totals => {
  const totals = new Totals()
  totals.add(frameBytes({ counters: { responses: samples.length }, samples: { response: [...samples] } }))
  return totals
}
/** Below 2,048 µs every value has a bucket of its own. */
const seconds = fc.array(fc.array(fc.integer({ min: 1, max: 2_000 }), { maxLength: 8 }), {
  minLength: 1,
  maxLength: 25,
})

describe('a span', () => {
  it('trips exactly at the ends of those whose slowest answer is over the limit', () => {
    holds(
      fc.record({ seconds, span: fc.integer({ min: 1, max: 8 }), limit: fc.integer({ min: 1, max: 2_000 }) }),
      ({ seconds, span, limit }) => {
        const spans = new Spans([threshold(`max < ${limit / 1000}`, span)], seconds.length)
        const tripped = seconds.map((samples) => spans.second(totalsOf(samples), true).length > 0)
        const length = Math.min(span, seconds.length)
        const expected = seconds.map((_, i) => {
          const within = i + 1 < length ? [] : seconds.slice(i + 1 - length, i + 1).flat()
          return within.length > 0 && Math.max(...within) >= limit
        })
        expect(tripped).toEqual(expected)
        const first = expected.indexOf(true)
        const [judged] = spans.judged()
        if (first >= 0) expect(judged).toMatchObject({ ok: false, at: { from: first + 1 - length, to: first + 1 } })
        else if (judged) expect(judged.ok).toBe(true)
      },
      { runs: 300 },
    )
  })

  it('counts what came in it, and only that', () => {
    holds(
      fc.record({ seconds, span: fc.integer({ min: 1, max: 8 }) }),
      ({ seconds, span }) => {
        const spans = new Spans([threshold('responses + 0 * p50 < 0', span)], seconds.length)
        const length = Math.min(span, seconds.length)
        for (const [i, samples] of seconds.entries()) {
          spans.second(totalsOf(samples), true)
          const within = i + 1 < length ? [] : seconds.slice(i + 1 - length, i + 1).flat()
          const [judged] = spans.judged()
          // It never holds, so the first one is kept: that is looked at.
          if (within.length > 0 && judged?.at?.to === i + 1) expect(judged.observed.responses).toBe(within.length)
        }
      },
      { runs: 300 },
    )
  })

  it('without a length is the run so far', () => {
    const spans = new Spans([threshold('responses < 4', null, true)], 10)
    expect([[1], [1, 1], [], [1]].map((samples) => spans.second(totalsOf(samples), true))).toEqual([[], [], [], [0]])
    expect(spans.judged()).toMatchObject([{ ok: false, at: { from: 0, to: 4 }, observed: { responses: 4 } }])
  })

  it('that is longer than the load is the whole of it', () => {
    const spans = new Spans([threshold('responses < 3', 60)], 3)
    expect([[1], [1], [1]].map((samples) => spans.second(totalsOf(samples), true))).toEqual([[], [], [0]])
  })
})
