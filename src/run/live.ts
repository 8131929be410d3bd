/**
 * The part of a run in which workers live: their events in, orders out. Everything that happens goes through the reducer of
 * state.ts; what this file decides is when workers are launched, told to go, told to stop, and given up.
 */
import { preflightErrors, SlsartError } from '../errors.ts'
import type { Fleet, FleetEvent, Gone } from '../fleet/fleet.ts'
import type { StoppedBy } from '../measure/verdict.ts'
import type { Millis } from '../units.ts'
import { isAmong, nameOf, withThese } from '../wire/attempts.ts'
import {
  amend,
  firstOrders,
  isInTime,
  LEASE_RENEWAL,
  type Orders,
  type SliceAttempt,
  type Stop,
} from '../wire/orders.ts'
import type { Start } from '../wire/start.ts'
import type { World } from '../world.ts'
import { heardHead } from './heard.ts'
import { Hearing } from './hearing.ts'
import { type After, Hooking, type Hooks } from './hooks.ts'
import { Leaving } from './leaving.ts'
import type { OtherEvent, RunLog } from './log.ts'
import { Ordering } from './ordering.ts'
import type { RunHead } from './record.ts'
import { isReplaced } from './replace.ts'
import { Silence } from './silence.ts'
import { beginning, canBegin, soonest, startError } from './starting.ts'
import { begin, type RunState, reduce } from './state.ts'
import { type Steer, steeredBy } from './steer.ts'
import { Till } from './till.ts'
import { unpackedForNow } from './unpack.ts'
import { lastAttempt, lastOf, type WorkerState, windowEnd } from './workers.ts'

export type Observe = (state: RunState) => void

/** How often the end of the run is looked for while a later window waits for its turn. */
const LOOK: Millis = 200
/** How far this clock may be behind a worker's: less than the headstart of fleets that are elsewhere. */
const MOST_BEHIND: Millis = 1_000
/** How often thresholds are looked at. */
const WATCH: Millis = 250

/** `observe` hears of the state once a second. */
export type Around = { fleet: Fleet; world: World; observe: Observe; log: RunLog }

export class LiveRun {
  state: RunState
  private orders: Orders
  private readonly around: Around
  private readonly ordering: Ordering
  private refusal: SlsartError | null = null
  after: After | null = null
  private readonly hearing: Hearing
  private readonly hooking: Hooking
  /** To a state machine: then `carryOut` resolves. */
  readonly leaving: Leaving
  private readonly silence: Silence
  /** Of all windows, by slice, and what goes on of those that are tried again. */
  private starts: readonly Start[] = []
  private readonly again: Promise<void>[] = []
  /** Workers whose stream is cut, by name. */
  private readonly cut = new Set<string>()
  private readonly quorum: number
  /** When the first window's workers were launched; null before that. */
  private launchedAt: Millis | null = null
  private someLeftEarly = false
  private readonly till: Till

  constructor(head: RunHead, around: Around) {
    const { plan, launchedAt: now, script } = head
    this.around = around
    this.till = new Till(head, around)
    this.hooking = new Hooking(around.fleet, this.till)
    this.leaving = new Leaving({
      ...{ head, fleet: around.fleet, till: this.till, state: () => this.state, starts: () => this.starts },
      order: async () => {
        this.order({})
        await this.ordering.arrived()
      },
    })
    this.quorum = script.quorum
    this.state = begin(plan, now, script)
    this.silence = new Silence(now)
    this.hearing = new Hearing(around.world.secrets, {
      hear: (told) => this.hear(told),
      distrust: (of) => this.distrust(of),
    })
    this.orders = firstOrders(now)
    this.ordering = new Ordering(this.orders, {
      ...{ store: around.fleet.store, clock: around.world.clock },
      write: (orders) => around.fleet.order(orders),
      onStop: (how) => this.stop('order', how),
    })
  }

  /** Resolves when every worker is gone. Throws when one could not start, having ended the others unsent. */
  async carryOut(windows: readonly (readonly Start[])[], { before, after }: Hooks): Promise<void> {
    const { fleet, world } = this.around
    if (after !== null) this.till.keepForAfter()
    await fleet.order(this.orders)
    const ends = [
      world.onStop((signal) => this.stop(signal)),
      world.clock.every(LEASE_RENEWAL, () => this.leaving.isUnderWay || this.order({})),
      world.clock.every(1_000, () => this.tick()),
      world.clock.every(WATCH, () => this.watchOn()),
    ]
    try {
      const vars = await this.hooking.run(before, {}, this.state)
      if (vars instanceof SlsartError) throw vars
      const ready = windows.map((starts) => starts.map((start) => ({ ...start, vars: vars ?? {} })))
      this.starts = ready.flat()
      await Promise.race([Promise.all(ready.map((starts, i) => this.window(starts, i === 0))), this.leaving.done])
      if (this.leaving.left !== null) return
      while (this.again.length > 0) await this.again.shift()
      if (this.someLeftEarly && !this.ending()) await this.ordering.asked()
      if (this.till.hasCut(this.orders.until, this.state)) this.stop('budget', 'drain')
      // Also after a stop or a failed start, but for one at once: it takes away what `before` has made. Without knowing what that is, it cannot.
      if (after !== null && vars !== null) {
        const last = this.isStoppedNow() ? null : await this.hooking.run(after, vars, this.state)
        this.after = { problem: last === null ? 'stopped' : last instanceof SlsartError ? last.message : null }
      }
      await this.ordering.settled()
    } finally {
      for (const end of ends) end()
    }
    if (this.refusal) throw this.refusal
    this.around.observe(this.state)
  }

  /** One window's workers, from their launch to the last one's end. Later windows are launched early, and wait. */
  private async window(starts: readonly Start[], first: boolean): Promise<void> {
    const slices = starts.map(({ index }) => index)
    const turn = first ? !this.ending() : await this.turnOf(starts[0] as Start)
    if (!turn || !this.till.pays(this.state, starts)) return this.happen({ type: 'cancelled', slices })
    this.launchedAt ??= this.around.world.clock.wall()
    this.happen({ type: 'launched', slices, attempt: 1 })
    await this.follow(starts)
  }

  private async follow(starts: readonly Start[]): Promise<void> {
    // Everybody must know when the load ends before there are more who are paid.
    if (this.till.isCounting) this.order({})
    if (this.till.isCounting) await this.ordering.settled()
    const told = starts.map((start) => ({ ...start, until: this.orders.until }))
    for await (const event of this.around.fleet.launch(told)) this.hearing.take(event)
  }

  /** The slice's next attempt, at once. */
  private tryAgain(worker: WorkerState): void {
    const { slice } = worker
    const attempt = lastAttempt(worker) + 1
    // Whoever was taken for dead, and is not, must hear of it.
    this.order({ dropped: withThese(this.orders.dropped, [{ slice, attempt: attempt - 1 }]) })
    this.happen({ type: 'launched', slices: [slice], attempt })
    this.again.push(this.follow([{ ...(this.starts[slice] as Start), attempt }]))
  }

  /** Waits until a window's workers must be started to be ready in time; false when the run ends before that. */
  private async turnOf({ slice }: Start): Promise<boolean> {
    const { clock } = this.around.world
    const early = (this.state.plan.lifetime?.startUp ?? 0) * 1000
    while (!this.ending() && !this.till.isBroke) {
      const { t0 } = this.state
      const wait = t0 === null ? LOOK : t0 + slice.window.from * 1000 - early - clock.wall()
      if (wait <= 0 && !this.leaving.isUnderWay) return true
      await clock.sleep(wait > 0 ? Math.min(wait, LOOK) : LOOK)
    }
    return false
  }

  private ending(): boolean {
    return this.refusal !== null || this.state.endedAt !== null || this.leaving.left !== null
  }

  /** A later attempt has nothing to do with it. */
  private distrust({ slice, attempt }: SliceAttempt): void {
    const worker = this.state.workers[slice]
    if (worker !== undefined && lastAttempt(worker) === attempt) this.giveUp([worker])
  }

  private hear({ slice, attempt, event }: FleetEvent): void {
    if (this.leaving.left !== null) return
    const of = { slice, attempt }
    this.heedLease()
    switch (event.type) {
      case 'frame':
        return this.frame(of, event.packed)
      case 'fault':
        this.happen({ type: 'fault', ...of, fault: event })
        return this.failToStart(startError(event))
      case 'gone':
        return this.gone(of, event)
      case 'cut':
        return this.cutOff(of)
      case 'hooked':
      case 'returned':
        return
      case 'suggested':
      case 'step':
      case 'unkept':
        return this.happen({ ...event, slice })
      case 'done':
        this.happen({ type: 'done', ...of, ledger: event.ledger, frames: event.frames })
        return event.ledger.lost > 0 && !isAmong(this.orders.dropped, of) ? this.leftEarly() : undefined
      case 'ready':
        return this.ready(of, event.at)
    }
  }

  /** Without batches nothing more is heard of it, though it goes on. */
  private cutOff(of: SliceAttempt): void {
    this.cut.add(nameOf(of))
    const worker = this.state.workers[of.slice]
    if (this.around.fleet.batches === null && worker !== undefined && !this.ending()) this.giveUp([worker])
  }

  private gone(of: SliceAttempt, { reason, billed, retry }: Gone): void {
    const { t0, workers } = this.state
    const worker = workers[of.slice]
    const unstarted = worker?.is === 'starting' || worker?.is === 'ready'
    const to = t0 === null || worker === undefined ? null : t0 + windowEnd(this.state, worker) * 1000
    const givenUp = isAmong(this.orders.dropped, of)
    const now = this.around.world.clock.wall()
    const isWanted = isReplaced(this.state, { ...of, retry }, { now, to, givenUp, ending: this.ending() })
    const again = isWanted && this.till.affords(this.state, 1, 0)
    this.happen({ type: 'gone', ...of, reason, billed, again, givenUp: givenUp && !this.ending() })
    if (again && worker !== undefined) this.tryAgain(worker)
    else if (unstarted && !canBegin(this.state, this.quorum)) return this.failToStart(preflightErrors.start(reason))
    this.goIfReady()
  }

  /** What is said after it is heard was said by a faster clock, however long it took on its way: T0 would be over there when it is told. */
  private ready(of: SliceAttempt, at: Millis): void {
    const behind = at - this.around.world.clock.wall()
    this.happen({ type: 'ready', ...of, at })
    if (behind > MOST_BEHIND) this.failToStart(preflightErrors.clock(behind / 1000))
    const { t0, workers } = this.state
    const worker = workers[of.slice]
    if (t0 === null) this.goIfReady()
    else if (worker !== undefined && lastAttempt(worker) === of.attempt) this.join(worker, at, t0)
  }

  /** Tells a worker that does not begin with its window when it begins; one that comes after its end goes again. */
  private join(worker: WorkerState, at: Millis, t0: Millis): void {
    const { slice } = worker
    const of = lastOf(worker)
    const { from } = (this.starts[slice] as Start).slice.window
    if (isInTime({ ...of, at }, t0, from) || this.ending()) return
    const soon = (soonest(this.around, this.state.plan) - t0) / 1000
    const joins = { ...of, from: Math.max(from, Math.ceil(soon * 1000) / 1000) }
    if (joins.from >= windowEnd(this.state, worker)) return this.giveUp([worker])
    this.happen({ type: 'joined', ...joins })
    this.order({ joined: [...this.orders.joined, joins] })
  }

  private goIfReady(): void {
    const { fleet, world } = this.around
    if (this.state.t0 !== null || this.ending() || this.launchedAt === null) return
    const waited = world.clock.wall() - this.launchedAt
    const { startDeadline: deadline } = fleet
    const next = beginning(this.state, { quorum: this.quorum, waited, deadline })
    if (next.kind === 'go') return this.go()
    if (next.kind === 'wait') return
    this.failToStart(preflightErrors.startDeadline(next.ready, next.asked, (deadline ?? 0) / 1000))
  }

  private frame(of: SliceAttempt, packed: Uint8Array): void {
    const bytes = unpackedForNow(packed)
    if (bytes === null) return
    const now = this.around.world.clock.wall()
    const { t0 } = this.state
    const { slice } = of
    const { second } = heardHead(bytes, of, t0 === null ? 0 : (now - t0) / 1000)
    this.state = reduce(this.state, { type: 'frame', slice, bytes }, now)
    this.around.log.frame({ slice, second }, packed, now)
    this.look()
  }

  private go(): void {
    const t0 = soonest(this.around, this.state.plan)
    this.happen({ type: 'go', t0 })
    this.order({ t0 })
    // Nobody knows of its forerunner but this side.
    const again = this.state.workers.filter((worker) => worker.is === 'ready' && lastAttempt(worker) > 1)
    for (const worker of again) this.join(worker, t0, t0)
  }

  /** Ends the load when a threshold wants it: no more arrivals, what is in flight may end. */
  private look(): void {
    if (this.ending()) return
    const tripped = this.state.thresholds.tripped()
    if (tripped === null) return
    this.happen({ type: 'tripped', ...tripped })
    this.order({ stop: 'drain' })
  }

  /** Changes the load from a moment on that all workers hear of before it; what cannot be steered stays as it is. */
  readonly steer: Steer = async (steering) => {
    const { epochs, answer } = steeredBy(this.state, steering)
    if (epochs === null) return answer
    this.happen({ type: 'steered', epochs })
    this.order({ epochs })
    this.around.observe(this.state)
    await this.ordering.arrived()
    return answer
  }

  /** First signal: no more arrivals, what is in flight may end. Second: the workers end at once. */
  private stop(by: StoppedBy, how: Stop = this.state.endedAt === null ? 'drain' : 'now'): void {
    if (how === 'drain' && this.ending()) return
    this.happen({ type: 'stop', by })
    this.hooking.stop()
    this.order({ stop: how })
    if (how === 'now') this.around.fleet.dropAll()
  }

  private isStoppedNow(): boolean {
    return this.state.stoppedBy !== null && this.orders.stop === 'now'
  }

  /** A worker has ended before its time, and not by these orders: by a stop that was asked for elsewhere, or its lease. */
  private leftEarly(): void {
    if (this.ending()) return
    this.someLeftEarly = true
    this.hold()
    if (this.ordering.nearlyLapsed()) this.stop('lease', 'drain')
    else void this.ordering.asked()
  }

  /** Nobody is at work any more by a lease that has run out: whatever kept it from being renewed, the load is not begun again. */
  private heedLease(): void {
    if (this.ending() || this.state.stage === 'over' || !this.ordering.lapsed()) return
    this.stop(this.till.cameFirst(this.orders) ? 'budget' : 'lease', 'drain')
  }

  /** Before `go` nothing has been sent: one worker that cannot start ends the run as an error. */
  private failToStart(error: SlsartError): void {
    if (this.state.t0 !== null || this.ending()) return
    this.refusal ??= error
    // Workers that are elsewhere would wait for their lease to run out, and be paid for.
    this.order({ stop: 'now' })
    this.around.fleet.dropAll()
  }

  private tick(): void {
    this.heedLease()
    this.ordering.tick()
    this.state = reduce(this.state, { type: 'tick' }, this.around.world.clock.wall())
    const { fleet, world, observe } = this.around
    this.giveUp(
      this.silence.look(this.state, world.clock.wall(), {
        isRemote: fleet.platform !== null,
        unheard: 2 * (fleet.batches ?? 0) * 1000,
        isCut: (worker) => this.cut.has(nameOf(lastOf(worker))),
      }),
    )
    this.goIfReady()
    if (this.refusal === null) observe(this.state)
  }

  /** Also when no frame comes. */
  private watchOn(): void {
    this.state = reduce(this.state, { type: 'tick' }, this.around.world.clock.wall())
    this.look()
    this.hold()
  }

  /** Ends the load before it would cost more than was said; what others have left over lets it go on. */
  private hold(): void {
    const next = this.ending() ? null : this.till.look(this.orders.until, this.state)
    if (next === 'over') this.stop('budget', 'drain')
    else if (next === 'later') this.order({})
  }

  /** Gives workers up, and tells them so, should they still be there: what they did from now on would be another's. */
  private giveUp(workers: readonly WorkerState[]): void {
    const given = workers.map(lastOf)
    const dropped = withThese(this.orders.dropped, given)
    if (dropped.length > this.orders.dropped.length) this.order({ dropped })
    for (const worker of given) this.around.fleet.drop(worker)
  }

  private order(change: Partial<Omit<Orders, 'version' | 'lease'>>): void {
    if (this.leaving.left !== null) return
    this.heedLease()
    const until = this.till.until(this.orders.until, this.state)
    const held = this.leaving.holds({ until, lease: this.around.world.clock.wall() })
    this.orders = amend(this.orders, { ...change, ...held })
    this.ordering.write(this.orders)
  }

  private happen(event: OtherEvent): void {
    if (this.leaving.left !== null) return
    const now = this.around.world.clock.wall()
    this.state = reduce(this.state, event, now)
    this.around.log.event(event, now)
  }
}
