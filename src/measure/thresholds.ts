/**
 * `config.slsart.thresholds`: expressions over what the whole fleet measured, of the whole run or of every span of it, of all or of one
 * endpoint, scenario or phase. Latencies are in milliseconds; counts are of the span.
 *
 *   p95 < 300                       response time of all requests
 *   failures / requests < 0.01      of one endpoint, over any 30 s
 *   service.p99 <= baseline * 1.1   no more than a tenth above the same of an earlier run
 *
 * A latency that nobody measured is nothing, and no limit on it holds for the run; a span without it says nothing.
 */
import { compileExpression } from 'filtrex'
import { microsToMillis, type Seconds } from '../units.ts'
import type { EnsureThreshold } from './ensure.ts'
import type { Histogram } from './histogram.ts'
import type { Totals } from './merge.ts'
import { artillery, named, valueIn } from './names.ts'
import type { Judged } from './verdict.ts'

/** `value` as it is in the names of metrics; of a phase its index. */
export type Selection = { dimension: 'endpoint' | 'scenario' | 'phase'; value: string }

/** `span`: judged over every span of so many seconds, null: over the run. `abort`: the load ends as soon as it does not hold. */
export type OwnThreshold = {
  kind: 'slsart'
  said: string
  expression: string
  strict: true
  select: Selection | null
  span: Seconds | null
  abort: boolean
  /** What its metric was in the run to compare with; null when it compares with none. */
  baseline: number | null
}

/** `said` is what the user reads; only a strict one decides the verdict. */
export type Threshold = EnsureThreshold | OwnThreshold

const BASELINE = 'baseline'

const LATENCIES = ['response', 'service', 'lateness', 'firstByte', 'dns', 'tcp', 'tls']
const LAUNCHES = ['launched', 'skipped', 'completed', 'failed']
const EXCHANGES = ['requests', 'responses', 'failures']
const PER_SECOND: Record<string, string> = { arrivalRate: 'launched', requestRate: 'requests' }
const THROUGHPUT = 'throughput'
const ERRORS = 'errors'
const POINT = '(min|max|mean|count|p\\d+)'
const LATENCY = new RegExp(`^(?:(${LATENCIES.join('|')})\\.)?${POINT}$`)
const ARTILLERY_SUMMARY = new RegExp(`^(.+)\\.(?:${POINT}|median)$`)

/** What each selection has of its own. */
const PARTS: Record<Selection['dimension'], readonly string[]> = {
  endpoint: [...EXCHANGES, 'requestRate'],
  scenario: [...EXCHANGES, 'requestRate', 'launched', 'arrivalRate'],
  phase: [...EXCHANGES, 'requestRate', ...LAUNCHES, 'arrivalRate'],
}
const OWN = [...LATENCIES, ...LAUNCHES, ...EXCHANGES, ...Object.keys(PER_SECOND), THROUGHPUT, ERRORS, BASELINE]

/** Names as people write them; one that has other signs in it stands in single quotes. */
const NAMES = /"(?:[^"\\]|\\.)*"|'([^']+)'|[A-Za-z_$][\w$]*(?:\.[\w$]+)*(?!\s*\()(?![\w$])/g
/** What is no metric though it looks like one. */
const WORDS = new Set(['and', 'or', 'not', 'in', 'of'])

type Compiled = { names: string[]; holds(values: Readonly<Record<string, number>>): boolean }

function compiled(expression: string): Compiled {
  const names: string[] = []
  const text = expression.replace(NAMES, (found, quoted?: string) => {
    if (found.startsWith('"') || WORDS.has(found)) return found
    const name = quoted ?? found
    if (!names.includes(name)) names.push(name)
    return `m${names.indexOf(name)}`
  })
  const judge = compileExpression(text)
  return {
    names,
    holds: (values) => judge(Object.fromEntries(names.map((name, i) => [`m${i}`, values[name] ?? 0]))) === 1,
  }
}

/** What is wrong with an expression, or null. `near`: which of some names a name may be meant to be, or null. */
export function problemOf(
  expression: string,
  select: Selection | null,
  near: (name: string, known: readonly string[]) => string | null,
): string | null {
  let names: string[]
  try {
    ;({ names } = compiled(expression))
  } catch (cause) {
    return cause instanceof Error ? (cause.message.split('\n').at(-1) ?? cause.message) : String(cause)
  }
  const metrics = names.filter((name) => name !== BASELINE)
  if (metrics.length === 0) return 'it names no metric'
  if (names.includes(BASELINE) && metrics.length > 1) return 'with `baseline` it can name only one metric'
  return metrics.map((name) => problemOfName(name, select, near)).find((problem) => problem !== null) ?? null
}

function problemOfName(
  name: string,
  select: Selection | null,
  near: (name: string, known: readonly string[]) => string | null,
): string | null {
  const [head = name] = name.split('.')
  const latency = LATENCY.exec(name)
  if (select !== null) {
    const has = latency
      ? ['response', 'service', undefined].includes(latency[1])
      : PARTS[select.dimension].includes(name)
    const allowed = ['response', 'service', ...PARTS[select.dimension]]
    return has ? null : `one ${select.dimension} has no "${name}"; it has ${allowed.join(', ')}`
  }
  if (latency) return null
  if (LATENCIES.includes(head)) return `"${name}" is no point of a latency: min, mean, p50, p99, p999, max or count`
  if (OWN.includes(name) || head === ERRORS || /^status\.\d{3}$/.test(name)) return null
  // Anything else may be a metric of Artillery's or of the script's own; but a slip would never be counted, and its limit always hold.
  const meant = near(head, [...OWN, 'status'])
  return meant === null ? null : `there is no metric "${name}"; did you mean "${meant}"?`
}

/** A threshold made ready to be judged again and again. */
export type Judge = {
  threshold: OwnThreshold
  /** Which histograms of a frame it looks at. */
  histograms: readonly string[]
  /** Over `seconds` of load. `measured`: whether there was anything to judge. */
  judge(totals: Totals, seconds: Seconds): { ok: boolean; measured: boolean; observed: Judged['observed'] }
}

export function judgeOf(threshold: OwnThreshold): Judge {
  const { expression, select, baseline } = threshold
  const { names, holds } = compiled(expression)
  const metrics = names.filter((name) => name !== BASELINE)
  return {
    threshold,
    histograms: metrics.flatMap((name) => histogramOf(name, select)?.name ?? []),
    judge(totals, seconds) {
      const observed: Record<string, number | null> = Object.fromEntries(
        metrics.map((name) => [name, measuredOf(name, totals, { select, seconds })]),
      )
      const values = Object.values(observed)
      if (names.includes(BASELINE)) observed[BASELINE] = baseline
      if (Object.values(observed).includes(null)) return { ok: false, measured: false, observed }
      const ok = holds(observed as Record<string, number>)
      // None of none is no share of failures.
      const nothing = expression.includes('/') && values.every((value) => value === 0)
      return { ok: ok || nothing, measured: ok || !nothing, observed }
    },
  }
}

/** The value of the one metric that a relative threshold compares, in another run; null when it was not measured there. */
export function baselineOf({ expression, select }: OwnThreshold, totals: Totals, seconds: Seconds): number | null {
  const [name = ''] = compiled(expression).names.filter((name) => name !== BASELINE)
  return measuredOf(name, totals, { select, seconds })
}

export const isRelative = (threshold: Threshold): threshold is OwnThreshold =>
  threshold.kind === 'slsart' && compiled(threshold.expression).names.includes(BASELINE)

type Part = { select: Selection | null; seconds: Seconds }

function measuredOf(name: string, totals: Totals, { select, seconds }: Part): number | null {
  const counter = (metric: string): number =>
    totals.counter(select ? named(metric, select.dimension, select.value) : metric)
  const sum = (metric: string, dimension: 'error' | 'status', wanted: (value: string) => boolean): number =>
    [...totals.counters].reduce((total, [key, count]) => {
      const value = valueIn(key, metric, dimension)
      return value !== null && wanted(value) ? total + count : total
    }, 0)
  const latency = histogramOf(name, select)
  if (latency !== null) {
    const histogram = totals.histograms.get(latency.name)
    if (histogram !== undefined && histogram.count > 0) return pointOf(histogram, latency.point)
    if (latency.point === 'count') return 0
    // A counter of Artillery's may end like a point of a latency.
    return latency.sure ? null : (totals.counters.get(artillery(name)) ?? null)
  }
  if (name === THROUGHPUT) return sum('responses', 'status', (status) => /^[23]/.test(status)) / seconds
  if (name === ERRORS) return sum('errors', 'error', () => true)
  if (name.startsWith(`${ERRORS}.`)) return totals.counter(named('errors', 'error', name.slice(ERRORS.length + 1)))
  if (/^status\.\d{3}$/.test(name)) return totals.counter(named('responses', 'status', name.slice('status.'.length)))
  const perSecond = PER_SECOND[name]
  if (perSecond !== undefined) return counter(perSecond) / seconds
  return LAUNCHES.includes(name) || EXCHANGES.includes(name) ? counter(name) : totals.counter(artillery(name))
}

/** Which histogram a name is of, and which point of it; `sure` when it cannot be anything else. */
function histogramOf(name: string, select: Selection | null): { name: string; point: string; sure: boolean } | null {
  const own = LATENCY.exec(name)
  if (own) {
    const metric = own[1] === 'firstByte' ? 'first-byte' : (own[1] ?? 'response')
    return { name: select ? named(metric, select.dimension, select.value) : metric, point: own[2] ?? '', sure: true }
  }
  const artillerys = ARTILLERY_SUMMARY.exec(name)
  return artillerys ? { name: artillery(artillerys[1] ?? ''), point: artillerys[2] ?? 'p50', sure: false } : null
}

/** Milliseconds, or how many. p999 is 99.9 %. */
function pointOf(histogram: Histogram, point: string): number {
  if (point === 'count') return histogram.count
  if (point === 'min' || point === 'max') return microsToMillis(histogram[point])
  if (point === 'mean') return microsToMillis(Math.round(histogram.mean()))
  if (point === 'p100') return microsToMillis(histogram.max)
  const digits = point.slice(1)
  return microsToMillis(histogram.percentile(Number(`${digits.slice(0, 2)}.${digits.slice(2)}`)))
}
