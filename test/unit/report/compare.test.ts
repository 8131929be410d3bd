/** The sentence that a comparison begins with. test/e2e/compare.test.ts compares runs. */
import { describe, expect, it } from 'vitest'
import type { Compared } from '../../../src/measure/compare.ts'
import { compareJson } from '../../../src/report/compare.ts'
import type { Answer } from '../../../src/run/compare.ts'

const slower: Compared = {
  ...{ endpoint: 'GET /a', metric: 'p95_ms', baseline: 10, run: 18, answer: 'worse' },
  change: { estimate: 0.8, low: 0.6, high: 1 },
}
const broken: Compared = {
  ...{ endpoint: null, metric: 'error_statuses', baseline: 0, run: 0.125, answer: 'worse' },
  change: { estimate: 0.125, low: 0.1, high: 0.15 },
}
const sentence = (compared: Compared[], result: Answer['result'] = 'regression'): unknown => {
  const answer = { result, compared, baseline: { id: 'a' }, run: { id: 'b' }, unsure: [], effect: 0.1 } as unknown
  return (compareJson(answer as Answer) as { sentence: string }).sentence
}

describe('a comparison says first', () => {
  it('which share of the requests got worse, when nothing is slower', () => {
    expect(sentence([{ ...slower, answer: 'same' }, broken])).toBe(
      'Regression: statuses from 400 of all requests went from 0.00 % to 12.50 %.',
    )
  })

  it('what is slower, before any share, and how many more got worse', () => {
    expect(sentence([broken, slower])).toBe(
      'Regression: p95 of GET /a is 80 % longer (10.00 to 18.00 ms; between +60 % and +100 %), and 1 more got worse.',
    )
  })

  it('which got worst, of those that are slower', () => {
    const most = { ...slower, endpoint: 'GET /b', change: { estimate: 0.9, low: 0.7, high: 1.1 } }
    expect(sentence([slower, most])).toMatch(/^Regression: p95 of GET \/b is 90 % longer .* 1 more got worse\.$/)
  })

  it('how many stayed as they were, when nothing got worse', () => {
    expect(sentence([{ ...slower, answer: 'same' }], 'no-regression')).toBe(
      'No regression is shown: of 1 comparison 1 stayed within 10 %.',
    )
  })
})
