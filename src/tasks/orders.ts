/** The orders of a fleet that does tasks: a lease, renewed as long as there is something to do, the workers that are given up, and the end. */
import type { TaskFleet } from '../fleet/fleet.ts'
import { Ordering } from '../run/ordering.ts'
import type { Millis } from '../units.ts'
import { amend, firstOrders, LEASE_RENEWAL, type Orders, type SliceAttempt } from '../wire/orders.ts'
import type { World } from '../world.ts'
import { sleep, within } from './patience.ts'

/** A store that does not answer holds up no end: workers that hear of none have a lease. */
const PATIENCE: Millis = 3_000
const LOOK: Millis = 1_000

type Around = {
  fleet: TaskFleet
  clock: World['clock']
  /** Called every second while it is held. */
  onTick(): void
  /** Somebody else has asked in the store for the end. */
  onStop(): void
}

export class TaskOrders {
  private readonly around: Around
  private readonly ordering: Ordering
  private orders: Orders
  private held: Promise<void> | null = null
  private release = (): void => {}
  private renewedAt: Millis = 0

  private constructor(first: Orders, around: Around) {
    const { fleet, clock } = around
    this.around = around
    this.orders = first
    this.ordering = new Ordering(first, {
      ...{ store: fleet.store, clock: { wall: clock.wall, sleep } },
      write: (orders) => fleet.order(orders),
      onStop: () => around.onStop(),
    })
  }

  /** Throws when the store cannot be written. */
  static async open(around: Around): Promise<TaskOrders> {
    const now = around.clock.wall()
    // It has begun: who waits for that asks the store four times as often.
    const first = { ...firstOrders(now), t0: now }
    await around.fleet.order(first)
    return new TaskOrders(first, around)
  }

  /** Resolves when workers that are started from now on find a lease. */
  hold(): Promise<void> {
    if (this.held === null) {
      this.release = this.around.clock.every(LOOK, () => this.tick())
      this.change({})
      this.held = this.told()
    }
    return this.held
  }

  /** Nothing holds this process any more, and the lease runs out. */
  rest(): void {
    this.release()
    this.held = null
  }

  drop(dropped: readonly SliceAttempt[]): void {
    this.change({ dropped })
  }

  async stop(): Promise<void> {
    this.change({ stop: 'now' })
    await this.told()
  }

  /** Resolves when the store has the latest, or does not answer. */
  async told(): Promise<void> {
    await within(PATIENCE, this.ordering.settled())
  }

  private tick(): void {
    this.ordering.tick()
    if (this.around.clock.wall() - this.renewedAt >= LEASE_RENEWAL) this.change({})
    this.around.onTick()
  }

  private change(change: Partial<Pick<Orders, 'dropped' | 'stop'>>): void {
    this.renewedAt = this.around.clock.wall()
    this.orders = amend(this.orders, { ...change, lease: this.renewedAt })
    this.ordering.write(this.orders)
  }
}
