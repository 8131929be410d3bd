/** The orders of a run that is led by its only worker: it tells itself to go, and renews its own lease, so that `kill` finds all it needs. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from '../src/store/store.ts'
import type { Millis } from '../src/units.ts'
import { headKey, ordersKey, overKey } from '../src/wire/keys.ts'
import { amend, firstOrders, LEASE_RENEWAL, type Orders } from '../src/wire/orders.ts'

/** The worker looks for orders each quarter of a second until then. */
const HEADSTART: Millis = 500

export class Leading {
  private readonly store: Store
  private readonly wall: () => Millis
  private readonly over = new AbortController()
  private writing: Promise<unknown> = Promise.resolve()

  constructor(store: Store, wall: () => Millis) {
    this.store = store
    this.wall = wall
  }

  /** `head`: the run's own. */
  async begin(head: object): Promise<void> {
    await this.put(headKey, head)
    await this.put(ordersKey, firstOrders(this.wall()))
    void this.renew()
  }

  go(): void {
    this.write({ t0: this.wall() + HEADSTART })
  }

  async end(): Promise<void> {
    this.over.abort()
    await this.writing
    await this.store.put(overKey, new Uint8Array())
  }

  private async renew(): Promise<void> {
    const { signal } = this.over
    while (!signal.aborted) {
      await sleep(LEASE_RENEWAL, null, { signal }).catch(() => {})
      if (!signal.aborted) this.write({})
    }
  }

  /** On top of what is there: somebody may have ordered a stop. A lease that cannot be renewed ends the round, as it should. */
  private write(change: Partial<Orders>): void {
    this.writing = this.writing
      .then(async () => {
        const bytes = await this.store.get(ordersKey)
        if (bytes === null) return
        const orders = JSON.parse(new TextDecoder().decode(bytes)) as Orders
        await this.put(ordersKey, amend(orders, { ...change, lease: this.wall() }))
      })
      .catch(() => {})
  }

  private put(key: string, value: object): Promise<void> {
    return this.store.put(key, new TextEncoder().encode(JSON.stringify(value)))
  }
}
