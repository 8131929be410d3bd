/**
 * A run that nobody conducts: what its workers need is laid into the store, its orders are given once for all, and a state machine starts
 * window after window. Its T0 and its end are fixed, so that no command has to stay for it.
 */
import { detachErrors } from '../aws-errors.ts'
import { FIRST_START, ratesOf } from '../plan/price.ts'
import type { Script } from '../scenario/script.ts'
import { documentBytes } from '../store/documents.ts'
import type { Millis, Usd } from '../units.ts'
import {
  BATCHES,
  type BucketPlace,
  type Execution,
  itemsOf,
  leadOf,
  type Shared,
  sharedKey,
  windowKey,
} from '../wire/detached.ts'
import { headKey, ordersKey } from '../wire/keys.ts'
import { firstOrders, shutdown } from '../wire/orders.ts'
import { costBy } from './budget.ts'
import type { Ports } from './conduct.ts'
import { type Prepared, prepared, type Settings } from './prepared.ts'
import { keepHead, type RunHead } from './record.ts'

/** How long what is still at work may take where nothing bounds it, and what clocks and the last batches take. */
const DRAIN: Millis = 60_000
const SLACK: Millis = 10_000

/** `begin` starts the state machine. `function`: with its version. */
type Around = Pick<Ports, 'fleet' | 'world'> & { function: string; begin(execution: Execution): Promise<void> }

/** When it begins and when it is over at the latest, by this clock. */
export type Detached = { head: RunHead; t0: Millis; end: Millis }

/** Throws a SlsartError when the run cannot be, and before anything is started. */
export async function detach(script: Script, settings: Settings, around: Around): Promise<Detached> {
  const { fleet, world } = around
  const { place, store } = fleet
  if (place.kind !== 'bucket') throw new TypeError('a detached run has its store in a bucket')
  refuseLed(script)
  const ready = await prepared(script, settings, around)
  const now = world.clock.wall()
  const { plan, shared, windows } = ready
  const t0 = now + leadOf(windows[0]?.length ?? 0)
  const drain = shared.drain === null ? DRAIN : shared.drain * 1000
  const end = t0 + plan.profile.duration * 1000 + drain + SLACK
  const head = ready.headAt(now)
  holdToCap(head, ready, { now, t0, drain })

  await keepHead(settings.folder, head)
  for (const { key, bytes } of ready.files) await store.put(key, bytes)
  const whole: Shared = { ...withoutSlice(shared), hook: null, batches: BATCHES }
  await store.put(sharedKey, documentBytes(whole))
  let first = 0
  for (const [i, starts] of windows.entries()) {
    await store.put(
      windowKey(i),
      documentBytes(
        itemsOf(
          starts.map(({ slice }) => slice),
          first,
        ),
      ),
    )
    first += starts.length
  }
  await store.put(headKey, documentBytes(head))
  await store.put(ordersKey, documentBytes({ ...firstOrders(end), t0, led: false }))
  await around.begin(executionOf(ready, { place, function: around.function, quorum: script.quorum, now, t0 }))
  return { head, t0, end }
}

const withoutSlice = ({ slice: _slice, ...shared }: Prepared['shared']): Omit<Prepared['shared'], 'slice'> => shared

/** What only a command that stays could do. */
function refuseLed(script: Script): void {
  if (script.hooks.before !== null || script.hooks.after !== null) throw detachErrors.hooks()
  const plugins = script.extensions.filter(({ kind }) => kind === 'plugin').map(({ name }) => name)
  if (plugins.length > 0) throw detachErrors.plugins(plugins)
  if (script.thresholds.some((threshold) => threshold.kind === 'slsart' && threshold.abort)) throw detachErrors.aborts()
}

type Times = { now: Millis; t0: Millis; drain: Millis }

/** Nobody could end it early: all that it may cost at the most must be within the cap. */
function holdToCap({ money: { cap, tariff } }: RunHead, { plan }: Prepared, { now, t0, drain }: Times): void {
  if (cap === null || tariff === null) return
  const terms = { rates: ratesOf(tariff), tail: shutdown(true) + FIRST_START * 1000 }
  const most = plan.windows.reduce((sum: Usd, { from, to, workers }, i) => {
    const launchedAt = launchOf(plan, i, { now, t0, from })
    const lives = Array.from({ length: workers }, () => ({ launchedAt, endedAt: null, billed: null, strays: 0 }))
    return sum + costBy(t0 + to * 1000 + drain, { lives, begunAt: launchedAt, t0 }, terms)
  }, 0)
  if (most > cap) throw detachErrors.cap(cap, most)
}

/** The first window's workers are started at once, those of later ones in time to be ready. */
function launchOf(
  plan: Prepared['plan'],
  i: number,
  { now, t0, from }: { now: Millis; t0: Millis; from: number },
): Millis {
  return i === 0 ? now : t0 + from * 1000 - (plan.lifetime?.startUp ?? 0) * 1000
}

type Asked = { place: BucketPlace; function: string; quorum: number; now: Millis; t0: Millis }

const executionOf = ({ plan }: Prepared, { place, function: worker, quorum, now, t0 }: Asked): Execution => ({
  place,
  function: worker,
  tolerated: Math.floor((1 - quorum) * 100 + 1e-9),
  windows: plan.windows.map(({ from }, i) => ({
    at: new Date(launchOf(plan, i, { now, t0, from })).toISOString(),
    bucket: place.bucket,
    key: place.prefix + windowKey(i),
  })),
})
