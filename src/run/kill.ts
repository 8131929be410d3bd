/**
 * Stops a run from outside the process that conducts it, through the run's store alone. The conductor, if it lives, finds the request
 * within a second; for workers whose conductor is frozen or gone the orders are written here. A conductor that renews the lease may write
 * over them before it has looked: then they are written again.
 */
import { isFull } from '../errors.ts'
import { documentBytes, documentIn, documentOf } from '../store/documents.ts'
import type { Store } from '../store/store.ts'
import type { Millis } from '../units.ts'
import { claimsPrefix, endedPrefix, ordersKey, overKey, stopKey } from '../wire/keys.ts'
import { amend, leaseEnd, type Orders, type Stop, type StopRequest } from '../wire/orders.ts'
import type { World } from '../world.ts'

/** Workers look for orders each second, drain for two, and say that they have ended; the rest is for a slow store. */
const PATIENCE: Millis = 10_000
/** From the end of all workers to the conductor's word for it. */
const LAST_WORD: Millis = 1_500
/** After the end of the lease: workers may have been waiting for a store's answer, and clocks differ. */
const SLACK: Millis = 10_000

/** What the store says of a run. `open`: attempts that have taken their slice and have not said that they ended. */
export type Seen = {
  orders: Orders | null
  isOver: boolean
  claimed: number
  open: readonly string[]
}

export type Place = {
  store: Store
  clock: Pick<World['clock'], 'wall' | 'sleep'>
  /** Between looks. */
  every: Millis
  /** Whether the process that a claim names is known to be gone; null where nobody can tell. */
  isGone: ((claim: Uint8Array) => boolean) | null
}

export async function look({ store, isGone }: Place): Promise<Seen> {
  const [bytes, claims, ended] = await Promise.all([
    store.get(ordersKey),
    store.list(claimsPrefix),
    store.list(endedPrefix),
  ])
  const said = new Set(ended.map((key) => key.slice(endedPrefix.length)))
  const names = claims.map((key) => key.slice(claimsPrefix.length))
  const open: string[] = []
  for (const name of names.filter((one) => !said.has(one))) {
    const claim = isGone && (await store.get(claimsPrefix + name))
    if (!isGone || claim === null || !isGone(claim)) open.push(name)
  }
  return {
    orders: bytes === null ? null : documentOf<Orders>(bytes),
    isOver: ended.includes(overKey),
    claimed: names.length,
    open,
  }
}

/** Whether no worker can be at work any more, since nobody has renewed its lease. */
export const hasLapsed = ({ orders }: Pick<Seen, 'orders'>, now: Millis): boolean =>
  orders !== null && now > leaseEnd(orders) + SLACK

/** How the run is stopped: as hard as was asked, and harder when somebody has asked before. */
export async function ask({ store, clock }: Place, how: Stop): Promise<Stop> {
  const request: StopRequest = { at: clock.wall() }
  const body = documentBytes(request)
  const put = (how: Stop): Promise<boolean> =>
    store.putIfAbsent(stopKey(how), body).catch((error) => {
      // A disk without room for a byte has room for a name: that it is there is the request.
      if (!isFull((error as Error).cause)) throw error
      return store.putIfAbsent(stopKey(how), new Uint8Array())
    })
  const [isFirst] = await Promise.all([
    put('drain'),
    how === 'now' ? put('now') : true,
    how === 'now' ? order(store, 'now') : null,
  ])
  if (how === 'now') return 'now'
  if (isFirst) {
    await order(store, 'drain')
    return 'drain'
  }
  await Promise.all([put('now'), order(store, 'now')])
  return 'now'
}

/** The orders with the stop, when they are there and without it. The lease stays: only a conductor renews it. */
async function order(store: Store, how: Stop): Promise<void> {
  const orders = await documentIn<Orders>(store, ordersKey)
  if (orders === null || isOrdered(orders, how)) return
  await store.put(ordersKey, documentBytes(amend(orders, { stop: how })))
}

const isOrdered = ({ stop }: Orders, how: Stop): boolean => stop === 'now' || stop === how

/**
 * `over`: the conductor has said so. `ended`: its workers have; the conductor has not, or not yet. `lapsed`: they have not all, but their
 * lease has run out long ago. `unseen`: some have not, and may be at work `until` their lease runs out, unless a conductor renews it.
 */
export type Outcome =
  | { kind: 'over' }
  | { kind: 'ended'; workers: number }
  | { kind: 'lapsed'; since: Millis }
  | { kind: 'unseen'; open: number; of: number; until: Millis }

/** Waits, not for ever, for the end of a run that was stopped. `isOver`: whether its ending is known from elsewhere. */
export async function waitForEnd(place: Place, how: Stop, isOver: () => Promise<boolean>): Promise<Outcome> {
  const { store, clock, every } = place
  const from = clock.wall()
  let endedAt: Millis | null = null
  for (;;) {
    const seen = await look(place)
    const { orders, claimed, open } = seen
    // A run that leaves nothing behind takes its orders away at its end.
    if (orders === null || seen.isOver || (await isOver())) return { kind: 'over' }
    const now = clock.wall()
    if (open.length > 0) endedAt = null
    else endedAt ??= now
    if (hasLapsed(seen, now)) {
      return open.length === 0 ? { kind: 'ended', workers: claimed } : { kind: 'lapsed', since: leaseEnd(orders) }
    }
    if (endedAt !== null && now - endedAt >= LAST_WORD) return { kind: 'ended', workers: claimed }
    if (now - from > PATIENCE) return { kind: 'unseen', open: open.length, of: claimed, until: leaseEnd(orders) }
    if (!isOrdered(orders, how)) await order(store, how)
    await clock.sleep(every)
  }
}
