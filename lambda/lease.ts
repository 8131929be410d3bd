/** A worker's permit to go on, as the conductor's orders renew it. */
import type { Millis } from '../src/units.ts'
import { LEASE_LIFETIME, leaseExpired } from '../src/wire/orders.ts'

export class Lease {
  private readonly wall: () => Millis
  private lease: Millis
  /** When it was last seen to be another, by this clock: the conductor's may be ahead, and would let it live too long. */
  private renewedAt: Millis

  constructor(wall: () => Millis) {
    this.wall = wall
    this.lease = wall()
    this.renewedAt = this.lease
  }

  /** As orders say it that were read now. */
  heard(lease: Millis): void {
    if (lease !== this.lease) this.renewedAt = this.wall()
    this.lease = lease
  }

  expired(): boolean {
    const now = this.wall()
    return leaseExpired({ lease: this.lease }, now) || now - this.renewedAt > LEASE_LIFETIME
  }
}
