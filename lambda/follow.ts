/**
 * Follows the run's orders document: waits for `go`, then hears of stops. A conductor that is gone cannot renew its
 * lease, and a worker whose lease has run out stops by itself.
 */
import type { Epoch } from '../src/plan/epochs.ts'
import type { Store } from '../src/store/store.ts'
import type { Millis } from '../src/units.ts'
import { ordersKey } from '../src/wire/keys.ts'
import type { Orders, Stop } from '../src/wire/orders.ts'
import { Lease } from './lease.ts'

const BEFORE_GO: Millis = 250
const AFTER_GO: Millis = 1_000

/** An answer that takes longer is not waited for: the lease must be looked at. */
const PATIENCE: Millis = 3_000
/** Questions that may be open: the store begins one that hangs anew after 5 s, so that with five of them a try is begun each second. */
const MOST_OPEN = 5

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
  { store, slice, wall }: { store: Store; slice: number; wall: () => Millis },
  { onStop, onEpochs }: Heard,
): Follower {
  let timer: NodeJS.Timeout | null = null
  let closed = false
  let settle: (t0: Millis | null) => void = () => {}
  const go = new Promise<Millis | null>((resolve) => {
    settle = resolve
  })
  let started = false
  const lease = new Lease(wall)
  let asked = 0
  let newest = 0
  let open = 0
  let epochs = 0

  const stop = (how: Stop): void => {
    settle(null)
    onStop(how)
  }
  const obey = (orders: Orders): void => {
    lease.heard(orders.lease)
    if (orders.epochs.length > epochs) {
      epochs = orders.epochs.length
      onEpochs(orders.epochs)
    }
    if (orders.dropped.includes(slice)) stop('now')
    else if (orders.stop !== null) stop(orders.stop)
    // Who would have told it to go on is gone.
    else if (orders.t0 !== null && !lease.expired()) {
      started = true
      settle(orders.t0)
    }
  }
  const look = async (): Promise<void> => {
    const mine = ++asked
    open++
    const patience = setTimeout(() => lookAtLease(), PATIENCE)
    // An unreadable document is no reason to stop: the last lease decides how long to go on without one.
    const orders = await readOrders(store).catch(() => null)
    open--
    clearTimeout(patience)
    // A question that hung is answered after later ones.
    if (orders !== null && !closed && mine > newest) {
      newest = mine
      obey(orders)
    }
    lookAtLease()
  }
  const lookAtLease = (): void => {
    if (!closed && lease.expired()) stop('drain')
  }
  /** Asks at its time, whether or not the last question was answered. */
  const poll = (): void => {
    if (open < MOST_OPEN) void look()
    else lookAtLease()
    timer = setTimeout(poll, started ? AFTER_GO : BEFORE_GO)
  }
  poll()
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
