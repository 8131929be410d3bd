import { describe, expect, it } from 'vitest'
import { good, read, refusal } from './folder.ts'

const NAMED = `  phases:
    - { name: warm, duration: 5, arrivalRate: 1 }
    - name: peak
`
const script = (thresholds: string): string =>
  good('  phases:\n    - duration', `  slsart: { warmup: [warm], thresholds: ${thresholds} }\n${NAMED}      duration`)

describe('config.slsart.thresholds', () => {
  it.each<[string, object]>([
    ['["p95 < 300"]', { said: 'p95 < 300', expression: 'p95 < 300', select: null, span: null, abort: false }],
    [
      '[{ expression: p95 < 300, endpoint: GET /items, span: 1m }]',
      {
        ...{ said: 'p95 < 300 (GET /items, over any 60 s)', span: 60, abort: false },
        select: { dimension: 'endpoint', value: 'GET /items' },
      },
    ],
    [
      '[{ expression: launched > 3, phase: peak }]',
      { said: 'launched > 3 (phase peak)', select: { dimension: 'phase', value: '1' } },
    ],
    [
      '[{ expression: p99 < baseline, scenario: "0", span: 10, abortOnFail: true }]',
      {
        said: 'p99 < baseline (scenario 0, over any 10 s)',
        select: { dimension: 'scenario', value: '0' },
        abort: true,
      },
    ],
  ])('are read: %s', async (thresholds, expected) => {
    const [first, ...more] = (await read(script(thresholds))).thresholds
    expect(first).toMatchObject({ kind: 'slsart', strict: true, baseline: null, ...expected })
    expect(more).toEqual([])
  })

  it('stand beside those of ensure', async () => {
    const both = script('[p95 < 300]').replace('  slsart', '  ensure: { p95: 200 }\n  slsart')
    expect((await read(both)).thresholds.map(({ kind, said }) => [kind, said])).toEqual([
      ['ensure', 'http.response_time.p95 < 200'],
      ['slsart', 'p95 < 300'],
    ])
  })

  it.each<[string, RegExp]>([
    ['["p95 <"]', /^script\.yml:3:\d+: config\.slsart\.thresholds\[0\]: "p95 <" cannot be judged/],
    ['["failurs < 3"]', /there is no metric "failurs"; did you mean "failures"/],
    ['["p95 < 3", { expression: p95 < 3, phase: peek }]', /there is no phase "peek"\n.*Did you mean "peak"/],
    [
      '[{ expression: p95 < 3, phase: warm }]',
      /thresholds\[0\]\.phase: "warm" is a warm-up, which no threshold judges/,
    ],
    ['[{ expression: p95 < 3, scenario: shop }]', /has no scenario "shop"/],
    [
      '[{ expression: p95 < 3, scenario: "0", phase: peak }]',
      /is of one scenario or one phase, not of several at once/,
    ],
    ['[{ expression: throughput > 3, endpoint: GET / }]', /one endpoint has no "throughput"/],
    ['[{ expression: p95 < 3, span: 0.5 }]', /thresholds\[0\]\.span: must be a whole number of seconds/],
    ['[{ expression: p95 < 3, span: soon }]', /found "soon"/],
    ['[{ expression: p95 < 3, abort: true }]', /unknown key "abort" in config\.slsart\.thresholds\[0\]\n.*abortOnFail/],
    ['[3]', /thresholds\[0\]/],
  ])('are refused: %s', async (thresholds, message) => {
    expect(await refusal(script(thresholds))).toMatch(message)
  })
})
