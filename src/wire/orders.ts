/** The one orders document of a run: written by the conductor, polled by every worker. */
import type { Epoch } from '../plan/epochs.ts'
import type { Millis, Seconds } from '../units.ts'

/** How a run is to end early: let requests in flight finish (`drain`), or not (`now`). */
export type Stop = 'drain' | 'now'

/** A worker of the run: the n-th to try a slice. */
export type SliceAttempt = { slice: number; attempt: number }

/** Times are milliseconds since the epoch. `t0: null` means wait. `lease` is when the conductor last said go on. */
export type Orders = {
  version: number
  t0: Millis | null
  /** How the load is steered, in order; what is there stays. */
  epochs: readonly Epoch[]
  lease: Millis
  stop: Stop | null
  /** When the load ends, whoever is still there to say so: by then the budget is spent. null: no such moment. */
  until: Millis | null
  /** Workers that were given up: whoever is one of them, and still there, stops as ordered `now`. */
  dropped: readonly SliceAttempt[]
  /** Workers that begin later than their window does: from that second of the run on the slice's arrivals are theirs. */
  joined: readonly (SliceAttempt & { from: Seconds })[]
  /** Whether a conductor leads the run. Without one the lease is the run's fixed end, and whoever is late joins by itself. */
  led: boolean
}

/** The orders of a run that begins to be made: wait. */
export const firstOrders = (lease: Millis): Orders => ({
  version: 1,
  t0: null,
  epochs: [],
  lease,
  stop: null,
  until: null,
  dropped: [],
  joined: [],
  led: true,
})

/** What is under the key of a stop that was asked for from elsewhere; that it is there is the request. */
export type StopRequest = { at: Millis }

/** How often a worker asks for its orders before T0, and from then on, where few ask. */
const ASKED_BEFORE: Millis = 250
const ASKED: Millis = 1_000
/** A bucket answers 5,500 GETs a second under a prefix. Source: docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance */
const MOST_ASKED_A_SECOND = 4_000

/** `workers`: how many ask, all of them the same document. */
export const askedEvery = (workers: number, begun: boolean): Millis =>
  Math.max(begun ? ASKED : ASKED_BEFORE, (workers / MOST_ASKED_A_SECOND) * 1000)

/** How long a worker goes on without a renewed lease, and how often the conductor renews it. */
export const LEASE_LIFETIME: Millis = 30_000
export const LEASE_RENEWAL: Millis = 5_000

/** From the end of a lease to the worker's noticing, at the most: it waits for an answer of its store before it looks again. */
export const NOTICING: Millis = 4_000

export const leaseExpired = ({ lease, led }: Pick<Orders, 'lease' | 'led'>, now: Millis): boolean =>
  now > leaseEnd({ lease, led })

/** When workers end the load by themselves, if nobody renews it. */
export const leaseEnd = ({ lease, led }: Pick<Orders, 'lease' | 'led'>): Millis =>
  led ? lease + LEASE_LIFETIME : lease

/** Who is ready later than that after the beginning of its window would send a heap of arrivals at once. */
const LATEST: Millis = 1_000

/** By the worker's clock. */
export type Ready = SliceAttempt & { at: Millis }

/**
 * Whether a worker begins with its window, of itself. All others wait until the orders say when they join: the first attempt since it
 * is late, any later one since its forerunner may have begun. The conductor and the worker decide this by the same numbers.
 */
export const isInTime = ({ attempt, at }: Ready, t0: Millis, from: Seconds): boolean =>
  attempt === 1 && at - (t0 + from * 1000) <= LATEST

/** From which second of the run on a worker that is late has its slice's arrivals, where nobody tells it. */
export const joinsFrom = ({ at }: Ready, t0: Millis): Seconds => Math.ceil(at - t0) / 1000

export const isSame = (a: SliceAttempt, b: SliceAttempt): boolean => a.slice === b.slice && a.attempt === b.attempt

/** After a stop, requests in flight have this long to be answered; what the worker's last batch may take; and all else at its end. */
export const STOP_DRAIN: Millis = 2_000
export const LAST_BATCH: Millis = 2_000
const LAST_STEPS: Millis = 1_000

/** How long after it has stopped a worker may still be there. `writes`: whether it keeps batches. */
export const shutdown = (writes: boolean): Millis => STOP_DRAIN + (writes ? LAST_BATCH : 0) + LAST_STEPS

/** The next document: a higher version, and a stop that can only become harder. */
export const amend = (orders: Orders, change: Partial<Omit<Orders, 'version'>>): Orders => ({
  ...orders,
  ...change,
  stop: orders.stop === 'now' ? 'now' : (change.stop ?? orders.stop),
  version: orders.version + 1,
})
