/** Questions to the store for the run's orders. One that hangs holds up no other, and what it brings at last is no news then. */
import { documentIn } from '../src/store/documents.ts'
import type { Store } from '../src/store/store.ts'
import type { Millis } from '../src/units.ts'
import { ordersKey } from '../src/wire/keys.ts'
import type { Orders } from '../src/wire/orders.ts'

/** Open at a time. The store begins a try that hangs anew after 5 s, so that with five of them one is begun each second. */
const MOST = 5
/** A store that is slow since many ask it is not asked more for that. */
const OWN: Millis = 1_000

export class Asking {
  private readonly store: Pick<Store, 'get'>
  private readonly obey: (orders: Orders) => void
  private asked = 0
  private answered = 0
  private newest = 0
  private open = 0
  private askedAt: Millis = 0

  /** `obey` hears of orders in the order in which they were asked for, however late. */
  constructor(store: Pick<Store, 'get'>, obey: (orders: Orders) => void) {
    this.store = store
    this.obey = obey
  }

  /** Whether to ask anew: beside a last question that is not answered only when that had its time. */
  get isDue(): boolean {
    const isAnswered = this.answered === this.asked
    return this.open < MOST && (isAnswered || performance.now() - this.askedAt >= OWN)
  }

  /** Whether there were orders within that time, and these or newer ones have been obeyed. */
  async ask(patience: Millis): Promise<boolean> {
    const over = Promise.withResolvers<false>()
    const timer = setTimeout(over.resolve, patience, false)
    const answered = await Promise.race([this.read(++this.asked), over.promise])
    clearTimeout(timer)
    return answered
  }

  /** An unreadable document is none. */
  private async read(mine: number): Promise<boolean> {
    this.open++
    this.askedAt = performance.now()
    const orders = await documentIn<Orders>(this.store, ordersKey).catch(() => null)
    this.open--
    this.answered = Math.max(this.answered, mine)
    if (orders === null) return false
    if (mine > this.newest) {
      this.newest = mine
      this.obey(orders)
    }
    return true
  }
}
