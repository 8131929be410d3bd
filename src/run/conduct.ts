/**
 * One run, from script to record: plan → launch → merge → judge. Throws a SlsartError before the first request;
 * afterwards every ending is a RunRecord.
 */
import { inflateSync } from 'node:zlib'
import { preflightErrors, type SlsartError, scriptErrors } from '../errors.ts'
import type { Fleet, FleetEvent } from '../fleet/fleet.ts'
import { readHead } from '../measure/frame.ts'
import { judge } from '../measure/verdict.ts'
import { type Plan, planRun } from '../plan/plan.ts'
import { preflight } from '../plan/preflight.ts'
import { packScript } from '../scenario/pack.ts'
import type { Script } from '../scenario/script.ts'
import { folderStore } from '../store/folder.ts'
import type { Millis, Seed } from '../units.ts'
import type { Fault } from '../wire/events.ts'
import { amend, LEASE_RENEWAL, type Orders } from '../wire/orders.ts'
import { type Start, workerScript } from '../wire/start.ts'
import type { StopSignal, World } from '../world.ts'
import { exitFor } from './ending.ts'
import { evidence } from './evidence.ts'
import type { FrameLog } from './frames.ts'
import { openRecord, type RunRecord } from './record.ts'
import { begin, countWorkers, type RunEvent, type RunState, reduce } from './state.ts'

export type Settings = { id: string; folder: string; workers: number | null; seed: Seed; rawSamples: boolean }
export type Observe = (state: RunState) => void

/** From the order to go until T0: workers poll four times a second before it. */
const HEADSTART: Millis = 750
/** A worker that has said nothing for so long is given up and ended; starting takes longer when many share few cores. */
const SILENCE: Millis = 30_000
const START_SILENCE: Millis = 120_000

export async function conduct(
  script: Script,
  settings: Settings,
  { fleet, world, observe }: { fleet: Fleet; world: World; observe: Observe },
): Promise<RunRecord> {
  const plan = planRun({ phases: script.phases, seed: settings.seed, workers: settings.workers })
  for (const { asked, fits } of preflight(plan, fleet.limits())) throw preflightErrors.workers(asked, fits)
  const { parts, files } = await packScript(script)
  const log = await openRecord(settings.folder, { id: settings.id, script, plan })
  const store = folderStore(settings.folder)
  for (const { key, bytes } of files) await store.put(key, bytes)

  const starts = plan.slices.map(
    (slice, index): Start => ({
      ...{ run: settings.id, slice, index, attempt: 1, seed: plan.seed, profile: plan.profile },
      ...{ script: workerScript(script), parts, store: settings.folder, rawSamples: settings.rawSamples },
    }),
  )
  const run = new Run(plan, { fleet, world, observe, log })
  await run.carryOut(starts)
  await log.close()

  const { state } = run
  const verdict = judge(evidence(state, log.problem()))
  const startedAt = state.t0 ?? world.clock.wall()
  return {
    ...{ id: settings.id, folder: settings.folder, script, state, startedAt, endedAt: world.clock.wall() },
    ...{ fleet: 'local', verdict, exit: exitFor(verdict) },
  }
}

type Around = { fleet: Fleet; world: World; observe: Observe; log: FrameLog }

/** The part of a run in which workers live: their events in, orders out. */
class Run {
  state: RunState
  private orders: Orders
  private readonly around: Around
  /** Orders are written one after the other: a later version must not be overtaken by an earlier one. */
  private writing: Promise<void> = Promise.resolve()
  private refusal: SlsartError | null = null

  constructor(plan: Plan, around: Around) {
    this.around = around
    const now = around.world.clock.wall()
    this.state = begin(plan, now)
    this.orders = { version: 1, t0: null, lease: now, stop: null }
  }

  /** Resolves when every worker is gone. Throws when one could not start, having ended the others unsent. */
  async carryOut(starts: readonly Start[]): Promise<void> {
    const { fleet, world } = this.around
    await fleet.order(this.orders)
    const ends = [
      world.onStop((signal) => this.stop(signal)),
      world.clock.every(LEASE_RENEWAL, () => this.order({})),
      world.clock.every(1_000, () => this.tick()),
    ]
    try {
      for await (const event of fleet.launch(starts)) this.hear(event)
      await this.writing
    } finally {
      for (const end of ends) end()
    }
    if (this.refusal) throw this.refusal
  }

  private hear({ slice, event }: FleetEvent): void {
    switch (event.type) {
      case 'frame':
        return this.frame(slice, event.packed)
      case 'fault':
        this.happen({ type: 'fault', slice, fault: event })
        return this.failToStart(startError(event))
      case 'gone': {
        const unstarted = this.state.workers[slice]?.is === 'starting'
        this.happen({ type: 'gone', slice, reason: event.reason })
        return unstarted ? this.failToStart(preflightErrors.start(event.reason)) : undefined
      }
      case 'done':
        return this.happen({ type: 'done', slice, ledger: event.ledger, frames: event.frames })
      case 'ready':
        this.happen({ type: 'ready', slice })
        if (countWorkers(this.state, 'ready') === this.state.workers.length) this.go()
    }
  }

  private frame(slice: number, packed: Uint8Array): void {
    try {
      const bytes = inflateSync(packed)
      const { second } = readHead(bytes)
      this.happen({ type: 'frame', slice, bytes })
      this.around.log.append(second, packed)
    } catch {
      // Damaged on its way: its number will be missing, and the verdict says so.
    }
  }

  private go(): void {
    const t0 = this.around.world.clock.wall() + HEADSTART
    this.happen({ type: 'go', t0 })
    this.order({ t0 })
  }

  /** First signal: no more arrivals, what is in flight may end. Second: the workers end at once. */
  private stop(signal: StopSignal): void {
    const again = this.state.stoppedBy !== null
    this.happen({ type: 'stop', by: signal })
    this.order({ stop: again ? 'now' : 'drain' })
    if (again) this.dropAll()
  }

  /** Before `go` nothing has been sent: one worker that cannot start ends the run as an error. */
  private failToStart(error: SlsartError): void {
    if (this.state.t0 !== null || this.state.stoppedBy !== null) return
    this.refusal ??= error
    this.dropAll()
  }

  private tick(): void {
    this.happen({ type: 'tick' })
    const { fleet, world, observe } = this.around
    for (const { slice, is, heardAt } of this.state.workers) {
      const patience = is === 'starting' ? START_SILENCE : SILENCE
      if (is !== 'done' && is !== 'lost' && world.clock.wall() - heardAt > patience) fleet.drop(slice)
    }
    if (this.refusal === null) observe(this.state)
  }

  private dropAll(): void {
    for (const { slice } of this.state.workers) this.around.fleet.drop(slice)
  }

  private order(change: Partial<Pick<Orders, 't0' | 'stop'>>): void {
    this.orders = amend(this.orders, { ...change, lease: this.around.world.clock.wall() })
    const { orders } = this
    // A document that cannot be written leaves the last one, and its lease, in force.
    this.writing = this.writing.then(() => this.around.fleet.order(orders)).catch(() => {})
  }

  private happen(event: RunEvent): void {
    this.state = reduce(this.state, event, this.around.world.clock.wall())
  }
}

const startError = (fault: Fault): SlsartError =>
  fault.code === 'script'
    ? scriptErrors.processor(fault.at ?? { file: 'processor' }, fault.message)
    : preflightErrors.start(fault.message)
