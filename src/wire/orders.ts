/** The one orders document of a run: written by the conductor, polled by every worker. */
import type { Epoch } from '../plan/epochs.ts'
import type { Millis } from '../units.ts'

/** How a run is to end early: let requests in flight finish (`drain`), or not (`now`). */
export type Stop = 'drain' | 'now'

/** Times are milliseconds since the epoch. `t0: null` means wait. `lease` is when the conductor last said go on. */
export type Orders = {
  version: number
  t0: Millis | null
  /** How the load is steered, in order; what is there stays. */
  epochs: readonly Epoch[]
  lease: Millis
  stop: Stop | null
  /** Slices whose workers were given up: whoever is one of them, and still there, stops as ordered `now`. */
  dropped: readonly number[]
}

/** What is under the key of a stop that was asked for from elsewhere; that it is there is the request. */
export type StopRequest = { at: Millis }

/** How long a worker goes on without a renewed lease, and how often the conductor renews it. */
export const LEASE_LIFETIME: Millis = 30_000
export const LEASE_RENEWAL: Millis = 5_000

export const leaseExpired = (orders: Pick<Orders, 'lease'>, now: Millis): boolean => now - orders.lease > LEASE_LIFETIME

/** The next document: a higher version, and a stop that can only become harder. */
export const amend = (orders: Orders, change: Partial<Omit<Orders, 'version'>>): Orders => ({
  ...orders,
  ...change,
  stop: orders.stop === 'now' ? 'now' : (change.stop ?? orders.stop),
  version: orders.version + 1,
})
