import { describe, expect, it } from 'vitest'
import type { Drawn, Percentile } from '../../../../src/report/page/drawn.ts'
import { curveLines, latencyLines, loadLines, strength } from '../../../../src/report/page/lines.ts'
import { compare } from '../../../../src/report/page/order.ts'
import { within } from '../../../../src/report/page/span.ts'
import { moment, percentAt, short } from '../../../../src/report/page/words.ts'

describe('a column', () => {
  it.each([
    ['of numbers upwards', [3, null, 10, 2], false, [2, 3, 10, null]],
    ['of numbers downwards, what was not measured still last', [3, null, 10, 2], true, [10, 3, 2, null]],
    ['of names from A', ['b', 'a', 'C'], false, ['a', 'b', 'C']],
    ['of numbers and a name among them', [2, 'done', 1], false, [1, 2, 'done']],
  ])('%s', (_, keys, down, sorted) => {
    expect(keys.toSorted((a, b) => compare(a, b, down))).toEqual(sorted)
  })
})

describe('zoom', () => {
  const whole = { from: -1, to: 20 }
  it.each([
    ['keeps to the run', { from: -5, to: 30 }, whole],
    ['shows a part of it', { from: 3, to: 4.5 }, { from: 3, to: 4.5 }],
    ['is refused when nothing would be left', { from: 5, to: 5 }, null],
    ['is refused the wrong way round', { from: 6, to: 5 }, null],
    ['is refused beyond the end', { from: 21, to: 25 }, null],
    ['is refused without a number', { from: Number.NaN, to: 5 }, null],
  ])('%s', (_, wish, span) => {
    expect(within(whole, wish)).toEqual(span)
  })
})

describe('axes', () => {
  it.each([
    [0, '0 s'],
    [12.34, '12.3 s'],
    [119.9, '119.9 s'],
    [120, '2:00'],
    [3_599.7, '1:00:00'],
    [4_000, '1:06:40'],
  ])('tell second %d as %s', (second, said) => {
    expect(moment(second)).toBe(said)
  })
  it('tell percentiles by how few are above them', () => {
    expect([1, 2, 10, 1000, 1e6].map(percentAt)).toEqual(['0 %', '50 %', '90 %', '99.9 %', '99.9999 %'])
  })
  it('tell numbers in three digits', () => {
    expect([0.001, 0.4567, 12, 1_500, 123_456].map(short)).toEqual(['0.001', '0.457', '12', '1,500', '123,000'])
  })
})

describe('lines', () => {
  const latency = (ms: number | null): Record<Percentile, (number | null)[]> => {
    return { p50: [ms, null], p95: [ms, null], p99: [ms, null], max: [ms, null] }
  }
  const drawn: Drawn = {
    step: 2,
    columns: {
      ...{ second: [0, 2], launched: [4, 4], requests: [8, 8], responses: [8, 8], failures: [2, 2] },
      ...{ response: latency(3), service: latency(0), lateness: latency(null) },
    },
    ...{ phases: [], heat: { step: 2, lowest: 1, ratio: 2, rows: 0, columns: [] } },
    curve: {
      response: [
        { percent: 0, value: 0 },
        { percent: 90, value: 5 },
      ],
      service: [{ percent: 0, value: 1 }],
    },
  }
  it('of load are of a second, however long a step is', () => {
    expect(loadLines(drawn).map(({ name, values }) => [name, values])).toEqual([
      ['virtual users', [2, 2]],
      ['requests', [4, 4]],
      ['failures', [1, 1]],
    ])
  })
  it('of latencies are broken where nothing was measured, and never 0, which has no logarithm', () => {
    const lines = Object.fromEntries(latencyLines(drawn).map(({ name, values }) => [name, values]))
    expect(lines['response p99']).toEqual([3, null])
    expect(lines['service p99']).toEqual([0.001, null])
    expect(lines['lateness p99']).toEqual([null, null])
  })
  it('of percentiles end where each has no more values', () => {
    const { x, lines } = curveLines(drawn)
    expect(x.map((at) => Math.round(at))).toEqual([1, 10])
    expect(lines.map(({ values }) => values)).toEqual([
      [0.001, 5],
      [1, null],
    ])
  })
  it('are no help in a heat map: one response is seen beside ten thousand', () => {
    expect([strength(1, 1), strength(1, 10_000), strength(100, 10_000), strength(10_000, 10_000)]).toEqual([
      1, 0.15, 0.575, 1,
    ])
  })
})
