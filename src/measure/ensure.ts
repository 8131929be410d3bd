/**
 * Artillery's `ensure`: expressions over the metrics of the whole run, under Artillery's names, judged on the merged fleet.
 * A counter that never counted is 0, so that `errors.ETIMEDOUT: 1` holds when nothing timed out (Artillery fails it); a
 * latency that nobody measured is nothing, and no limit on it holds.
 */
import { compileExpression } from 'filtrex'
import type { ArtilleryPeriod } from './artillery.ts'
import type { Judged } from './verdict.ts'

export type EnsureThreshold = { kind: 'ensure'; said: string; expression: string; strict: boolean }

type Metrics = ReadonlyMap<string, number | string>

/** `strict`: what never happened fails its limit, as in Artillery. */
export function judgeEnsure(thresholds: readonly EnsureThreshold[], run: ArtilleryPeriod, strict: boolean): Judged[] {
  const metrics = metricsOf(run)
  return thresholds.map((threshold) => {
    const { text, names } = withSymbols(threshold.expression, metrics)
    const observed = Object.fromEntries(
      names.map((name) => [name, metrics.get(name) ?? (strict ? null : unseen(name))]),
    )
    const missing = Object.values(observed).includes(null)
    const values = Object.fromEntries(names.map((name, i) => [`m${i}`, observed[name] ?? 0]))
    const ok = !missing && compileExpression(text)(values) === 1
    return { said: threshold.said, strict: threshold.strict, observed, ok, at: null, relative: false }
  })
}

/** What is wrong with an expression, or null. */
export function problemOf(expression: string): string | null {
  try {
    compileExpression(withSymbols(expression, new Map()).text)
    return null
  } catch (cause) {
    return cause instanceof Error ? (cause.message.split('\n').at(-1) ?? cause.message) : String(cause)
  }
}

function metricsOf({ counters, rates, summaries }: ArtilleryPeriod): Metrics {
  const metrics = new Map<string, number | string>([...Object.entries(counters), ...Object.entries(rates)])
  for (const [name, summary] of Object.entries(summaries)) {
    for (const [aggregation, value] of Object.entries(summary)) metrics.set(`${name}.${aggregation}`, value)
  }
  const apdex = apdexOf(counters)
  if (apdex !== null) metrics.set('apdex', apdex.score).set('ranking', apdex.ranking)
  return metrics
}

const SUMMARIES = /\.(min|max|count|mean|median|p50|p75|p90|p95|p99|p999)$/
const unseen = (name: string): number | null =>
  SUMMARIES.test(name) || name === 'apdex' || name === 'ranking' ? null : 0

/** What is no metric though it looks like one. */
const WORDS = new Set(['and', 'or', 'not', 'in', 'of'])
const NAME = '[A-Za-z_$][\\w$]*(?:[.-][\\w$]+)*'

/**
 * Metric names to symbols that an expression can hold: known ones, which may have spaces and slashes in them, the longest
 * first, so that `vusers.created` is not found in `vusers.created_by_name.a`; then what has the form of one.
 */
function withSymbols(expression: string, metrics: Metrics): { text: string; names: string[] } {
  const known = [...metrics.keys()].filter((name) => expression.includes(name)).toSorted((a, b) => b.length - a.length)
  const escaped = known.map((name) => `${name.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}(?![\\w.])`)
  const pattern = new RegExp(['"(?:[^"\\\\]|\\\\.)*"', ...escaped, `${NAME}(?![\\w$])(?!\\s*\\()`].join('|'), 'g')
  const names: string[] = []
  const text = expression.replace(pattern, (found) => {
    if (found.startsWith('"') || WORDS.has(found)) return found
    if (!names.includes(found)) names.push(found)
    return `m${names.indexOf(found)}`
  })
  return { text, names }
}

/** Artillery's score: (satisfied + tolerated / 2) / all. */
export function apdexOf(counters: Readonly<Record<string, number>>): { score: number; ranking: string } | null {
  const [satisfied, tolerated, frustrated] = ['satisfied', 'tolerated', 'frustrated'].map(
    (name) => counters[`apdex.${name}`] ?? 0,
  ) as [number, number, number]
  const all = satisfied + tolerated + frustrated
  if (all === 0) return null
  const score = (satisfied + tolerated / 2) / all
  const ranking = RANKINGS.find(([least]) => score >= least)?.[1] ?? 'unacceptable'
  return { score, ranking }
}

const RANKINGS = [
  [0.94, 'excellent'],
  [0.85, 'good'],
  [0.7, 'fair'],
  [0.49, 'poor'],
] as const
