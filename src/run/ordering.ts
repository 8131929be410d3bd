/**
 * The conductor's orders on their way to the run's store, and the stops that others ask for there. It keeps three laws:
 *   the store ends with the latest orders, however long a single write takes; a stop, or another load, waits for no write that hangs;
 *   whoever stood still looks for stops before it writes over orders that another may have changed meanwhile;
 *   when none were written for a lease's lifetime, the workers have ended the load by themselves (`lapsed`).
 * A worker that has seen a stop never goes on, so that orders without it may be there for a moment.
 */
import type { Store } from '../store/store.ts'
import type { Millis } from '../units.ts'
import { stopKey } from '../wire/keys.ts'
import { LEASE_LIFETIME, LEASE_RENEWAL, leaseExpired, type Orders, type Stop } from '../wire/orders.ts'
import type { World } from '../world.ts'

/** Looks are a second apart: after so long without one that was answered, this process or its network stood still. */
const STALE: Millis = 3_000
/** Writes, and looks, at a time: one that hangs must not hold up the next. */
const MOST = 3

type Around = {
  store: Pick<Store, 'get'>
  write(orders: Orders): Promise<void>
  clock: Pick<World['clock'], 'wall' | 'sleep'>
  /** Hears of a stop that was asked for, once each. */
  onStop(how: Stop): void
}

export class Ordering {
  private readonly around: Around
  private latest: Orders
  /** The newest that the store is known to have. */
  private written: Orders
  private writes = 0
  /** Writes have overlapped: which of them the store has is not known. */
  private isMixed = false
  private longestGap: Millis = 0
  private readonly looks = new Set<Promise<void>>()
  /** The look that is begun when one of these has ended. */
  private next: Promise<void> | null = null
  private lookedAt: Millis
  private heard: Stop | null = null
  private idle: PromiseWithResolvers<void> | null = null

  /** `first`: what the store has already. */
  constructor(first: Orders, around: Around) {
    this.around = around
    this.latest = first
    this.written = first
    this.lookedAt = around.clock.wall()
  }

  /** Has them written; a stop and a change of the load at once, others after the write that is under way. One that fails leaves the last, and its lease, in force. */
  write(orders: Orders): void {
    const isUrgent = orders.stop !== this.latest.stop || orders.epochs !== this.latest.epochs
    this.latest = orders
    if (this.writes === 0 || isUrgent) void this.put()
  }

  /** To be called each second: looks for a stop, and writes anew what is urgent and has not come through. */
  tick(): void {
    void this.look()
    const isUrgent = this.latest.stop !== null || this.latest.epochs !== this.written.epochs
    if (isUrgent && this.written.version < this.latest.version && this.writes < MOST) void this.put()
  }

  /** Resolves when it is known whether a stop was asked for before this, or cannot be for now. */
  async asked(): Promise<void> {
    await Promise.race([this.look(), this.around.clock.sleep(STALE)])
  }

  /** Whether the lease has run out. */
  lapsed(): boolean {
    return leaseExpired(this.written, this.around.clock.wall())
  }

  /** Whether it has, or was so near to it that a worker may have seen it run out. */
  nearlyLapsed(): boolean {
    const gap = this.around.clock.wall() - this.written.lease
    return Math.max(gap, this.longestGap) > LEASE_LIFETIME - LEASE_RENEWAL
  }

  /** Resolves when nothing is left to write. */
  async settled(): Promise<void> {
    if (this.writes === 0) return
    this.idle ??= Promise.withResolvers()
    await this.idle.promise
  }

  /** Resolves when the store has what was ordered last; rejects when that could not be written. */
  async arrived(): Promise<void> {
    const { version } = this.latest
    await this.settled()
    if (this.written.version < version) throw new Error('the orders were not written')
  }

  private async put(): Promise<void> {
    if (this.writes++ > 0) this.isMixed = true
    const { clock } = this.around
    if (this.latest.stop === null && clock.wall() - this.lookedAt > STALE) await this.asked()
    const orders = this.latest
    await this.around.write(orders).then(
      () => this.confirm(orders),
      () => {},
    )
    if (--this.writes > 0) return
    if (this.isMixed || this.latest !== orders) {
      this.isMixed = false
      void this.put()
    } else {
      this.idle?.resolve()
      this.idle = null
    }
  }

  private confirm(orders: Orders): void {
    if (orders.version <= this.written.version) return
    if (orders.led && this.written.led) this.longestGap = Math.max(this.longestGap, orders.lease - this.written.lease)
    this.written = orders
  }

  /** Resolves when a look that was begun after this has ended: one under way may have asked too early. */
  private look(): Promise<void> {
    const { looks } = this
    if (looks.size < MOST) {
      const look = this.find().finally(() => looks.delete(look))
      looks.add(look)
      return look
    }
    this.next ??= Promise.race(looks).then(() => {
      this.next = null
      return this.look()
    })
    return this.next
  }

  private async find(): Promise<void> {
    const { store, clock } = this.around
    try {
      // `now` is asked for after `drain`, if at all: one question a second. Another look may hear of it while this one waits.
      const asked: Stop = this.heard === null ? 'drain' : 'now'
      const found = this.heard === 'now' ? null : await store.get(stopKey(asked))
      if (found !== null) {
        const isNow = asked === 'now' || (await store.get(stopKey('now'))) !== null
        this.hear(isNow ? 'now' : 'drain')
      }
      this.lookedAt = clock.wall()
    } catch {
      // A store that does not answer is asked again in a second.
    }
  }

  private hear(how: Stop): void {
    if (this.heard === how || this.heard === 'now') return
    this.heard = how
    this.around.onStop(how)
  }
}
