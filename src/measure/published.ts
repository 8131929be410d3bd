/** The few numbers of a run that go to where all systems' numbers are watched. */
import { type Millis, microsToMillis } from '../units.ts'
import type { Histogram } from './histogram.ts'
import { highestIn } from './histogram.ts'
import type { Ledger } from './ledger.ts'
import type { Totals } from './merge.ts'

/** A count, or milliseconds and how often each was measured. */
export type Published =
  | { name: string; kind: 'count'; value: number }
  | { name: string; kind: 'time'; values: readonly Millis[]; counts: readonly number[] }

/** So many different values CloudWatch takes of one metric in one request. */
const MOST = 150

export function published(totals: Totals, ledger: Ledger): Published[] {
  const count = (name: string, value: number): Published => ({ name, kind: 'count', value })
  const time = (name: string, histogram: Histogram): Published[] =>
    histogram.count === 0 ? [] : [{ name, kind: 'time', ...spread(histogram, MOST) }]
  return [
    count('Launched', ledger.launched),
    count('Lost', ledger.lost),
    count('Failed', ledger.failed),
    count('Requests', totals.counter('requests')),
    count('Responses', totals.counter('responses')),
    count('Failures', totals.counter('failures')),
    ...time('ResponseTime', totals.histogram('response')),
    ...time('ServiceTime', totals.histogram('service')),
  ]
}

/**
 * A histogram in at most `most` values: its minimum and maximum as they are, and between them the means of cells that are all as wide by ratio.
 * The sum of values × counts is the histogram's own to the width of its buckets; a percentile is as wrong as a cell is wide, 6 % from 1 ms to 10 s.
 */
export function spread(
  { counts, lowest, highest, min, max }: Histogram,
  most: number,
): { values: Millis[]; counts: number[] } {
  const cells = most - 2
  const [from, to] = [Math.log(Math.max(1, min)), Math.log(Math.max(2, max))]
  const sums = new Float64Array(cells)
  const numbers = new Float64Array(cells)
  for (let bucket = lowest; bucket <= highest; bucket++) {
    // The ends go by themselves.
    const number = (counts[bucket] as number) - (bucket === lowest ? 1 : 0) - (bucket === highest ? 1 : 0)
    if (number <= 0) continue
    const value = Math.min(max, Math.max(min, highestIn(bucket)))
    const at = to > from ? (Math.log(Math.max(1, value)) - from) / (to - from) : 0
    const cell = Math.min(cells - 1, Math.max(0, Math.floor(at * cells)))
    ;(sums[cell] as number) += number * value
    ;(numbers[cell] as number) += number
  }
  const between = [...numbers].flatMap((number, i) =>
    number === 0 ? [] : [{ value: (sums[i] as number) / number, number }],
  )
  const alone = lowest === highest && (counts[lowest] as number) === 1
  const all = [{ value: min, number: 1 }, ...between, ...(alone ? [] : [{ value: max, number: 1 }])]
  return { values: all.map(({ value }) => microsToMillis(value)), counts: all.map(({ number }) => number) }
}
