/**
 * Follows the run's orders document: waits for `go`, then hears of stops. A conductor that is gone cannot renew its
 * lease, and a worker whose lease has run out stops by itself.
 */
import type { Epoch } from '../src/plan/epochs.ts'
import type { Store } from '../src/store/store.ts'
import type { Millis } from '../src/units.ts'
import { ordersKey } from '../src/wire/keys.ts'
import { leaseExpired, type Orders, type Stop } from '../src/wire/orders.ts'
import type { Deadline } from './deadline.ts'

const BEFORE_GO: Millis = 250
const AFTER_GO: Millis = 1_000

/** An answer that takes longer is not waited for: the lease must be looked at, and orders asked for anew. */
const PATIENCE: Millis = 3_000

/** `onEpochs` hears of all epochs, whenever there are more. */
type Heard = { onStop: (stop: Stop) => void; onEpochs: (epochs: readonly Epoch[]) => void }

export type Follower = {
  /** T0 in wall-clock milliseconds, or null when the run was stopped before it. */
  go: Promise<Millis | null>
  /** As if the orders said so. */
  stop(how: Stop): void
  /** Ends the polling. */
  close(): void
}

export function followOrders(
  { store, slice, wall, budget }: { store: Store; slice: number; wall: () => Millis; budget: Deadline },
  { onStop, onEpochs }: Heard,
): Follower {
  let timer: NodeJS.Timeout | null = null
  let closed = false
  let settle: (t0: Millis | null) => void = () => {}
  const go = new Promise<Millis | null>((resolve) => {
    settle = resolve
  })
  let started = false
  let lease = wall()
  let epochs = 0

  const stop = (how: Stop): void => {
    settle(null)
    onStop(how)
  }
  const obey = (orders: Orders): void => {
    lease = orders.lease
    budget.obey(orders)
    if (orders.epochs.length > epochs) {
      epochs = orders.epochs.length
      onEpochs(orders.epochs)
    }
    if (orders.dropped.includes(slice)) stop('now')
    else if (orders.stop !== null) stop(orders.stop)
    else if (orders.t0 !== null) {
      started = true
      settle(orders.t0)
    }
  }
  budget.heed(() => stop('drain'))
  const poll = async (): Promise<void> => {
    // An unreadable document is no reason to stop: the last lease decides how long to go on without one.
    const impatience = Promise.withResolvers<null>()
    const patience = setTimeout(impatience.resolve, PATIENCE, null)
    const orders = await Promise.race([readOrders(store).catch(() => null), impatience.promise])
    clearTimeout(patience)
    if (closed) return
    if (orders !== null) obey(orders)
    if (leaseExpired({ lease }, wall())) stop('drain')
    timer = setTimeout(() => void poll(), started ? AFTER_GO : BEFORE_GO)
  }
  void poll()
  return {
    go,
    stop,
    close() {
      closed = true
      if (timer) clearTimeout(timer)
    },
  }
}

async function readOrders(store: Store): Promise<Orders | null> {
  const bytes = await store.get(ordersKey)
  return bytes === null ? null : (JSON.parse(new TextDecoder().decode(bytes)) as Orders)
}
