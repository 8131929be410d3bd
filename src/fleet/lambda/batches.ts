/** A worker's batches, read from the run's store as they appear there. */
import type { Store } from '../../store/store.ts'
import { EventDecoder, type WorkerEvent } from '../../wire/events.ts'
import { batchKey } from '../../wire/keys.ts'

export type Hear = (event: WorkerEvent) => void

export class BatchReader {
  private readonly store: Store
  private readonly of: { slice: number; attempt: number }
  private readonly hear: Hear
  private readonly taken = new Set<string>()
  private next: number | null = null

  constructor(store: Store, of: { slice: number; attempt: number }, hear: Hear) {
    this.store = store
    this.of = of
    this.hear = hear
  }

  /**
   * Hears what came since the last look, and returns whether there was anything. Listing costs more than asking for the next batch;
   * it is done first and last (`whole`), and finds what comes after one that is missing.
   */
  async take(whole: boolean): Promise<boolean> {
    return this.next === null || whole ? this.listed() : this.following(this.next)
  }

  private async listed(): Promise<boolean> {
    const { slice, attempt } = this.of
    const prefix = batchKey(slice, attempt, 0).replace(/[^/]*$/, '')
    let any = false
    for (const key of await this.store.list(prefix)) {
      const bytes = this.taken.has(key) ? null : await this.store.get(key)
      if (bytes === null) continue
      this.read(key, bytes)
      this.next = Number.parseInt(key.slice(prefix.length), 10) + 1
      any = true
    }
    return any
  }

  private async following(from: number): Promise<boolean> {
    for (let seq = from; ; seq++) {
      const key = batchKey(this.of.slice, this.of.attempt, seq)
      const bytes = await this.store.get(key)
      if (bytes === null) return seq > from
      this.read(key, bytes)
      this.next = seq + 1
    }
  }

  /** Each batch holds whole events: one that is damaged takes no other with it. */
  private read(key: string, bytes: Uint8Array): void {
    this.taken.add(key)
    let events: WorkerEvent[] = []
    try {
      events = new EventDecoder().push(bytes)
    } catch {}
    for (const event of events) this.hear(event)
  }
}
