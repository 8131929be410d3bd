import { describe, expect, it } from 'vitest'
import type { ArtilleryPeriod } from '../../../src/measure/artillery.ts'
import { apdexOf, judgeEnsure, problemOf } from '../../../src/measure/ensure.ts'

const summary = {
  min: 1,
  max: 90,
  count: 10,
  mean: 12,
  p50: 10,
  median: 10,
  p75: 20,
  p90: 40,
  p95: 60,
  p99: 80,
  p999: 90,
}
const run = {
  counters: {
    'vusers.created': 10,
    'vusers.created_by_name.a': 3,
    'vusers.completed': 8,
    'http.codes.200': 9,
    'plugins.metrics-by-endpoint./items/1 (one).codes.200': 4,
    'apdex.satisfied': 8,
    'apdex.tolerated': 2,
  },
  rates: { 'http.request_rate': 5 },
  summaries: { 'http.response_time': summary, 'plugins.metrics-by-endpoint.response_time./items/1': summary },
} as unknown as ArtilleryPeriod

const judge = (expression: string, strict = false): { ok: boolean; observed: object } => {
  const [judged] = judgeEnsure([{ kind: 'ensure', said: expression, expression, strict: true }], run, strict)
  if (judged === undefined) throw new Error('nothing was judged')
  return { ok: judged.ok, observed: judged.observed }
}

describe('a threshold', () => {
  it.each<[string, boolean, Record<string, number | string | null>]>([
    ['http.response_time.p95 < 61', true, { 'http.response_time.p95': 60 }],
    ['http.response_time.p95 < 60', false, { 'http.response_time.p95': 60 }],
    [
      'http.response_time.p99 < 100 and http.codes.200 >= 9',
      true,
      { 'http.response_time.p99': 80, 'http.codes.200': 9 },
    ],
    ['vusers.created_by_name.a == 3', true, { 'vusers.created_by_name.a': 3 }],
    ['vusers.created == 10', true, { 'vusers.created': 10 }],
    ['http.request_rate > 6 or http.request_rate == 5', true, { 'http.request_rate': 5 }],
    [
      '((vusers.created - vusers.completed)/vusers.created * 100) <= 20',
      true,
      { 'vusers.created': 10, 'vusers.completed': 8 },
    ],
    [
      '((vusers.created - vusers.completed)/vusers.created * 100) <= 19',
      false,
      { 'vusers.created': 10, 'vusers.completed': 8 },
    ],
    [
      'plugins.metrics-by-endpoint./items/1 (one).codes.200 > 3',
      true,
      { 'plugins.metrics-by-endpoint./items/1 (one).codes.200': 4 },
    ],
    [
      'plugins.metrics-by-endpoint.response_time./items/1.p99 < 81',
      true,
      { 'plugins.metrics-by-endpoint.response_time./items/1.p99': 80 },
    ],
    ['apdex > 0.85', true, { apdex: 0.9 }],
    ['ranking == "good"', true, { ranking: 'good' }],
    ['max(http.response_time.min, 3) == 3', true, { 'http.response_time.min': 1 }],
  ])('%s', (expression, ok, observed) => {
    expect(judge(expression)).toEqual({ ok, observed })
  })

  it('on what never happened holds as an upper bound: Artillery fails it', () => {
    expect(judge('errors.ETIMEDOUT < 1')).toEqual({ ok: true, observed: { 'errors.ETIMEDOUT': 0 } })
    expect(judge('http.codes.500 > 0').ok).toBe(false)
  })

  it('on a latency that nobody measured does not hold', () => {
    expect(judge('websocket.response_time.p99 < 100')).toEqual({
      ok: false,
      observed: { 'websocket.response_time.p99': null },
    })
  })
})

it('an expression that cannot be judged has a problem, a good one has none', () => {
  expect(problemOf('http.codes.200 > 5 and not (vusers.failed > 1)')).toBeNull()
  expect(problemOf('http.codes.200 >')).toMatch(/Expecting/)
})

describe('the apdex', () => {
  it.each([
    [{}, null],
    [{ 'apdex.satisfied': 10 }, { score: 1, ranking: 'excellent' }],
    [
      { 'apdex.satisfied': 6, 'apdex.tolerated': 4 },
      { score: 0.8, ranking: 'fair' },
    ],
    [{ 'apdex.frustrated': 4 }, { score: 0, ranking: 'unacceptable' }],
  ])('of %o', (counters, apdex) => {
    expect(apdexOf(counters)).toEqual(apdex)
  })
})

it('what never counted is 0, and nothing when Artillery’s ways are kept', () => {
  expect(judge('errors.ETIMEDOUT < 1')).toEqual({ ok: true, observed: { 'errors.ETIMEDOUT': 0 } })
  expect(judge('errors.ETIMEDOUT < 1', true)).toEqual({ ok: false, observed: { 'errors.ETIMEDOUT': null } })
  expect(judge('http.codes.200 == 9', true).ok).toBe(true)
})
