import { describe, expect, it } from 'vitest'
import { Totals } from '../../../src/measure/merge.ts'
import { baselineOf, isRelative, judgeOf, type OwnThreshold, problemOf } from '../../../src/measure/thresholds.ts'
import { near, SLIP } from '../../../src/scenario/near.ts'
import { frameBytes } from '../../support/arbitraries.ts'

const own = (expression: string, more: Partial<OwnThreshold> = {}): OwnThreshold => ({
  ...{ kind: 'slsart', said: expression, expression, strict: true, select: null, span: null, abort: false },
  ...{ baseline: null, ...more },
})

const totals = new Totals()
totals.add(
  frameBytes({
    counters: {
      ...{ launched: 20, skipped: 1, completed: 18, failed: 2, requests: 40, responses: 38, failures: 2 },
      ...{ 'responses{status=200}': 30, 'responses{status=302}': 4, 'responses{status=503}': 4 },
      ...{ 'errors{error=ETIMEDOUT}': 2, 'errors{error=E{odd}}': 1 },
      ...{ 'requests{endpoint=GET /}': 10, 'failures{endpoint=GET /}': 1, 'launched{phase=1}': 5 },
      ...{ 'artillery:my_counter': 7, 'artillery:cart.max': 3 },
    },
    samples: {
      response: Array.from({ length: 1000 }, (_, i) => (i + 1) * 1000),
      service: [5_000],
      'response{endpoint=GET /}': [70_000],
      'first-byte': [2_500],
      'artillery:http.response_time': [9_000, 11_000],
    },
  }),
)
const judged = (expression: string, more: Partial<OwnThreshold> = {}): object =>
  judgeOf(own(expression, more)).judge(totals, 10)

describe('a threshold of the script’s own', () => {
  it.each<[string, number]>([
    ['p95', 950.271],
    ['p50', 500.223],
    ['p999', 999],
    ['p100', 1000],
    ['p5', 50],
    ['min', 1],
    ['max', 1000],
    ['mean', 500.5],
    ['response.count', 1000],
    ['service.p99', 5],
    ['firstByte.max', 2.5],
    ['requests', 40],
    ['throughput', 3.4],
    ['requestRate', 4],
    ['arrivalRate', 2],
    ['errors', 3],
    ['errors.ETIMEDOUT', 2],
    ["'errors.E{odd}'", 1],
    ['status.503', 4],
    ['status.404', 0],
    ['my_counter', 7],
    ['cart.max', 3],
    ['http.response_time.max', 11],
    ['never.counted', 0],
  ])('looks at %s', (name, value) => {
    const { observed, measured } = judgeOf(own(`${name} >= 0`)).judge(totals, 10)
    const [found] = Object.values(observed)
    expect(Number(found) / (value || 1)).toBeCloseTo(value === 0 ? 0 : 1, 2)
    expect(measured).toBe(true)
  })

  it.each<[string, Partial<OwnThreshold>, boolean]>([
    ['p95 < 951', {}, true],
    ['p95 < 950', {}, false],
    ['failures / requests < 0.05', {}, false],
    ['failures / requests <= 0.05 and p50 > 100', {}, true],
    ['p99 < 71', { select: { dimension: 'endpoint', value: 'GET /' } }, true],
    ['failures / requests < 0.1', { select: { dimension: 'endpoint', value: 'GET /' } }, false],
    ['launched == 5', { select: { dimension: 'phase', value: '1' } }, true],
    ['max(p50, p90) < 1000', {}, true],
    ['p95 <= baseline * 1.1', { baseline: 900 }, true],
    ['p95 <= baseline * 1.1', { baseline: 800 }, false],
  ])('%s', (expression, more, ok) => {
    expect(judged(expression, more)).toMatchObject({ ok, measured: true })
  })

  it('on what nobody measured is nothing, and so is a share of none', () => {
    const nobody = { select: { dimension: 'endpoint', value: 'GET /never' } } as const
    expect(judged('p95 < 1', nobody)).toEqual({ ok: false, measured: false, observed: { p95: null } })
    expect(judged('lateness.p99 < 1')).toMatchObject({ measured: false })
    expect(judged('failures / requests < 0.1', nobody)).toMatchObject({ measured: false })
    expect(judged('failures < 1', nobody)).toMatchObject({ ok: true, measured: true })
  })

  it('that compares knows what with', () => {
    expect(isRelative(own('p95 < baseline'))).toBe(true)
    expect(isRelative(own('p95 < 3'))).toBe(false)
    expect(baselineOf(own('requests < baseline * 2'), totals, 10)).toBe(40)
    expect(baselineOf(own('lateness.p99 < baseline'), totals, 10)).toBe(null)
    expect(judged('requests < baseline', { baseline: 7 })).toMatchObject({ observed: { requests: 40, baseline: 7 } })
  })
})

describe('an expression is refused', () => {
  const endpoint = { dimension: 'endpoint', value: 'GET /' } as const
  it.each<[string, OwnThreshold['select'], RegExp]>([
    ['p95 <', null, /./],
    ['1 < 2', null, /names no metric/],
    ['baseline < 2', null, /names no metric/],
    ['p95 + p99 < baseline', null, /only one metric/],
    ['respnse.p95 < 3', null, /did you mean "response"/],
    ['failurs < 3', null, /did you mean "failures"/],
    ['response.p < 3', null, /no point of a latency/],
    ['response.avg < 3', null, /no point of a latency/],
    ['lateness.p99 < 3', endpoint, /one endpoint has no "lateness.p99"/],
    ['throughput > 3', endpoint, /it has response, service, requests/],
    ['http.codes.200 > 3', endpoint, /one endpoint has no/],
  ])('%s', (expression, select, problem) => {
    expect(problemOf(expression, select, (name, known) => near(name, known, SLIP))).toMatch(problem)
  })

  it.each(['p95 < 3', 'cart.total < 5', 'status.500 == 0', 'errors.ETIMEDOUT < 1'])('but not %s', (expression) => {
    expect(problemOf(expression, null, (name, known) => near(name, known, SLIP))).toBe(null)
  })
})
