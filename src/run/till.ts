/** What a run may still spend: asked before each launch, and for each order. Without a cap, or a price, there is always enough. */
import type { Fleet } from '../fleet/fleet.ts'
import { FIRST_START, ratesOf } from '../plan/price.ts'
import type { Slice } from '../plan/slices.ts'
import type { Millis, Seconds, Usd } from '../units.ts'
import { LEASE_LIFETIME, type Orders, shutdown } from '../wire/orders.ts'
import type { HookName } from '../wire/start.ts'
import type { World } from '../world.ts'
import { affords, costBy, type Life, lastEnd, nextUntil, SETTLED, type Spending, type Terms } from './budget.ts'
import { livesOf } from './lives.ts'
import { LEAST_LOAD } from './money.ts'
import type { RunHead } from './record.ts'
import type { RunState } from './state.ts'
import type { WorkerState } from './workers.ts'

/** What the till must know of a run. */
export type Known = Pick<RunState, 't0'> & { workers: readonly Pick<WorkerState, 'attempts' | 'behind'>[] }

/** Every renewal of the lease tells when the load ends; only when that is near it is told in between. */
const NEAR: Millis = 15_000
const WORTH: Millis = 200
/** How far a worker's clock may be ahead: it stops so much earlier. */
const AHEAD: Millis = 1_500
/** How long `after` may take where there is a cap. */
const AFTER: Millis = 20_000

type Around = { world: { clock: Pick<World['clock'], 'wall'> }; fleet: Pick<Fleet, 'batches'> }

export class Till {
  private readonly head: Pick<RunHead, 'money' | 'launchedAt'>
  private readonly around: Around
  /** Whether a window could not be paid for. */
  isBroke = false
  private readonly hooks = new Map<HookName, Life>()

  constructor(head: Pick<RunHead, 'money' | 'launchedAt'>, around: Around) {
    this.head = head
    this.around = around
  }

  /** Money is kept for it until it begins: it must take away what `before` has made. */
  keepForAfter(): void {
    const billed = AFTER + shutdown(this.around.fleet.batches !== null)
    if (this.isCounting) this.hooks.set('after', { launchedAt: 0, endedAt: 0, billed, strays: 0 })
  }

  /** A hook is a worker too: when it must have come to its end; null: whenever it likes. */
  hookBegins(name: HookName, state: Known): Millis | null {
    if (!this.isCounting) return null
    const now = this.now()
    this.hooks.set(name, { launchedAt: now, endedAt: null, billed: null, strays: 0 })
    return name === 'after' ? now + AFTER : this.until(null, state)
  }

  hookEnds(name: HookName): void {
    const life = this.hooks.get(name)
    if (life !== undefined) this.hooks.set(name, { ...life, endedAt: this.now() })
  }

  /** Whether there is anything to hold to. */
  get isCounting(): boolean {
    const { cap, tariff } = this.head.money
    return cap !== null && tariff !== null
  }

  /** What the orders say next of when the load ends, `before` being what they say now. */
  until(before: Millis | null, state: Known): Millis | null {
    const terms = this.terms(state)
    const { cap } = this.head.money
    if (terms === null || cap === null) return null
    return nextUntil(before, lastEnd(this.spending(state), terms, cap), this.now())
  }

  /** The most that it comes to when the load ends at a moment; 0 without a price. */
  mostBy(end: Millis, state: Known): Usd {
    const terms = this.terms(state)
    return terms === null ? 0 : costBy(end, this.spending(state), terms)
  }

  /** `over`: the load must end. `later`: it may go on for so much longer than the orders say, and that is so near, that they should say it. */
  look(until: Millis | null, state: Known): 'over' | 'later' | null {
    const now = this.now()
    if (until === null || until - now > NEAR) return null
    if (now >= until) return 'over'
    const next = this.until(until, state)
    return next === null || next - until >= WORTH ? 'later' : null
  }

  /** Whether workers that nobody told anything any more have come to the end of the budget before that of their lease. */
  cameFirst({ until, lease }: Pick<Orders, 'until' | 'lease'>): boolean {
    return until !== null && until <= lease + LEASE_LIFETIME
  }

  /** Whether there was no money for all of the load, though the conductor has not ended it: workers do that by themselves. */
  hasCut(until: Millis | null, { workers }: Pick<RunState, 'workers'>): boolean {
    const isSpent = until !== null && this.now() >= until - AHEAD
    return this.isBroke || (isSpent && workers.some(({ is, ledger }) => is === 'done' && ledger.lost > 0))
  }

  /** Whether a window's workers can be paid for; if not, no later ones are. */
  pays(state: Known, starts: readonly { slice: Slice }[]): boolean {
    this.isBroke ||= !this.affords(state, starts.length, starts[0]?.slice.window.from ?? 0)
    return !this.isBroke
  }

  /** Whether so many workers, launched now, come to a load that begins `from` then. */
  affords(state: Known, workers: number, from: Seconds): boolean {
    const now = this.now()
    const terms = this.terms(state)
    const { cap } = this.head.money
    if (terms === null || cap === null) return true
    const { t0 } = state
    const begins = t0 === null ? now + FIRST_START * 1000 : Math.max(t0 + from * 1000, now + SETTLED - LEAST_LOAD)
    return affords(this.spending(state), { terms, cap }, { workers, now, needed: begins + LEAST_LOAD })
  }

  private now(): Millis {
    return this.around.world.clock.wall()
  }

  private spending(state: Known): Spending {
    return { lives: [...livesOf(state), ...this.hooks.values()], begunAt: this.head.launchedAt, t0: state.t0 }
  }

  /** A worker stops by its own clock: one that is behind stops so much later. */
  private terms({ workers }: Known): Terms | null {
    const { tariff } = this.head.money
    if (tariff === null) return null
    const behind = workers.reduce((most, worker) => Math.max(most, worker.behind ?? 0), 0)
    return {
      rates: ratesOf(tariff, this.around.fleet.batches),
      tail: shutdown(this.around.fleet.batches !== null) + behind,
    }
  }
}
