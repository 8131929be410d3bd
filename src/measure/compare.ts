/**
 * Whether one run is slower than another, or fails more: for the whole run and each endpoint, how far a percentile or a share has moved, and
 * how far it would move by chance.
 *
 * Requests of the same second wait for the same target, and those of the next seconds still do, so that single requests say little about
 * chance. What is drawn again and again (block bootstrap) are stretches of several seconds of the whole fleet. Workers may differ for the
 * length of a run, by their machine or their way to the target: of ten and more, whole workers are drawn too, and the two variances
 * add up. Intervals are Student's over so many blocks, and Bonferroni's for so many comparisons: with 95 % all of them hold at once. Source:
 * docs/decisions/012. Held by test/property/compare.test.ts.
 */
import { type Millis, microsToMillis } from '../units.ts'
import type { Block, Cut, Sparse } from './blocks.ts'
import { bucketOf, HIGHEST, Histogram } from './histogram.ts'
import { artillery, named, valueIn } from './names.ts'
import { student } from './student.ts'

export const CONFIDENCE = 0.95
const REPLICATES = 400
/** Fewer say nothing about chance. */
const LEAST_BLOCKS = 8
/** Fewer are too few to draw from. */
const LEAST_WORKERS = 10
/** So many answers must lie from a percentile up, or one of them decides where it is. */
const LEAST_ABOVE = 10
/** A share that has moved by less does not matter. */
export const LEAST_SHARE = 0.01
/** Nor does a latency that has: clocks and schedulers do as much. */
export const LEAST_MOVE: Millis = 1

const PERCENTILES = { p50_ms: 50, p95_ms: 95, p99_ms: 99 } as const
type Percentile = keyof typeof PERCENTILES

/** `failures`: of requests, without an answer. `error_statuses`: of answers, from 400 on. `failed_users`: of virtual users that were launched. */
type Share = 'failures' | 'error_statuses' | 'failed_users'

/**
 * `endpoint`: null for all requests together. `baseline`, `run`: milliseconds, or a share. `change`: of a latency as a share of the
 * baseline's, of a share the difference.
 */
export type Compared = {
  endpoint: string | null
  metric: Percentile | Share
  baseline: number
  run: number
  change: { estimate: number; low: number; high: number }
  answer: 'worse' | 'better' | 'same' | 'unclear'
}

/** What both runs have requests of, but too few to be compared; or what only one of them has. */
export type Uncompared = {
  endpoint: string | null
  metric: Percentile | null
  why: 'few' | 'baseline-only' | 'run-only'
}

export type Comparison = { compared: Compared[]; uncompared: Uncompared[] }

/** A number in [0, 1) for the n-th draw of a replicate: the same each time it is asked for. */
export type Draw = (replicate: number, n: number) => number

/** `effect`: what a latency must move by to matter, as a share of the baseline's. */
export function compareRuns(baseline: Cut, run: Cut, { effect, draw }: { effect: number; draw: Draw }): Comparison {
  const [there, here] = [endpointsIn(baseline), endpointsIn(run)]
  const both = [null, ...[...there].filter((endpoint) => here.has(endpoint)).toSorted()]
  const asked = both.flatMap((endpoint) => [latenciesOf(endpoint), ...sharesOf(endpoint)])
  const moves = asked.flatMap((numbers) => movesOf(numbers, baseline, run, draw))
  const found = moves.filter((move) => 'spreads' in move)
  return {
    compared: found.map((move) => judged(move, effect, found.length)),
    uncompared: [
      ...moves.filter((move) => 'why' in move),
      ...onlyIn(there, here, 'baseline-only'),
      ...onlyIn(here, there, 'run-only'),
    ],
  }
}

const endpointsIn = ({ stretches }: Cut): Set<string> =>
  new Set(
    stretches.flatMap(({ counters }) =>
      [...counters.keys()].flatMap((name) => valueIn(name, 'requests', 'endpoint') ?? []),
    ),
  )

const onlyIn = (one: ReadonlySet<string>, other: ReadonlySet<string>, why: Uncompared['why']): Uncompared[] =>
  [...one]
    .filter((endpoint) => !other.has(endpoint))
    .toSorted()
    .map((endpoint) => ({ endpoint, metric: null, why }))

/**
 * Numbers of some blocks, each block counted as often as it was drawn; null without any. `has`: whether a block tells of them. `behind`: how
 * much of each block lies behind the n-th: answers above a percentile, what a share is of. Latencies are logarithms: twice as long is as far
 * as half as long.
 */
type Numbers = {
  endpoint: string | null
  metrics: readonly Compared['metric'][]
  has(block: Block): boolean
  of(blocks: readonly Block[], times: Uint32Array): number[] | null
  behind(blocks: readonly Block[], n: number): number[]
}

const nameOf = (metric: string, endpoint: string | null): string =>
  endpoint === null ? metric : named(metric, 'endpoint', endpoint)

function latenciesOf(endpoint: string | null): Numbers {
  const name = nameOf('response', endpoint)
  const percents = Object.values(PERCENTILES)
  const whole = new Histogram()
  return {
    endpoint,
    metrics: Object.keys(PERCENTILES) as Percentile[],
    has: ({ latencies }) => latencies.has(name),
    of(blocks, times) {
      whole.clear()
      for (let i = 0; i < blocks.length; i++)
        addTimes((blocks[i] as Block).latencies.get(name), times[i] as number, whole)
      return whole.count === 0 ? null : percents.map((percent) => Math.log(Math.max(1, whole.percentile(percent))))
    },
    behind(blocks, n) {
      this.of(blocks, once(blocks))
      const least = bucketOf(Math.min(HIGHEST, whole.percentile(percents[n] as number)))
      return blocks.map(({ latencies }) => atLeast(least, latencies.get(name)))
    },
  }
}

function addTimes(from: Sparse | undefined, times: number, into: Histogram): void {
  if (from === undefined || times === 0) return
  const { buckets, counts } = from
  into.makeRoom(times * from.count)
  for (let i = 0; i < buckets.length; i++)
    (into.counts[buckets[i] as number] as number) += times * (counts[i] as number)
  into.count += times * from.count
  into.lowest = Math.min(into.lowest, buckets[0] as number)
  into.highest = Math.max(into.highest, buckets.at(-1) as number)
  into.max = Math.max(into.max, from.max)
}

function atLeast(least: number, of: Sparse | undefined): number {
  if (of === undefined) return 0
  return of.counts.reduce((sum, count, i) => ((of.buckets[i] as number) >= least ? sum + count : sum), 0)
}

type Counting = (block: Block) => number

/** Those of an endpoint, or of the whole run. */
function sharesOf(endpoint: string | null): Numbers[] {
  const counter =
    (name: string): Counting =>
    ({ counters }) =>
      counters.get(name) ?? 0
  const share = (metric: Share, part: Counting, all: Counting): Numbers => ({
    endpoint,
    metrics: [metric],
    has: (block) => all(block) > 0,
    of(blocks, times) {
      const sum = (of: Counting): number =>
        blocks.reduce((whole, block, i) => whole + of(block) * (times[i] as number), 0)
      const whole = sum(all)
      return whole === 0 ? null : [sum(part) / whole]
    },
    behind: (blocks) => blocks.map(part),
  })
  const failures = share('failures', counter(nameOf('failures', endpoint)), counter(nameOf('requests', endpoint)))
  if (endpoint !== null) return [failures]
  return [
    failures,
    share('error_statuses', errorStatuses, counter('responses')),
    share('failed_users', counter(artillery('vusers.failed')), counter(artillery('vusers.created'))),
  ]
}

const errorStatuses: Counting = ({ counters }) =>
  [...counters].reduce(
    (sum, [name, count]) => (Number(valueIn(name, 'responses', 'status')) >= 400 ? sum + count : sum),
    0,
  )

/** Where a number was and is, and what it may be off by in either run. */
type Move = Pick<Compared, 'endpoint' | 'metric'> & { there: number; here: number; spreads: Spread[] }
/** The variance of a number by chance, from so many draws. */
type Spread = { variance: number; draws: number }

function movesOf(numbers: Numbers, baseline: Cut, run: Cut, draw: Draw): (Move | Uncompared)[] {
  const { endpoint, metrics } = numbers
  const drawnFrom = (way: keyof Cut, least: number): Spread[][] | null => {
    const both = [baseline, run].map((cut) => cut[way].filter(numbers.has))
    if (both.some((blocks) => blocks.length < least)) return null
    return both.map((blocks, side) => drawn(numbers, blocks, (replicate, n) => draw(2 * replicate + side, n)))
  }
  const byStretch = drawnFrom('stretches', LEAST_BLOCKS)
  const byWorker = drawnFrom('workers', LEAST_WORKERS) ?? []
  const [there, here] = [baseline, run].map(({ stretches }) => numbers.of(stretches, once(stretches)))
  return metrics.flatMap((metric, n): (Move | Uncompared)[] => {
    const behind = [baseline, run].map(({ stretches }) => sumOf(numbers.behind(stretches, n)))
    // Of what never happened in either run there is nothing to compare.
    const isEnough = isPercentile(metric) ? Math.min(...behind) >= LEAST_ABOVE : sumOf(behind) > 0
    if (!there || !here || byStretch === null || !isEnough)
      return isPercentile(metric) ? [{ endpoint, metric, why: 'few' }] : []
    const spreads = [...byStretch, ...byWorker].map((spread) => spread[n] as Spread)
    return [{ endpoint, metric, there: there[n] as number, here: here[n] as number, spreads }]
  })
}

const isPercentile = (metric: Compared['metric']): metric is Percentile => metric in PERCENTILES
const once = (blocks: readonly Block[]): Uint32Array => new Uint32Array(blocks.length).fill(1)

/** How far each number lies from itself when other blocks of the same kind might as well have come. */
function drawn(numbers: Numbers, blocks: readonly Block[], draw: Draw): Spread[] {
  const times = new Uint32Array(blocks.length)
  const replicates: number[][] = []
  for (let replicate = 0; replicate < REPLICATES; replicate++) {
    times.fill(0)
    for (let n = 0; n < blocks.length; n++) (times[Math.floor(draw(replicate, n) * blocks.length)] as number)++
    const values = numbers.of(blocks, times)
    if (values !== null) replicates.push(values)
  }
  // Drawn from themselves, blocks are nearer to each other than those of another run would be.
  const scale = blocks.length / (blocks.length - 1)
  return numbers.metrics.map((_, n) => ({
    variance: scale * varianceOf(replicates.map((values) => values[n] as number)),
    draws: Math.min(blocks.length, Math.max(2, drawsOf(numbers.behind(blocks, n)))),
  }))
}

/**
 * In how many blocks what lies behind a number is, as if it were the same in each: three stalls are three draws, however many requests they
 * held up and however long the run (Simpson's index, without what counting alone would do).
 */
function drawsOf(counts: readonly number[]): number {
  const all = sumOf(counts)
  const together = sumOf(counts.map((count) => count * (count - 1)))
  return together === 0 ? counts.length : (all * (all - 1)) / together
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)

function varianceOf(values: readonly number[]): number {
  const mean = sumOf(values) / values.length
  return sumOf(values.map((value) => (value - mean) ** 2)) / Math.max(1, values.length - 1)
}

/** How far off the difference may be: what is drawn in several ways adds up, and its degrees of freedom are Welch's and Satterthwaite's. */
function halfOf(spreads: readonly Spread[], tail: number): number {
  const variance = sumOf(spreads.map((spread) => spread.variance))
  if (variance === 0) return 0
  const freedom = variance ** 2 / sumOf(spreads.map((spread) => spread.variance ** 2 / (spread.draws - 1)))
  return Math.sqrt(variance) * student(tail, freedom)
}

function judged({ endpoint, metric, there, here, spreads }: Move, effect: number, of: number): Compared {
  const half = halfOf(spreads, (1 - CONFIDENCE) / (2 * of))
  const estimate = here - there
  if (!isPercentile(metric)) {
    const change = { estimate, low: Math.max(-1, estimate - half), high: Math.min(1, estimate + half) }
    return {
      endpoint,
      metric,
      baseline: there,
      run: here,
      change,
      answer: answerTo(change, [-LEAST_SHARE, LEAST_SHARE]),
    }
  }
  const [baseline, run] = [there, here].map((log) => microsToMillis(Math.round(Math.exp(log)))) as [Millis, Millis]
  const [moved, low, high] = [estimate, estimate - half, estimate + half].map(Math.expm1) as [number, number, number]
  const change = { estimate: moved, low, high }
  const most = Math.max(effect, LEAST_MOVE / baseline)
  return { endpoint, metric, baseline, run, change, answer: answerTo(change, [-most / (1 + most), most]) }
}

function answerTo({ low, high }: Compared['change'], [less, more]: readonly [number, number]): Compared['answer'] {
  if (low > more) return 'worse'
  if (high < less) return 'better'
  return low >= less && high <= more ? 'same' : 'unclear'
}
