/**
 * Follows the run's orders document: waits for `go`, then hears of stops. A conductor that is gone cannot renew its
 * lease, and a worker whose lease has run out stops by itself.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Epoch } from '../src/plan/epochs.ts'
import type { Slice } from '../src/plan/slices.ts'
import type { Store } from '../src/store/store.ts'
import type { Millis, Seconds } from '../src/units.ts'
import { isAmong } from '../src/wire/attempts.ts'
import { askedEvery, isInTime, isSame, joinsFrom, type Orders, type Ready, type Stop } from '../src/wire/orders.ts'
import { Asking } from './asking.ts'
import type { Deadline } from './deadline.ts'
import { Lease } from './lease.ts'

/** An answer that takes longer is not waited for: the lease must be looked at. */
const PATIENCE: Millis = 3_000

/** `onEpochs` hears of all epochs, whenever there are more. */
type Heard = { onStop: (stop: Stop) => void; onEpochs: (epochs: readonly Epoch[]) => void }

/** T0 in wall-clock milliseconds; `from`: the second of the run at which this worker begins. */
type Go = { t0: Millis; from: Seconds }

/**
 * Who follows: a worker that is ready, how many follow with it, the window of its slice, which may be steered to end later, and the end of what
 * it may cost.
 */
export type Following = {
  store: Store
  wall: () => Millis
  ready: Ready
  workers: number
  window: () => Slice['window']
  budget: Deadline
}

export type Follower = {
  /** null when the run, or this worker's part of it, was stopped before that. */
  go: Promise<Go | null>
  /** Resolves when orders that were asked for since then have been obeyed, whatever they were. */
  confirm(): Promise<void>
  /** As if the orders said so. */
  stop(how: Stop): void
  /** Ends the polling. */
  close(): void
}

export function followOrders({ store, wall, ready, workers, window, budget }: Following, heard: Heard): Follower {
  const { onStop, onEpochs } = heard
  let timer: NodeJS.Timeout | null = null
  let closed = false
  const { promise: go, resolve: settle } = Promise.withResolvers<Go | null>()
  let started = false
  let stopped = false
  const lease = new Lease(wall)
  let epochs = 0

  const stop = (how: Stop): void => {
    stopped = true
    settle(null)
    onStop(how)
  }
  budget.heed(() => stop('drain'))
  const begin = (t0: Millis, from: Seconds): void => {
    started = true
    settle({ t0, from })
  }
  const mayBegin = ({ joined, led }: Orders, t0: Millis): void => {
    const { from, to } = window()
    const later = joined.find((other) => isSame(other, ready))
    if (isInTime(ready, t0, from)) begin(t0, from)
    else if (later !== undefined) begin(t0, later.from)
    else if (!led) begin(t0, Math.min(joinsFrom(ready, t0), to))
    // Nobody will have it join any more.
    else if (wall() > t0 + to * 1000) begin(t0, to)
  }
  const obey = (orders: Orders): void => {
    lease.heard(orders)
    budget.obey(orders)
    if (orders.epochs.length > epochs) {
      epochs = orders.epochs.length
      onEpochs(orders.epochs)
    }
    if (isAmong(orders.dropped, ready)) stop('now')
    else if (orders.stop !== null) stop(orders.stop)
    // Who would have told it to go on is gone.
    else if (orders.t0 !== null && !started && !lease.expired()) mayBegin(orders, orders.t0)
  }
  const lookAtLease = (): void => {
    if (!closed && lease.expired()) stop('drain')
  }
  const asking = new Asking(store, (orders) => {
    if (!closed) obey(orders)
  })
  /** Whether there were orders to obey; a lease that has run out is one. */
  const look = async (): Promise<boolean> => {
    const obeyed = await asking.ask(PATIENCE)
    lookAtLease()
    return obeyed || stopped || closed
  }
  /** Asks at its time, whether or not the last question was answered. */
  const poll = (): void => {
    if (asking.isDue) void look()
    else lookAtLease()
    timer = setTimeout(poll, askedEvery(workers, started))
  }
  poll()
  return {
    go,
    stop,
    async confirm() {
      while (!(await look())) await sleep(askedEvery(workers, false))
    },
    close() {
      closed = true
      if (timer) clearTimeout(timer)
    },
  }
}
