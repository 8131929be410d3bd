/**
 * A run that nobody conducts: what its workers need is laid into the store, its orders are given once for all, and a state machine starts
 * window after window. Its T0 and its end are fixed, so that no command has to stay for it.
 */
import { detachErrors } from '../aws-errors.ts'
import { FIRST_START, ratesOf } from '../plan/price.ts'
import type { Script } from '../scenario/script.ts'
import { documentBytes } from '../store/documents.ts'
import type { Millis, Usd } from '../units.ts'
import { leadOf } from '../wire/detached.ts'
import { headKey, ordersKey } from '../wire/keys.ts'
import { firstOrders, shutdown } from '../wire/orders.ts'
import { costBy } from './budget.ts'
import type { Ports } from './conduct.ts'
import {
  drainIn,
  launchOf,
  layShared,
  layWindow,
  type Machine,
  refuseLed,
  SLACK,
  toleratedBy,
  windowsOf,
} from './machine.ts'
import { type Prepared, prepared, type Settings } from './prepared.ts'
import { keepHead, type RunHead } from './record.ts'

type Around = Pick<Ports, 'fleet' | 'world'> & { machine: Machine }

/** When it begins and when it is over at the latest, by this clock. */
export type Detached = { head: RunHead; t0: Millis; end: Millis }

/** Throws a SlsartError when the run cannot be, and before anything is started. */
export async function detach(script: Script, settings: Settings, around: Around): Promise<Detached> {
  const { fleet, world, machine } = around
  const { place, store } = fleet
  if (place.kind !== 'bucket') throw new TypeError('a detached run has its store in a bucket')
  refuseLed(script, false)
  const ready = await prepared(script, settings, around)
  const now = world.clock.wall()
  const { plan, shared, windows } = ready
  const t0 = now + leadOf(windows[0]?.length ?? 0)
  const drain = drainIn(shared)
  const end = t0 + plan.profile.duration * 1000 + drain + SLACK
  const head = ready.headAt(now)
  holdToCap(head, plan, { now, t0, drain })

  await keepHead(settings.folder, head)
  for (const { key, bytes } of ready.files) await store.put(key, bytes)
  const { slice: _slice, ...common } = shared
  await layShared(store, common)
  for (const [i, starts] of windows.entries()) await layWindow(store, i, starts)
  await store.put(headKey, documentBytes(head))
  await store.put(ordersKey, documentBytes({ ...firstOrders(end), t0, led: false }))
  await machine.begin({
    ...{ place, function: machine.function, tolerated: toleratedBy(script.quorum) },
    windows: windowsOf(place, new Map(plan.windows.map((_, i) => [i, launchOf(plan, i, { now, t0 })]))),
    // All its workers are its own, and it sees each one's end.
    rest: { from: new Date(now).toISOString(), until: 0 },
  })
  return { head, t0, end }
}

type Times = { now: Millis; t0: Millis; drain: Millis }

/** Nobody could end it early: all that it may cost at the most must be within the cap. */
function holdToCap({ money: { cap, tariff } }: RunHead, plan: Prepared['plan'], times: Times): void {
  if (cap === null || tariff === null) return
  const most = mostOf(plan, 0, tariff, times)
  if (most > cap) throw detachErrors.cap(cap, most)
}

type Tariff = NonNullable<RunHead['money']['tariff']>

/** What the workers of the windows from the `first` on may cost at the most. */
export function mostOf(plan: Prepared['plan'], first: number, tariff: Tariff, { now, t0, drain }: Times): Usd {
  const terms = { rates: ratesOf(tariff), tail: shutdown(true) + FIRST_START * 1000 }
  return plan.windows.reduce((sum: Usd, { to, workers }, i) => {
    if (i < first) return sum
    const launchedAt = launchOf(plan, i, { now, t0 })
    const lives = Array.from({ length: workers }, () => ({ launchedAt, endedAt: null, billed: null, strays: 0 }))
    return sum + costBy(t0 + to * 1000 + drain, { lives, begunAt: launchedAt, t0 }, terms)
  }, 0)
}
