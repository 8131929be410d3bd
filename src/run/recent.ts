/**
 * The last minutes of a run, second by second: what charts, "now" and the thresholds as they stand are made of. An accumulator, like the
 * totals: frames add to the seconds that are open, and a second that is over is packed down to some kilobytes.
 *
 * What is counted here is what goes on, warm-up phases and all: sums over phases. Results leave those out.
 */
import { bandsOf } from '../measure/bands.ts'
import { ByteWriter } from '../measure/bytes.ts'
import type { Delta } from '../measure/frame.ts'
import { Histogram } from '../measure/histogram.ts'
import { addDelta, type Beside, deltaOf, Totals } from '../measure/merge.ts'
import { beginningOf, valueIn } from '../measure/names.ts'
import type { Seconds } from '../units.ts'

/** How many seconds are kept. */
const KEPT = 300
/** How long after a second's end its frames are waited for. */
const GRACE: Seconds = 0.5
/** Endpoints and errors of one second that are told apart: names without end must not fill the memory. */
const NAMES = 200

/** The latencies of one second: to be added up again, and to be drawn. */
export type Timed = { delta: Delta; bands: Uint32Array }
type Sums = Record<'launched' | 'requests' | 'responses', number>

export type Second = Sums & {
  second: number
  /** Virtual users that failed, by code. */
  errors: ReadonlyMap<string, number>
  requestsOf: ReadonlyMap<string, number>
  response: Timed | null
  service: Timed | null
}

const TIMED = ['response', 'service'] as const

export class Recent {
  /** Those that are over, the oldest first, without a gap. */
  readonly seconds: Second[] = []
  private readonly open = new Map<number, Totals>()
  private readonly spare: Totals[] = []
  private readonly wanted: ReadonlySet<string>
  private readonly scratch = new ByteWriter()
  private readonly sum = new Histogram()
  private next = 0

  /** `wanted`: histograms that are kept whole until their second is over. */
  constructor(wanted: Iterable<string>) {
    this.wanted = new Set(wanted)
  }

  /** Where to add what a frame of that second holds. One that comes when its second is over counts in the next: the sums stay right. */
  of(second: number): Beside {
    const at = Math.max(this.next, second)
    const totals = this.open.get(at) ?? this.spare.pop() ?? new Totals()
    this.open.set(at, totals)
    return {
      counter: (name, value) => void totals.counters.set(name, totals.counter(name) + value),
      histogram: ({ name }) => (this.wanted.has(name) || isTimed(name) ? totals.histogram(name) : null),
    }
  }

  /**
   * Packs the seconds that are over `at` seconds into the run, showing each; how many there were. `heard`: whether all frames of a second
   * have come; without them it is over a little later.
   */
  close(at: Seconds, heard: (second: number) => boolean, show: (totals: Totals, second: number) => void): number {
    const before = this.next
    while (at >= this.next + 1 && (at >= this.next + 1 + GRACE || heard(this.next))) {
      const second = this.next++
      const totals = this.open.get(second) ?? this.spare.pop() ?? new Totals()
      this.open.delete(second)
      show(totals, second)
      this.seconds.push(this.packed(second, totals))
      if (this.seconds.length > KEPT) this.seconds.shift()
      totals.clear()
      this.spare.push(totals)
    }
    return this.next - before
  }

  private packed(second: number, totals: Totals): Second {
    const sums: Sums = { launched: totals.counter('launched'), requests: 0, responses: 0 }
    const errors = new Map<string, number>()
    const requestsOf = new Map<string, number>()
    const note = (into: Map<string, number>, name: string | null, value: number): void => {
      if (name !== null && into.size < NAMES) into.set(name, value)
    }
    for (const [name, value] of totals.counters) {
      for (const metric of ['requests', 'responses'] as const) {
        if (valueIn(name, metric, 'phase') !== null) sums[metric] += value
      }
      note(errors, valueIn(name, 'errors', 'error'), value)
      note(requestsOf, valueIn(name, 'requests', 'endpoint'), value)
    }
    const [response, service] = TIMED.map((metric) => this.timed(metric, totals)) as [Timed | null, Timed | null]
    return { second, ...sums, errors, requestsOf, response, service }
  }

  private timed(metric: (typeof TIMED)[number], { histograms }: Totals): Timed | null {
    const { sum, scratch } = this
    sum.clear()
    for (const [name, histogram] of histograms) {
      if (valueIn(name, metric, 'phase') !== null && histogram.count > 0)
        addDelta(deltaOf(name, histogram, scratch), sum)
    }
    return sum.count === 0 ? null : { delta: deltaOf(metric, sum, scratch), bands: bandsOf(sum) }
  }
}

/** Put together once: it is asked of every histogram of every frame. */
const BEGINNINGS = TIMED.map((metric) => beginningOf(metric, 'phase'))
const isTimed = (name: string): boolean => BEGINNINGS.some((beginning) => name.startsWith(beginning))

/** The latencies of several seconds together, in a histogram of the caller's. */
export function addUp(seconds: readonly Second[], metric: (typeof TIMED)[number], into: Histogram): Histogram {
  into.clear()
  for (const second of seconds) {
    const timed = second[metric]
    if (timed !== null) addDelta(timed.delta, into)
  }
  return into
}
