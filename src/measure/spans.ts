/**
 * Thresholds over spans: each second of the run is added once, in order, and every span that ends with it is judged. The seconds of a
 * span are kept as encoded counts, some kilobytes each, and added up anew: a histogram object for each would be 94 kB.
 */
import type { Seconds } from '../units.ts'
import { ByteWriter } from './bytes.ts'
import type { Delta } from './frame.ts'
import { addDelta, deltaOf, Totals } from './merge.ts'
import { isRelative, type Judge, judgeOf, type OwnThreshold } from './thresholds.ts'
import type { Judged } from './verdict.ts'

type Second = { counters: [string, number][]; histograms: Delta[] }
type Span = Judge & {
  length: Seconds
  /** Of the run so far, when it has no span of its own. */
  sofar: Totals
  first: Judged | null
  last: Judged | null
}

export class Spans {
  private readonly spans: Span[]
  private readonly seconds: Second[] = []
  private readonly kept: number
  private readonly added: Totals = new Totals()
  private readonly scratch = new ByteWriter()
  private now: Seconds = 0
  /** How many seconds without a break the load has been on. */
  private on: Seconds = 0

  /** `duration`: of the load. A span longer than that is the whole of it. */
  constructor(thresholds: readonly OwnThreshold[], duration: Seconds) {
    const whole = Math.max(1, Math.ceil(duration))
    this.spans = thresholds.map((threshold) => ({
      ...judgeOf(threshold),
      ...{ length: Math.min(threshold.span ?? whole, whole), sofar: new Totals(), first: null, last: null },
    }))
    this.kept = Math.max(0, ...this.spans.map(({ threshold, length }) => (threshold.span === null ? 0 : length)))
  }

  /**
   * One more second of the whole fleet; `on`: whether the load was on for all of it. A span in which it was not is not judged. The indices of
   * thresholds that did not hold over a span that ended with this second.
   */
  second(totals: Totals, on: boolean): number[] {
    const second = this.compact(totals)
    this.now++
    this.on = on ? this.on + 1 : 0
    this.seconds.push(second)
    if (this.seconds.length > this.kept) this.seconds.shift()
    return this.spans.flatMap((span, i) => {
      if (span.threshold.span === null) add(second, span.sofar)
      return this.judge(span) ? [] : [i]
    })
  }

  /** What came of each: the first span in which it did not hold, else the last one that was judged; null without one. */
  judged(): (Judged | null)[] {
    return this.spans.map(({ first, last }) => first ?? last)
  }

  /** Each as it was judged last; null when it has not been yet. */
  latest(): (Judged | null)[] {
    return this.spans.map(({ last }) => last)
  }

  private judge(span: Span): boolean {
    const { threshold, length } = span
    if (this.on < (threshold.span === null ? 1 : length)) return true
    const { ok, measured, observed } = span.judge(
      threshold.span === null ? span.sofar : this.sumOf(length),
      Math.min(length, this.now),
    )
    if (!measured) return true
    const at = { from: threshold.span === null ? 0 : this.now - length, to: this.now }
    const { said, strict } = threshold
    const judged = { said, strict, ok, observed, at, relative: isRelative(threshold) }
    span.last = judged
    if (!ok) span.first ??= judged
    return ok
  }

  private sumOf(length: Seconds): Totals {
    this.added.clear()
    for (const second of this.seconds.slice(-length)) add(second, this.added)
    return this.added
  }

  private compact(totals: Totals): Second {
    const wanted = new Set(this.spans.flatMap(({ histograms }) => histograms))
    const histograms = [...wanted].flatMap((name): Delta[] => {
      const histogram = totals.histograms.get(name)
      return histogram === undefined || histogram.count === 0 ? [] : [deltaOf(name, histogram, this.scratch)]
    })
    return { counters: [...totals.counters], histograms }
  }
}

function add({ counters, histograms }: Second, into: Totals): void {
  for (const [name, value] of counters) into.counters.set(name, into.counter(name) + value)
  for (const delta of histograms) addDelta(delta, into.histogram(delta.name))
}
