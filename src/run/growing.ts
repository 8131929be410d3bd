/**
 * What the workers of a run write into its store, as it comes: each worker's batches by their numbers, all workers' events by their times. What
 * is told ends where the worker ends that has told least, so that a moment is told of once, and whole; whoever has told nothing for too long is
 * not waited for.
 */
import type { Store } from '../store/store.ts'
import type { Millis } from '../units.ts'
import { nameOf } from '../wire/attempts.ts'
import { batchKey } from '../wire/keys.ts'
import type { SliceAttempt } from '../wire/orders.ts'
import { type Kept, keptIn } from './batches.ts'

/** Workers write a batch every 30 s at the least, and may have to try again. */
const SILENT: Millis = 75_000
/** From asking in vain for a batch to asking again, at the least. */
const AGAIN: Millis = 1_000
const AT_ONCE = 32

/** `at`: of the latest that it told; `gap`: how much later that was than in the batch before; `asks`: when its next batch is asked for. */
type Source = SliceAttempt & { begins: Millis; seq: number; at: Millis; gap: Millis; asks: Millis; isDone: boolean }

export class GrowingBatches {
  /** Everything until then has been told. */
  asOf: Millis = Number.NEGATIVE_INFINITY
  private readonly store: Pick<Store, 'get'>
  private readonly sources = new Map<string, Source>()
  private readonly held: Kept[] = []

  constructor(store: Pick<Store, 'get'>) {
    this.store = store
  }

  /** A worker is there. `begins`: when its load does; nothing can be told of it before that. */
  add(of: SliceAttempt, begins: Millis): void {
    const name = nameOf(of)
    if (this.sources.has(name)) return
    const { slice, attempt } = of
    const told = { at: Number.NEGATIVE_INFINITY, gap: 0, asks: Number.NEGATIVE_INFINITY }
    this.sources.set(name, { slice, attempt, begins, seq: 0, ...told, isDone: false })
  }

  /** What has come by now. Only some rounds of batches, one of each worker, are in memory at a time. `isLast`: nothing comes any more. */
  async *more(t0: Millis | null, now: Millis, isLast: boolean): AsyncGenerator<Kept> {
    for (let some = true; some; ) {
      const due = [...this.sources.values()].filter(({ isDone, asks }) => !isDone && (isLast || asks <= now))
      some = false
      for (let i = 0; i < due.length; i += AT_ONCE) {
        const found = await Promise.all(due.slice(i, i + AT_ONCE).map((source) => this.next(source, t0, now)))
        some ||= found.includes(true)
      }
      yield* this.ripe(now)
    }
    if (isLast) yield* this.held.splice(0)
  }

  /** Whether a source's next batch was there. */
  private async next(source: Source, t0: Millis | null, now: Millis): Promise<boolean> {
    const bytes = await this.store.get(batchKey(source.slice, source.attempt, source.seq))
    if (bytes === null) {
      source.asks = Math.max(now + AGAIN, Math.min(now, source.at) + source.gap)
      return false
    }
    const before = source.at
    const events = keptIn(bytes, source, t0)
    source.seq++
    source.gap = Number.isFinite(before) ? source.at - before : 0
    source.isDone = events.some(({ event }) => event.type === 'done' || event.type === 'fault')
    this.held.push(...events)
    return true
  }

  private ripe(now: Millis): Kept[] {
    const open = [...this.sources.values()].filter(({ isDone }) => !isDone)
    const least = open.reduce((until, { at, begins }) => Math.min(until, Math.max(at, begins)), now)
    this.asOf = Math.max(this.asOf, Math.min(now, Math.max(least, now - SILENT)))
    this.held.sort((a, b) => a.now - b.now)
    const ripe = this.held.findIndex((kept) => kept.now > this.asOf)
    return this.held.splice(0, ripe === -1 ? this.held.length : ripe)
  }
}
