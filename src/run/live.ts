/**
 * The part of a run in which workers live: their events in, orders out. Everything that happens goes through the reducer of
 * state.ts; what this file decides is when workers are launched, told to go, told to stop, and given up.
 */
import { preflightErrors, SlsartError, scriptErrors, unreadableText } from '../errors.ts'
import type { Fleet, FleetEvent } from '../fleet/fleet.ts'
import type { Millis } from '../units.ts'
import type { Fault } from '../wire/events.ts'
import { amend, LEASE_RENEWAL, type Orders } from '../wire/orders.ts'
import type { Start } from '../wire/start.ts'
import type { StopSignal, World } from '../world.ts'
import { heard, heardHead } from './heard.ts'
import { type After, type Hooks, runHook } from './hooks.ts'
import { type OtherEvent, type RunLog, unpacked } from './log.ts'
import type { RunHead } from './record.ts'
import { begin, countWorkers, hasEnded, type RunState, reduce } from './state.ts'
import { type Steering, steeredBy } from './steer.ts'

export type Observe = (state: RunState) => void

/** A worker that has said nothing for so long is given up and ended; starting takes longer when many share few cores. */
const SILENCE: Millis = 30_000
const START_SILENCE: Millis = 120_000
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
  /** Orders are written one after the other: a later version must not be overtaken by an earlier one. */
  private writing: Promise<void> = Promise.resolve()
  private refusal: SlsartError | null = null
  after: After | null = null
  /** Workers that sent what cannot be read, by slice and attempt. */
  private readonly unreadable = new Set<string>()
  private hooking: { index: number; stopped: boolean } | null = null

  private readonly quorum: number
  /** When the first window's workers were launched; null before that. */
  private launchedAt: Millis | null = null

  constructor({ plan, launchedAt: now, script }: RunHead, around: Around) {
    this.around = around
    this.quorum = script.quorum
    this.state = begin(plan, now, script)
    this.orders = { version: 1, t0: null, epochs: [], lease: now, stop: null, dropped: [] }
  }

  /** Resolves when every worker is gone. Throws when one could not start, having ended the others unsent. */
  async carryOut(windows: readonly (readonly Start[])[], { before, after }: Hooks): Promise<void> {
    const { fleet, world } = this.around
    await fleet.order(this.orders)
    const ends = [
      world.onStop((signal) => this.stop(signal)),
      world.clock.every(LEASE_RENEWAL, () => this.order({})),
      world.clock.every(1_000, () => this.tick()),
      world.clock.every(WATCH, () => this.watchOn()),
    ]
    try {
      const vars = await this.hook(before, {})
      if (vars instanceof SlsartError) throw vars
      const ready = windows.map((starts) => starts.map((start) => ({ ...start, vars: vars ?? {} })))
      await Promise.all(ready.map((starts, i) => this.window(starts, i === 0)))
      // Also after a stop or a failed start: it takes away what `before` has made. Without knowing what that is, it cannot.
      if (after !== null && vars !== null) {
        const last = await this.hook(after, vars)
        this.after = { problem: last === null ? 'stopped' : last instanceof SlsartError ? last.message : null }
      }
      await this.writing
    } finally {
      for (const end of ends) end()
    }
    if (this.refusal) throw this.refusal
    this.around.observe(this.state)
  }

  /** Runs a hook, if there is one. A stop ends the one that is running: null. */
  private async hook(start: Start | null, vars: Start['vars']): Promise<Start['vars'] | SlsartError | null> {
    if (start === null) return vars
    this.hooking = { index: start.index, stopped: false }
    const outcome = await runHook(this.around.fleet, { ...start, vars })
    const { stopped } = this.hooking
    this.hooking = null
    return stopped ? null : outcome
  }

  /** One window's workers, from their launch to the last one's end. Later windows are launched early, and wait. */
  private async window(starts: readonly Start[], first: boolean): Promise<void> {
    const slices = starts.map(({ index }) => index)
    const turn = first ? !this.ending() : await this.turnOf(starts[0] as Start)
    if (!turn) return this.happen({ type: 'cancelled', slices })
    this.launchedAt ??= this.around.world.clock.wall()
    this.happen({ type: 'launched', slices })
    for await (const event of this.around.fleet.launch(starts)) this.listen(event)
  }

  /** Waits until a window's workers must be started to be ready in time; false when the run ends before that. */
  private async turnOf({ slice }: Start): Promise<boolean> {
    const { clock } = this.around.world
    const early = (this.state.plan.lifetime?.startUp ?? 0) * 1000
    while (!this.ending()) {
      const { t0 } = this.state
      const wait = t0 === null ? LOOK : t0 + slice.window.from * 1000 - early - clock.wall()
      if (wait <= 0) return true
      await clock.sleep(Math.min(wait, LOOK))
    }
    return false
  }

  private ending(): boolean {
    return this.refusal !== null || this.state.endedAt !== null
  }

  /** What no worker sends changes nothing, and ends who has sent it. */
  private listen({ slice, attempt, event }: FleetEvent): void {
    const of = `${slice}/${attempt}`
    if (event.type === 'gone') {
      const reason = this.around.world.secrets.text(event.reason)
      return this.hear({ slice, attempt, event: { ...event, reason } })
    }
    if (this.unreadable.has(of)) return
    try {
      this.hear({ slice, attempt, event: heard(event) })
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      this.unreadable.add(of)
      const fault: Fault = { type: 'fault', code: 'worker', message: unreadableText(error.message), at: null }
      this.hear({ slice, attempt, event: fault })
      this.giveUp([slice])
    }
  }

  private hear({ slice, event }: FleetEvent): void {
    switch (event.type) {
      case 'frame':
        return this.frame(slice, event.packed)
      case 'fault':
        this.happen({ type: 'fault', slice, fault: event })
        return this.failToStart(startError(event))
      case 'gone': {
        const { is } = this.state.workers[slice] ?? {}
        const unstarted = is === 'starting' || is === 'ready'
        this.happen({ type: 'gone', slice, reason: event.reason, billed: event.billed })
        if (unstarted && !this.enough()) return this.failToStart(preflightErrors.start(event.reason))
        return this.goIfReady()
      }
      case 'hooked':
        return
      case 'suggested':
        return this.happen({ type: 'suggested', slice, code: event.code })
      case 'step':
        return this.happen({ type: 'step', slice, step: event.step })
      case 'done':
        return this.happen({ type: 'done', slice, ledger: event.ledger, frames: event.frames })
      case 'ready':
        return this.ready(slice, event.at)
    }
  }

  /** What is said after it is heard was said by a faster clock, however long it took on its way: T0 would be over there when it is told. */
  private ready(slice: number, at: Millis): void {
    const behind = at - this.around.world.clock.wall()
    this.happen({ type: 'ready', slice, at })
    if (behind > MOST_BEHIND) this.failToStart(preflightErrors.clock(behind / 1000))
    this.goIfReady()
  }

  /** All that can be are ready; or the start deadline has passed, and a quorum of them is: the others are given up. */
  private goIfReady(): void {
    const { fleet, world } = this.around
    const ready = countWorkers(this.state, 'ready')
    if (this.state.t0 !== null || this.ending() || this.launchedAt === null || ready === 0) return
    const starting = this.state.workers.filter(({ is }) => is === 'starting')
    if (starting.length > 0) {
      const { startDeadline } = fleet
      if (startDeadline === null || world.clock.wall() - this.launchedAt < startDeadline) return
      const asked = ready + starting.length + countWorkers(this.state, 'lost')
      if (ready < this.quorum * asked - 1e-9) {
        return this.failToStart(preflightErrors.startDeadline(ready, asked, startDeadline / 1000))
      }
      this.giveUp(starting.map(({ slice }) => slice))
    }
    this.go()
  }

  /** Whether enough of the workers can still be ready. */
  private enough(): boolean {
    const lost = countWorkers(this.state, 'lost')
    const asked = lost + countWorkers(this.state, 'starting', 'ready')
    return lost < asked && asked - lost >= this.quorum * asked - 1e-9
  }

  private frame(slice: number, packed: Uint8Array): void {
    const bytes = unpacked(packed)
    if (bytes === null) return
    const now = this.around.world.clock.wall()
    const { t0 } = this.state
    const { second } = heardHead(bytes, slice, t0 === null ? 0 : (now - t0) / 1000)
    this.state = reduce(this.state, { type: 'frame', slice, bytes }, now)
    this.around.log.frame({ slice, second }, packed, now)
    this.look()
  }

  private go(): void {
    const { fleet, world } = this.around
    const t0 = world.clock.wall() + fleet.headstart
    this.happen({ type: 'go', t0 })
    this.order({ t0 })
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
  steer(steering: Steering): void {
    const epochs = steeredBy(this.state, steering)
    if (epochs === null) return
    this.happen({ type: 'steered', epochs })
    this.order({ epochs })
    this.around.observe(this.state)
  }

  /** First signal: no more arrivals, what is in flight may end. Second: the workers end at once. */
  private stop(signal: StopSignal): void {
    const again = this.state.endedAt !== null
    this.happen({ type: 'stop', by: signal })
    if (this.hooking !== null) {
      this.hooking.stopped = true
      this.around.fleet.drop(this.hooking.index)
    }
    this.order({ stop: again ? 'now' : 'drain' })
    if (again) this.dropAll()
  }

  /** Before `go` nothing has been sent: one worker that cannot start ends the run as an error. */
  private failToStart(error: SlsartError): void {
    if (this.state.t0 !== null || this.ending()) return
    this.refusal ??= error
    // Workers that are elsewhere would wait for their lease to run out, and be paid for.
    this.order({ stop: 'now' })
    this.dropAll()
  }

  private tick(): void {
    this.state = reduce(this.state, { type: 'tick' }, this.around.world.clock.wall())
    const { fleet, world, observe } = this.around
    // A worker whose stream was cut is heard of again in its next batch.
    const unheard = 2 * (fleet.batches ?? 0) * 1000
    const silent = this.state.workers.filter((worker) => {
      const { is, heardAt } = worker
      const patience = is === 'starting' || this.state.t0 === null ? START_SILENCE : SILENCE + unheard
      return !hasEnded(worker) && is !== 'waiting' && world.clock.wall() - heardAt > patience
    })
    this.giveUp(silent.map(({ slice }) => slice))
    this.goIfReady()
    if (this.refusal === null) observe(this.state)
  }

  /** Also when no frame comes. */
  private watchOn(): void {
    this.state = reduce(this.state, { type: 'tick' }, this.around.world.clock.wall())
    this.look()
  }

  private dropAll(): void {
    for (const { slice } of this.state.workers) this.around.fleet.drop(slice)
  }

  /** Gives a worker up, and tells it so, should it still be there: what it did from now on nobody would count. */
  private giveUp(slices: readonly number[]): void {
    const fresh = slices.filter((slice) => !this.orders.dropped.includes(slice))
    if (fresh.length > 0) this.order({ dropped: [...this.orders.dropped, ...fresh] })
    for (const slice of slices) this.around.fleet.drop(slice)
  }

  private order(change: Partial<Pick<Orders, 't0' | 'stop' | 'epochs' | 'dropped'>>): void {
    this.orders = amend(this.orders, { ...change, lease: this.around.world.clock.wall() })
    const { orders } = this
    // A document that cannot be written leaves the last one, and its lease, in force.
    this.writing = this.writing.then(() => this.around.fleet.order(orders)).catch(() => {})
  }

  private happen(event: OtherEvent): void {
    const now = this.around.world.clock.wall()
    this.state = reduce(this.state, event, now)
    this.around.log.event(event, now)
  }
}

const startError = (fault: Fault): SlsartError =>
  fault.code === 'script'
    ? scriptErrors.processor(fault.at ?? { file: 'processor' }, fault.message)
    : preflightErrors.start(fault.message)
