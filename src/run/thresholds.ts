/**
 * The script's thresholds while the run goes on: judged a second at a time as the verdict will judge them at the end, on spans of their own
 * or on the run so far. The verdict does not look at this.
 */
import { periodOf } from '../measure/artillery.ts'
import { judgeEnsure } from '../measure/ensure.ts'
import type { Totals } from '../measure/merge.ts'
import { Spans } from '../measure/spans.ts'
import { judgeOf, type Threshold } from '../measure/thresholds.ts'
import type { Judged } from '../measure/verdict.ts'
import type { Seconds } from '../units.ts'

/** `ok`: null while there is nothing to judge. `since`: the second from which on that has been so. */
export type LiveThreshold = {
  said: string
  ok: boolean | null
  observed: Judged['observed']
  since: Seconds
  /** Whether the load ends when it does not hold. */
  abort: boolean
  /** Seconds until it will not hold if what it looks at goes on as in the last ones; null when nothing points there. */
  tripsIn: Seconds | null
}

/** `threshold`: its number. */
export type Tripped = { threshold: number; at: Seconds }

/** What a threshold of one number came to in the last seconds, to see where it is going. */
const TREND = 15
const SIMPLE = /^\s*[\w.']+\s*(<=?|>=?)\s*(?:baseline\s*\*\s*)?([\d.]+)\s*$/
/** Nobody waits for what is further off. */
const SOON: Seconds = 600

export class LiveThresholds {
  now: readonly LiveThreshold[]
  private readonly thresholds: readonly Threshold[]
  private readonly strict: boolean
  private readonly spans: Spans
  private readonly trends: number[][]

  /** `strict`: what never happened fails its threshold, as in Artillery. */
  constructor({ thresholds, strict }: { thresholds: readonly Threshold[]; strict: boolean }, duration: Seconds) {
    this.thresholds = thresholds
    this.strict = strict
    this.spans = new Spans(
      thresholds.filter((threshold) => threshold.kind === 'slsart'),
      Math.max(1, Math.floor(duration)),
    )
    this.trends = thresholds.map(() => [])
    this.now = thresholds.map(({ said, ...threshold }) => ({
      ...{ said, ok: null, observed: {}, since: 0, tripsIn: null },
      abort: threshold.kind === 'slsart' && threshold.abort,
    }))
  }

  /** Which histograms of a second they look at. */
  static histograms(thresholds: readonly Threshold[]): string[] {
    return thresholds.flatMap((threshold) => (threshold.kind === 'slsart' ? judgeOf(threshold).histograms : []))
  }

  /** One more second of the fleet, and the run with it; `on`: whether the load was on for all of it. */
  second(totals: Totals, { second, on, run }: { second: number; on: boolean; run: Totals }): void {
    if (this.thresholds.length === 0) return
    this.spans.second(totals, on)
    const own = this.spans.latest()
    const period = periodOf(run, { startedAt: 0, second: 0, seconds: second + 1 })
    const ensure = judgeEnsure(
      this.thresholds.filter((threshold) => threshold.kind === 'ensure'),
      period,
      this.strict,
    )
    this.now = this.thresholds.map((threshold, i) => {
      const judged = (threshold.kind === 'slsart' ? own.shift() : ensure.shift()) ?? null
      return this.next(i, judged, second + 1)
    })
  }

  /** The first that ends the load, and the end of the span over which it did not hold. */
  tripped(): Tripped | null {
    const threshold = this.now.findIndex(({ abort, ok }) => abort && ok === false)
    const tripped = this.now[threshold]
    return tripped === undefined ? null : { threshold, at: tripped.since }
  }

  private next(i: number, judged: Judged | null, at: Seconds): LiveThreshold {
    const before = this.now[i] as LiveThreshold
    const observed = judged?.observed ?? before.observed
    const known = judged !== null && !Object.values(observed).includes(null)
    const ok = known ? judged.ok : null
    return {
      ...before,
      ...{ ok, observed, since: ok === before.ok ? before.since : at },
      tripsIn: ok === true ? this.tripsIn(i, observed) : null,
    }
  }

  /** By the straight line through the first and the last of its values: a hint, which nothing hangs on. */
  private tripsIn(i: number, observed: Judged['observed']): Seconds | null {
    const { baseline = 1, ...metrics } = observed
    const [, relation, bound] = SIMPLE.exec((this.thresholds[i] as Threshold).expression) ?? []
    const [value] = Object.values(metrics)
    const trend = this.trends[i] as number[]
    if (bound === undefined || typeof value !== 'number' || typeof baseline !== 'number') return null
    trend.push(value)
    if (trend.length > TREND) trend.shift()
    if (trend.length < TREND) return null
    const slope = (value - (trend[0] as number)) / (TREND - 1)
    const left = (Number(bound) * baseline - value) / slope
    const nearing = relation?.startsWith('<') ? slope > 0 : slope < 0
    return nearing && left >= 0 && left <= SOON ? Math.ceil(left) : null
  }
}
