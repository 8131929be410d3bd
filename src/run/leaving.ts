/**
 * An attached run is left to the stage's state machine while its load is on, and this process lets go of it. Its workers go on by themselves, and
 * what they have told is in their batches, from the first event on. In this order, so that whatever fails leaves a run that is led as before:
 *   what later windows need is laid into the store;
 *   the orders say that nobody leads, and when the load must have ended: workers write what they have in short from then on;
 *   the state machine is started: with the windows that have not begun, and to close the run when all have ended;
 *   nothing more is heard, launched or ordered here.
 */
import { detachErrors } from '../aws-errors.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { isPaused } from '../plan/epochs.ts'
import type { Script } from '../scenario/script.ts'
import type { Millis } from '../units.ts'
import type { BucketPlace, Execution } from '../wire/detached.ts'
import type { Orders } from '../wire/orders.ts'
import type { Start } from '../wire/start.ts'
import { mostOf } from './detach.ts'
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
import type { RunHead } from './record.ts'
import type { RunState } from './state.ts'
import type { Till } from './till.ts'

/** To whom it is left; `machine`: null when the stage has none. */
export type Heir = { script: Script; machine: Machine | null }

/** `order` resolves when the orders are in the store. */
type Run = {
  head: RunHead
  fleet: Pick<Fleet, 'platform' | 'place' | 'store' | 'batches'>
  till: Till
  state(): RunState
  /** Of all windows. */
  starts(): readonly Start[]
  order(): Promise<void>
}

/** When it is over at the latest. */
export type Left = { t0: Millis; end: Millis }

type Ready = { place: BucketPlace; machine: Machine; t0: Millis }

export class Leaving {
  /** Whether nobody is to be launched meanwhile. */
  isUnderWay = false
  readonly done: Promise<Left>
  left: Left | null = null
  private end: Millis | null = null
  private readonly run: Run
  private readonly resolve: (left: Left) => void

  constructor(run: Run) {
    this.run = run
    const { promise, resolve } = Promise.withResolvers<Left>()
    this.done = promise
    this.resolve = resolve
  }

  /** What orders say of who leads, and until when. `led`: as long as somebody does. */
  holds(led: Pick<Orders, 'lease' | 'until'>): Pick<Orders, 'lease' | 'until' | 'led'> {
    return this.end === null ? { ...led, led: true } : { lease: this.end, until: null, led: false }
  }

  /** Throws a SlsartError when it cannot be, and what the store or the state machine throw: then the run is led as before. */
  async to({ script, machine }: Heir): Promise<void> {
    if (this.isUnderWay) return
    const ready = this.refuse(script, machine)
    this.isUnderWay = true
    try {
      const { end, execution } = await this.lay(ready, script)
      this.end = end
      await this.run.order()
      await ready.machine.begin(execution)
      this.left = { t0: ready.t0, end }
      this.resolve(this.left)
    } catch (error) {
      this.end = null
      this.isUnderWay = false
      await this.run.order().catch(() => {})
      throw error
    }
  }

  private refuse(script: Script, machine: Machine | null): Ready {
    const { head, fleet } = this.run
    const { platform, place } = fleet
    if (platform === null || place.kind !== 'bucket') throw detachErrors.local()
    if (fleet.batches === null) throw detachErrors.ephemeral()
    if (head.acceptance || head.monitoring !== null) throw detachErrors.trial()
    refuseLed(script, true)
    if (machine === null) throw detachErrors.noMachine(platform.stage)
    const { t0, stage, endedAt, epochs, at, profile } = this.run.state()
    if (t0 === null || at < 0) throw detachErrors.early()
    if (stage !== 'running' || endedAt !== null || at >= profile.duration) throw detachErrors.late()
    if (isPaused(epochs)) throw detachErrors.paused()
    return { place, machine, t0 }
  }

  /** What is left to do, in the store. */
  private async lay({ place, machine, t0 }: Ready, script: Script): Promise<{ end: Millis; execution: Execution }> {
    const { fleet } = this.run
    const starts = this.run.starts()
    const [start] = starts
    if (start === undefined) throw new TypeError('a run has workers')
    const { workers, plan, profile } = this.run.state()
    const drain = drainIn(start)
    const begun = workers.findLastIndex(({ is }) => is !== 'waiting') + 1
    const at = new Map<number, Millis>()
    let next = 0
    for (const [i, window] of plan.windows.entries()) {
      const own = starts.slice(next, next + window.workers)
      next += window.workers
      if (next <= begun) continue
      await layWindow(fleet.store, i, own)
      at.set(i, launchOf(plan, i, { now: 0, t0 }))
    }
    const first = plan.windows.length - at.size
    const ownEnd = t0 + (plan.windows[first]?.from ?? profile.duration) * 1000
    this.holdToCap(first, { now: 0, t0, drain }, ownEnd)
    if (at.size > 0) {
      const { index: _index, slice: _slice, ...common } = start
      await layShared(fleet.store, common)
    }
    return {
      end: t0 + profile.duration * 1000 + drain + SLACK,
      execution: {
        ...{ place, function: machine.function, tolerated: toleratedBy(script.quorum) },
        windows: windowsOf(place, at),
        rest: { from: new Date(ownEnd).toISOString(), until: ownEnd + drain + SLACK },
      },
    }
  }

  /** Nobody will be here to end it early. */
  private holdToCap(first: number, times: { now: Millis; t0: Millis; drain: Millis }, ownEnd: Millis): void {
    const { head, till } = this.run
    const { cap, tariff } = head.money
    if (cap === null || tariff === null) return
    const state = this.run.state()
    const most = till.mostBy(ownEnd + times.drain, state) + mostOf(state.plan, first, tariff, times)
    if (most > cap) throw detachErrors.cap(cap, most)
  }
}
