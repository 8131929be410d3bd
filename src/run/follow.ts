/**
 * A run that another process leads, followed as it goes on: by the log that its conductor writes here, or from its store alone. What is shown
 * is what the reducer makes of what happened, as it is for whoever leads it; at the end the record is read, not this.
 */
import { stat } from 'node:fs/promises'
import { slicesOf } from '../plan/slices.ts'
import { documentIn } from '../store/documents.ts'
import type { Store } from '../store/store.ts'
import type { Millis } from '../units.ts'
import { claimsPrefix, ordersKey, overKey } from '../wire/keys.ts'
import type { Orders, SliceAttempt } from '../wire/orders.ts'
import { claimantOf, Refilled } from './fetch.ts'
import { GrowingBatches } from './growing.ts'
import { hasLapsed } from './kill.ts'
import { LogTail, type RunLog } from './log.ts'
import { eventsPath, lastOf, type RunHead } from './record.ts'
import { begin, type RunState, reduce } from './state.ts'
import { hasEnded } from './workers.ts'

/** `quiet`: nothing was written here for so long that whoever does so may be gone. */
type Going = 'on' | 'quiet' | 'over'

export type Follower = {
  readonly state: RunState
  /** How long ago the run was as it is shown. */
  readonly behind: Millis
  /** Takes in what has happened by now. Throws what its store throws, and may be called again then. */
  look(now: Millis): Promise<Going>
}

/** A conductor writes down what it hears of each worker every second once the load is on. */
export const QUIET: Millis = 10_000

/** By the log that is written here. */
export class LogFollower implements Follower {
  readonly behind = 0
  state: RunState
  private readonly folder: string
  private readonly tail: LogTail

  constructor(head: RunHead, folder: string) {
    this.folder = folder
    this.tail = new LogTail(eventsPath(folder))
    this.state = begin(head.plan, head.launchedAt, head.script)
  }

  async look(now: Millis): Promise<Going> {
    // First: by then all is in the log.
    const isOver = (await lastOf(this.folder)) !== null
    const { mtimeMs } = await stat(eventsPath(this.folder))
    for (const logged of this.tail.more()) this.state = reduce(this.state, logged.event, logged.now)
    this.state = reduce(this.state, { type: 'tick' }, now)
    if (isOver) return 'over'
    return now - mtimeMs > QUIET ? 'quiet' : 'on'
  }
}

/** Workers' claims are looked for so often: one that replaces another is not seen before. */
const CLAIMS: Millis = 10_000

const noLog: RunLog = { frame() {}, event() {}, problem: () => null, close: async () => 0 }

/** By its store, as far behind as workers write their batches. */
export class StoreFollower implements Follower {
  behind: Millis = 0
  private readonly store: Store
  private readonly record: Refilled
  private readonly batches: GrowingBatches
  /** Of each slice, in milliseconds of the run. */
  private readonly begins: readonly Millis[]
  private claimed: SliceAttempt[] = []
  private claimsAt: Millis = Number.NEGATIVE_INFINITY

  constructor(head: RunHead, store: Store) {
    this.store = store
    this.record = new Refilled(head, noLog)
    this.record.happen({ type: 'fetched' }, head.launchedAt)
    this.batches = new GrowingBatches(store)
    this.begins = slicesOf(head.plan.windows).map(({ window }) => window.from * 1000)
  }

  get state(): RunState {
    return this.record.state
  }

  async look(now: Millis): Promise<Going> {
    const { store, record, batches } = this
    // First: by then all is in the store.
    const isOver = (await store.get(overKey)) !== null
    const orders = await documentIn<Orders>(store, ordersKey)
    if (orders === null) return 'over'
    const { t0 } = orders
    const isBeginning = t0 !== null && this.state.t0 === null
    if (isOver || isBeginning || now - this.claimsAt >= CLAIMS) await this.lookForClaims(now)
    this.heed(orders)
    for await (const kept of batches.more(t0, now, isOver)) record.hear(kept)
    if (orders.stop !== null || (isOver && !orders.led)) record.end(orders, isOver)
    const asOf = t0 === null || isOver ? now : Math.max(t0, batches.asOf)
    record.happen({ type: 'tick' }, asOf)
    this.behind = now - asOf
    return isOver || hasLapsed({ orders }, now) ? 'over' : 'on'
  }

  private async lookForClaims(now: Millis): Promise<void> {
    if (this.state.workers.every(hasEnded)) return
    this.claimed = (await this.store.list(claimsPrefix)).flatMap((key) => claimantOf(key) ?? [])
    this.claimsAt = now
  }

  /** What the orders tell beside stops. An epoch and who joins are told of as they are known, not when they begin: nothing is known of that yet. */
  private heed(orders: Orders): void {
    const { record, batches, claimed } = this
    const { t0, epochs, joined } = orders
    record.begin({ ...orders, epochs: [], joined: [] }, claimed)
    if (t0 === null) return
    const when = Math.max(t0, batches.asOf)
    for (let n = this.state.epochs.length + 1; n <= epochs.length; n++) {
      record.happen({ type: 'steered', epochs: epochs.slice(0, n) }, when)
    }
    for (const { from, ...of } of joined) {
      const attempt = this.state.workers[of.slice]?.attempts.find((one) => one.attempt === of.attempt)
      if (attempt !== undefined && attempt.from !== from) record.happen({ type: 'joined', ...of, from }, when)
    }
    for (const of of claimed) batches.add(of, this.beginOf(of, t0))
  }

  /** A later attempt begins when it is told to: nobody waits for what it tells. */
  private beginOf({ slice, attempt }: SliceAttempt, t0: Millis): Millis {
    return attempt === 1 ? t0 + (this.begins[slice] ?? 0) : Number.POSITIVE_INFINITY
  }
}
