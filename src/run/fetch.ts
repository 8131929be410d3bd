/**
 * A run's record made from its store, for a run that was conducted elsewhere, or whose conductor was killed: the same run.json,
 * events.bin and, when the run came to its end, ending.json that it would have kept itself. What is in the folder already stays, and what the
 * store has beside it is added; what is in neither is missing, and the verdict says so.
 *
 * Held to the conductor's own record by test/e2e/fetch.test.ts.
 */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { usageErrors } from '../errors.ts'
import { payloadsAt, readHead } from '../measure/frame.ts'
import { sliceAt } from '../plan/slices.ts'
import { documentIn } from '../store/documents.ts'
import { folderStore, OWN_FOLDER } from '../store/folder.ts'
import type { Store } from '../store/store.ts'
import type { Millis } from '../units.ts'
import { claimsPrefix, headKey, ordersKey, overKey } from '../wire/keys.ts'
import {
  isInTime,
  joinsFrom,
  leaseEnd,
  leaseExpired,
  type Orders,
  type Ready,
  type SliceAttempt,
} from '../wire/orders.ts'
import { packed } from '../wire/packing.ts'
import { batchesOf, type Kept } from './batches.ts'
import { eventsOf, openRunLog, type RunLog } from './log.ts'
import {
  briefOf,
  type Ending,
  eventsPath,
  keepEnding,
  type RunHead,
  type RunRecord,
  readableHead,
  recordOf,
} from './record.ts'
import { begin, type RunEvent, type RunState, reduce } from './state.ts'
import { hasEnded, lastAttempt, lastOf, type WorkerState } from './workers.ts'

const REPLACED = 'given up by the conductor'
const WORDLESS = 'ended without a word'

/** A conductor hears of each worker every second once the load is on. */
const QUIET: Millis = 10_000

/**
 * Throws a UsageError when there is no such run in the store, and whatever the store throws. `now`: a log that its conductor still writes is
 * left alone. Of a run that has come to its end, what `readRecord` would make of the folder now; null of any other.
 */
export async function fetchRun(store: Store, folder: string, now: Millis): Promise<RunRecord | null> {
  if (!existsSync(join(folder, headKey))) await fetchHead(store, folder)
  const head = await readableHead(folder)
  const orders = await documentIn<Orders>(store, ordersKey)
  const kept = existsSync(eventsPath(folder))
  if (kept && orders !== null && (await isWritten(eventsPath(folder), orders, now))) return null
  const claimed = (await store.list(claimsPrefix)).flatMap((key) => claimantOf(key) ?? [])

  // Another process may be doing the same.
  const fresh = `${eventsPath(folder)}.${randomUUID()}.fetched`
  const log = openRunLog(fresh)
  const record = new Refilled(head, log)
  let logged = 0
  try {
    if (kept) for (const { now, event } of eventsOf(eventsPath(folder))) record.happen(event, now)
    if (!record.state.fetched) record.happen({ type: 'fetched' }, record.last)
    record.begin(orders, claimed)
    for await (const kept of batchesOf(store, record.state.t0)) record.hear(kept)
    record.end(orders, (await store.get(overKey)) !== null)
    logged = await log.close()
    const problem = log.problem()
    if (problem !== null) throw usageErrors.notFetched(folder, problem)
    await rename(fresh, eventsPath(folder))
  } finally {
    await rm(fresh, { force: true })
  }

  const { state, last: endedAt } = record
  if (!state.workers.every(hasEnded)) return null
  const ending: Ending = { endedAt, after: null, suggested: state.suggested, problem: null, logged }
  const whole = recordOf({ folder, head, state, cut: null, counted: null }, ending)
  await keepEnding(folder, { ...ending, ...briefOf(whole) })
  return whole
}

/** Whoever was killed renews no lease; and what a load of ten seconds ago told is in the log of a conductor that lives. */
async function isWritten(log: string, orders: Orders, now: Millis): Promise<boolean> {
  const { mtimeMs } = await stat(log)
  return !leaseExpired(orders, now) && (orders.t0 === null || now < orders.t0 || now - mtimeMs < QUIET)
}

/** Throws a UsageError when there is no such run in the store. */
export async function fetchHead(store: Store, folder: string): Promise<void> {
  const bytes = await store.get(headKey)
  if (bytes === null) throw usageErrors.notInStore()
  await mkdir(folder, { recursive: true, mode: OWN_FOLDER })
  // Whole at once: another process may be fetching it too, and reads it when it is there.
  await folderStore(folder).put(headKey, bytes)
}

/** Of a claim's key; null for a hook's. */
export function claimantOf(key: string): SliceAttempt | null {
  const [, slice, attempt] = /^claims\/(\d+)-(\d+)$/.exec(key) ?? []
  return slice === undefined ? null : { slice: Number(slice), attempt: Number(attempt) }
}

/** The state as the events make it, and the log of those that changed it. */
export class Refilled {
  state: RunState
  /** When the latest thing happened. */
  last: Millis
  private readonly head: RunHead
  private readonly log: RunLog
  private tripped: RunState['tripped'] = null
  private led = true

  constructor(head: RunHead, log: RunLog) {
    this.head = head
    this.log = log
    this.state = begin(head.plan, head.launchedAt, head.script)
    this.last = head.launchedAt
  }

  /** `stored`: of a frame, as it is in the store; it is packed anew without. */
  happen(event: RunEvent, now: Millis, stored: Uint8Array | null = null): void {
    this.last = Math.max(this.last, now)
    if (event.type !== 'frame') {
      this.state = reduce(this.state, event, now)
      return this.log.event(event, now)
    }
    const { totals } = this.state
    const { slice, attempt, second } = readHead(event.bytes)
    const before = totals.framesOf(slice, attempt)
    const next = readable(() => reduce(this.state, event, now))
    if (next === null) return
    this.state = next
    if (totals.framesOf(slice, attempt) > before) {
      const { bytes } = event
      this.log.frame({ slice, second }, stored ?? packed(bytes, payloadsAt(bytes), deflateSync), now)
    }
    this.tripped ??= this.state.thresholds.tripped()
  }

  /** Who was launched, and when they were told to go. */
  begin(orders: Orders | null, claimed: readonly SliceAttempt[]): void {
    const { launchedAt } = this.head
    this.led = orders?.led ?? true
    const isNew = ({ slice, attempt }: SliceAttempt): boolean => {
      const worker = this.state.workers[slice]
      return worker !== undefined && attempt > lastAttempt(worker)
    }
    const numbers = [...new Set(claimed.map(({ attempt }) => attempt))].toSorted((a, b) => a - b)
    for (const attempt of numbers) {
      const slices = claimed
        .filter((claimant) => claimant.attempt === attempt && isNew(claimant))
        .map(({ slice }) => slice)
      if (slices.length === 0) continue
      for (const slice of slices) this.replaced(slice)
      this.happen({ type: 'launched', slices, attempt }, launchedAt)
    }
    const t0 = orders?.t0 ?? null
    if (t0 !== null && this.state.t0 === null) this.happen({ type: 'go', t0 }, t0)
    for (const joined of orders?.joined ?? []) {
      const known = this.state.workers[joined.slice]?.attempts.find(({ attempt }) => attempt === joined.attempt)
      if (known !== undefined && known.from !== joined.from)
        this.happen({ type: 'joined', ...joined }, (t0 ?? launchedAt) + joined.from * 1000)
    }
    const epochs = orders?.epochs ?? []
    if (t0 !== null && epochs.length > this.state.epochs.length) {
      this.happen({ type: 'steered', epochs }, t0 + (epochs[0]?.at ?? 0) * 1000)
    }
  }

  /** Why, its store does not say. */
  private replaced(slice: number): void {
    const worker = this.state.workers[slice]
    const before = worker?.attempts.at(-1)
    if (worker === undefined || before === undefined || hasEnded(worker)) return
    const gone = { type: 'gone', slice, attempt: before.attempt, reason: REPLACED, billed: null, again: true } as const
    this.happen(gone, this.last)
  }

  hear({ slice, attempt, now, event }: Kept): void {
    const worker = this.state.workers[slice]
    const of = { slice, attempt }
    const at = Number.isFinite(now) ? now : this.head.launchedAt
    switch (event.type) {
      case 'hooked':
      case 'returned':
        return
      case 'frame':
        return this.happen({ type: 'frame', slice, bytes: event.bytes }, at, event.packed)
      case 'fault':
        if (worker?.trouble?.fault == null) this.happen({ type: 'fault', ...of, fault: event }, at)
        if (worker?.is !== 'lost') this.happen({ type: 'gone', ...of, reason: 'ended', billed: null, again: false }, at)
        return
      case 'done':
        if (worker?.attempts.find((other) => other.attempt === attempt)?.own === null)
          this.happen({ ...event, ...of }, at)
        return
      default:
        if (isNews(this.state, worker, event)) this.happen({ ...event, ...of }, at)
        if (event.type === 'ready') this.joins({ ...of, at: event.at })
    }
  }

  /** Where nobody leads, a worker that is late has joined by itself. */
  private joins(ready: Ready): void {
    const { t0, plan, workers } = this.state
    const known = workers[ready.slice]?.attempts.find(({ attempt }) => attempt === ready.attempt)
    if (this.led || t0 === null || known === undefined) return
    const { from, to } = sliceAt(plan.windows, ready.slice).window
    if (isInTime(ready, t0, from) || known.from !== from) return
    const joined = Math.min(joinsFrom(ready, t0), to)
    this.happen({ type: 'joined', slice: ready.slice, attempt: ready.attempt, from: joined }, t0 + joined * 1000)
  }

  /** Why the load ended early, if it did, who was never launched, and, when the run is known to be over, who ended without a word. */
  end(orders: Orders | null, isOver: boolean): void {
    if (orders === null || orders.t0 === null) return
    const isEnded = this.endEarly({ ...orders, t0: orders.t0 })
    const isDeserted = isOver && !orders.led
    const slices = this.state.workers.filter(({ is }) => is === 'waiting').map(({ slice }) => slice)
    if ((isEnded || isDeserted) && slices.length > 0) this.happen({ type: 'cancelled', slices }, this.last)
    for (const worker of isDeserted ? this.state.workers : []) {
      if (hasEnded(worker)) continue
      this.happen({ type: 'gone', ...lastOf(worker), reason: WORDLESS, billed: null, again: false }, this.last)
    }
  }

  /** Whether it has now been said. The orders do not say when: at the latest when they were last written. */
  private endEarly(orders: Orders & { t0: Millis }): boolean {
    const { state, tripped } = this
    if (state.endedAt !== null) return false
    const told = state.workers.some(({ attempts }) => (attempts.at(-1)?.own?.lost ?? 0) > 0)
    if (orders.stop === null && !told) return false
    // The orders were last written when they said stop, or its workers were left to themselves.
    const left = orders.stop === null ? leaseEnd(orders) : orders.lease
    if (orders.until !== null && orders.until <= left) {
      this.happen({ type: 'stop', by: 'budget' }, Math.min(orders.until, this.last))
    } else if (orders.led && tripped !== null && orders.stop !== null) {
      this.happen({ type: 'tripped', ...tripped }, orders.t0 + tripped.at * 1000)
    } else if (orders.stop !== null) {
      this.happen({ type: 'stop', by: 'order' }, Math.min(orders.lease, this.last))
    } else {
      this.happen({ type: 'stop', by: 'lease' }, Math.min(leaseEnd(orders), this.last))
    }
    return true
  }
}

/** Null when the frame cannot be read: it will be missing, and the verdict says so. */
function readable(read: () => RunState): RunState | null {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** What was in the folder's log already would count again, or take a worker back to its beginning. */
function isNews(
  { steps }: RunState,
  worker: WorkerState | undefined,
  event: Exclude<Kept['event'], { type: 'frame' | 'fault' | 'done' | 'hooked' | 'returned' }>,
): boolean {
  if (event.type === 'ready') return worker?.is === 'starting' || worker?.is === 'waiting'
  if (event.type === 'suggested' || event.type === 'unkept') return true
  const said = JSON.stringify(event.step)
  return !steps.some((step) => JSON.stringify(step) === said)
}
