/**
 * Frames to totals. Adding is idempotent and free of order: the same frames, shuffled and doubled, give the same
 * numbers bit for bit, because a frame is added once for its (slice, attempt, seq) and all sums are of integers.
 * Held by test/property/merge.test.ts.
 */
import type { ByteWriter } from './bytes.ts'
import { type Delta, type Failure, type FrameHead, readFrame, readHead } from './frame.ts'
import { addGaps, writeGaps } from './gaps.ts'
import { Histogram } from './histogram.ts'
import { artilleryName, isPlainName } from './names.ts'

/**
 * Codes with a failure to show: an error message that is never the same twice must not fill the memory. Beyond it, which codes have one
 * hangs on the order of frames, and nothing else does.
 */
const CODES = 1_000

/**
 * Names in all totals together: workers that send more are not sent by a script. A histogram is 94 kB when values fall everywhere, 10 kB as a
 * rule; a counter 100 bytes.
 */
const MOST_COUNTERS = 100_000
const MOST_HISTOGRAMS = 4_000

const isBefore = (a: Failure, b: Failure): boolean =>
  a.second < b.second || (a.second === b.second && a.arrival < b.arrival)

/** A histogram as a frame carries it, some kilobytes instead of 188: to be kept, and added up again. `scratch` is reused. */
export function deltaOf(name: string, histogram: Histogram, scratch: ByteWriter): Delta {
  const { count, min, max, sum } = histogram
  scratch.clear()
  writeGaps(histogram, scratch)
  return { name, count, min, max, sum, payload: scratch.written().slice() }
}

/** Adds one histogram of a frame to another, and to one `beside` it: read once, in three fifths of the time. */
export function addDelta(delta: Delta, into: Histogram, beside: Histogram | null = null): void {
  into.makeRoom(delta.count)
  beside?.makeRoom(delta.count)
  addGaps(delta.payload, into, beside)
  summed(delta, into)
  if (beside !== null) summed(delta, beside)
}

function summed({ count, min, max, sum }: Delta, into: Histogram): void {
  into.count += count
  into.sum += sum
  if (min < into.min) into.min = min
  if (max > into.max) into.max = max
}

/** Who counts what is in a frame as well: hears of its counters and histograms, and says to which histogram of its own one is added. */
export type Beside = { counter(name: string, value: number): void; histogram(delta: Delta): Histogram | null }

export class Totals {
  readonly counters: Map<string, number> = new Map()
  readonly histograms: Map<string, Histogram> = new Map()
  /** Of each error code the earliest, so that it does not hang on the order in which frames came. */
  readonly failures: Map<string, Failure> = new Map()
  private readonly seen = new Map<string, SeqSet>()

  /** Adds a frame, and to what is `beside`; null when it was added before. Throws a RangeError on bytes that are damaged, or were made to do harm: they do not count as seen, though what came before it in them has been added. */
  add(bytes: Uint8Array, beside?: Beside): FrameHead | null {
    const head = readHead(bytes)
    const key = `${head.slice}/${head.attempt}`
    const seqs = this.seen.get(key) ?? new SeqSet()
    if (seqs.has(head.seq)) return null
    readFrame(bytes, {
      counter: (name, value) => {
        const known = this.counters.get(name)
        if (known === undefined) admit(name, this.counters.size < MOST_COUNTERS)
        // Hooks may count downwards; what we count ourselves only grows.
        if (value < 0 && artilleryName(name) === null) throw new RangeError(`${value} of a counter`)
        this.counters.set(name, (known ?? 0) + value)
        beside?.counter(name, value)
      },
      histogram: (delta) => {
        if (!this.histograms.has(delta.name)) admit(delta.name, this.histograms.size < MOST_HISTOGRAMS)
        addDelta(delta, this.histogram(delta.name), beside?.histogram(delta))
      },
      failure: (failure) => this.keep(failure),
    })
    seqs.add(head.seq)
    this.seen.set(key, seqs)
    return head
  }

  private keep(failure: Failure): void {
    const known = this.failures.get(failure.code)
    if (known === undefined ? this.failures.size < CODES : isBefore(failure, known)) {
      this.failures.set(failure.code, failure)
    }
  }

  /** The counter's value, 0 if it never occurred. */
  counter(name: string): number {
    return this.counters.get(name) ?? 0
  }

  /** The histogram of that name, made empty when it is asked for first. */
  histogram(name: string): Histogram {
    const found = this.histograms.get(name)
    if (found) return found
    const fresh = new Histogram()
    this.histograms.set(name, fresh)
    return fresh
  }

  /** How many different frames of an attempt have been added. */
  framesOf(slice: number, attempt: number): number {
    return this.seen.get(`${slice}/${attempt}`)?.size ?? 0
  }

  /** Ready for the next span of a series; the memory of the histograms is kept. */
  clear(): void {
    this.counters.clear()
    this.failures.clear()
    this.seen.clear()
    for (const histogram of this.histograms.values()) histogram.clear()
  }
}

/** Asked once for each name, not for each frame. */
function admit(name: string, isRoom: boolean): void {
  if (!isPlainName(name)) throw new RangeError('a name that is none')
  if (!isRoom) throw new RangeError('more names than a script has')
}

/** Which sequence numbers were seen: all below `next`, and the few that came early. Small however long the run. */
class SeqSet {
  private next = 0
  private readonly early = new Set<number>()

  get size(): number {
    return this.next + this.early.size
  }

  has(seq: number): boolean {
    return seq < this.next || this.early.has(seq)
  }

  add(seq: number): void {
    this.early.add(seq)
    while (this.early.delete(this.next)) this.next++
  }
}
