import { describe, expect, it } from 'vitest'
import { Totals } from '../../../src/measure/merge.ts'
import type { Threshold } from '../../../src/measure/thresholds.ts'
import { LiveThresholds } from '../../../src/run/thresholds.ts'
import { threshold } from '../../support/screens.ts'

/** Thresholds after seconds in each of which that was counted. */
function judgedAfter(thresholds: readonly Threshold[], counts: readonly Record<string, number>[]): LiveThresholds {
  const live = new LiveThresholds({ thresholds, strict: false }, 60)
  const run = new Totals()
  for (const [second, counters] of counts.entries()) {
    const totals = new Totals()
    for (const [name, value] of Object.entries(counters)) {
      totals.counters.set(name, value)
      run.counters.set(name, run.counter(name) + value)
    }
    live.second(totals, { second, on: true, run })
  }
  return live
}
const requests = (...counts: number[]): Record<string, number>[] => counts.map((n) => ({ requests: n }))

describe('a threshold while the run goes on', () => {
  it('is not judged before there is anything', () =>
    expect(judgedAfter([threshold('p95 < 10')], requests(1)).now).toMatchObject([{ ok: null }]))

  it('is of the run so far', () =>
    expect(judgedAfter([threshold('requests < 5')], requests(2, 2)).now).toMatchObject([
      { ok: true, observed: { requests: 4 }, since: 1 },
    ]))

  it('says since when it does not hold', () =>
    expect(judgedAfter([threshold('requests < 5')], requests(2, 2, 2, 2)).now).toMatchObject([
      { ok: false, observed: { requests: 8 }, since: 3 },
    ]))

  it('of a span holds again when the span does', () => {
    const of = [threshold('requests < 5', { span: 1 })]
    expect(judgedAfter(of, requests(9)).now).toMatchObject([{ ok: false, since: 1 }])
    expect(judgedAfter(of, requests(9, 1)).now).toMatchObject([{ ok: true, since: 2, observed: { requests: 1 } }])
  })

  it('of a span says nothing of one in which the load was not on for a second, and ends none for it', () => {
    const live = new LiveThresholds(
      { thresholds: [threshold('requests > 5', { span: 2, abort: true })], strict: false },
      60,
    )
    const on = [true, true, false, true, true]
    for (const [second, isOn] of on.entries()) {
      const totals = new Totals()
      totals.counters.set('requests', isOn ? 9 : 0)
      live.second(totals, { second, on: isOn, run: totals })
      expect(live.tripped()).toBe(null)
    }
    expect(live.now).toMatchObject([{ ok: true, since: 2, observed: { requests: 18 } }])
    live.second(new Totals(), { second: 5, on: true, run: new Totals() })
    live.second(new Totals(), { second: 6, on: true, run: new Totals() })
    expect(live.tripped()).toEqual({ threshold: 0, at: 7 })
  })

  it('of `ensure` is judged on the run under its own names', () => {
    const ensure: Threshold = { kind: 'ensure', said: 'created < 3', expression: 'vusers.created < 3', strict: true }
    const counts = [{ 'artillery:vusers.created': 2 }, { 'artillery:vusers.created': 2 }]
    expect(judgedAfter([ensure], counts.slice(0, 1)).now).toMatchObject([{ ok: true }])
    expect(judgedAfter([ensure, threshold('requests < 5')], counts).now).toMatchObject([
      { said: 'created < 3', ok: false, observed: { 'vusers.created': 4 } },
      { said: 'requests < 5', ok: true },
    ])
  })

  it('tells when it will not hold if all goes on as it does', () => {
    const ten = Array<number>(15).fill(10)
    expect(judgedAfter([threshold('requests < 200')], requests(...ten)).now).toMatchObject([{ tripsIn: 5 }])
    expect(judgedAfter([threshold('requests > 5', { span: 1 })], requests(...ten)).now).toMatchObject([
      { tripsIn: null },
    ])
    expect(judgedAfter([threshold('requests < 200', { abort: true })], requests(1, 1)).now).toMatchObject([
      { tripsIn: null, abort: true },
    ])
    const falling = ten.map((_, i) => 40 - 2 * i)
    expect(judgedAfter([threshold('requests > 6', { span: 1 })], requests(...falling)).now).toMatchObject([
      { tripsIn: 3 },
    ])
  })

  it('of a baseline goes by its share of it', () => {
    const relative = threshold('requests <= baseline * 2', { baseline: 100 })
    expect(judgedAfter([relative], requests(...Array<number>(15).fill(10))).now).toMatchObject([{ tripsIn: 5 }])
  })
})
