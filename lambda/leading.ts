/** The orders of a run that only its worker leads: it tells itself to go, and has a fixed end for a lease. `kill` finds all it needs. */
import { documentBytes, documentIn } from '../src/store/documents.ts'
import type { Store } from '../src/store/store.ts'
import type { Millis, Seconds } from '../src/units.ts'
import { headKey, ordersKey, overKey } from '../src/wire/keys.ts'
import { amend, firstOrders, type Orders } from '../src/wire/orders.ts'

/** The worker looks for orders each quarter of a second until then. */
const HEADSTART: Millis = 500
/** The platform ends every worker by then. */
const LONGEST: Millis = 900_000

export class Leading {
  private readonly store: Store
  private readonly wall: () => Millis
  private going: Promise<void> = Promise.resolve()

  constructor(store: Store, wall: () => Millis) {
    this.store = store
    this.wall = wall
  }

  /** `head`: the run's own. */
  async begin(head: object): Promise<void> {
    await this.put(headKey, head)
    await this.put(ordersKey, { ...firstOrders(this.wall() + LONGEST), led: false })
  }

  /** `lasts`: with the time to drain. A worker that cannot be told so waits, and the round is missing. */
  go(lasts: Seconds): void {
    const t0 = this.wall() + HEADSTART
    this.going = this.order({ t0, lease: t0 + lasts * 1000 }).catch(() => {})
  }

  async end(): Promise<void> {
    await this.going
    await this.store.put(overKey, new Uint8Array())
  }

  /** On top of what is there: somebody may have ordered a stop. */
  private async order(change: Partial<Orders>): Promise<void> {
    const orders = await documentIn<Orders>(this.store, ordersKey)
    if (orders !== null) await this.put(ordersKey, amend(orders, change))
  }

  private put(key: string, value: object): Promise<void> {
    return this.store.put(key, documentBytes(value))
  }
}
