/** A worker's permit to go on, as the conductor's orders renew it. */
import type { Millis } from '../src/units.ts'
import { LEASE_LIFETIME, leaseExpired, type Orders } from '../src/wire/orders.ts'

export class Lease {
  private readonly wall: () => Millis
  private lease: Pick<Orders, 'lease' | 'led'>
  /** When it was last seen to be another, by this clock: the conductor's may be ahead, and would let it live too long. */
  private renewedAt: Millis

  constructor(wall: () => Millis) {
    this.wall = wall
    this.renewedAt = wall()
    this.lease = { lease: this.renewedAt, led: true }
  }

  /** As orders say it that were read now. */
  heard({ lease, led }: Pick<Orders, 'lease' | 'led'>): void {
    if (lease !== this.lease.lease) this.renewedAt = this.wall()
    this.lease = { lease, led }
  }

  expired(): boolean {
    const now = this.wall()
    return leaseExpired(this.lease, now) || (this.lease.led && now - this.renewedAt > LEASE_LIFETIME)
  }
}
