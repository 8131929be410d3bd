/**
 * One slice, from its event to its ledger:
 *   claim → load → warm up → ready → go at T0 → dispatch → drain → done
 * A worker does nothing twice: without the claim on its (slice, attempt) it sends nothing to the target and says so.
 */
import { lookup } from 'node:dns/promises'
import { emptyLedger, type Ledger } from '../src/measure/ledger.ts'
import { artillery, named } from '../src/measure/names.ts'
import { chooseScenario } from '../src/plan/choose.ts'
import type { Slice } from '../src/plan/slices.ts'
import type { Redactor } from '../src/secrets/redactor.ts'
import type { Store } from '../src/store/store.ts'
import type { Micros, Millis } from '../src/units.ts'
import type { Fault, WorkerEvent } from '../src/wire/events.ts'
import type { Start } from '../src/wire/start.ts'
import { takeClaim } from './claim.ts'
import { type Clock, steadyClock } from './clock.ts'
import type { Deadline } from './deadline.ts'
import { Dispatcher } from './dispatcher.ts'
import { putEnded } from './ended.ts'
import { drained, type Ending, stopping } from './ending.ts'
import type { Engine, Vu } from './engines/engine.ts'
import { engineFor } from './engines/load.ts'
import { Flight, type Launcher } from './flight.ts'
import { followOrders } from './follow.ts'
import { type HealthMonitor, healthMonitor, type Usage } from './health.ts'
import { HookFault, runHook } from './hook.ts'
import { packFrame } from './packing.ts'
import { fetchParts, ScriptFault } from './parts.ts'
import { add, type Cell, Recorder } from './recorder.ts'
import { samplesOf } from './samples.ts'
import { learnRows } from './secrets.ts'
import { Share } from './share.ts'
import type { Targets } from './targets.ts'
import { randomFor, variablesFor } from './variables.ts'

/** What the worker takes from the process it runs in. */
export type Host = Usage & {
  store: Store
  env: Record<string, string | undefined>
  /** Where its process can be looked for. */
  self: { machine: string; pid: number }
  /** Aborted when the platform is about to end the process: as if the worker were ordered to stop now. */
  halt: AbortSignal
  /** When there is no money left for it. */
  budget: Deadline
  targets: Targets
  send(event: WorkerEvent): void
  /** To the worker's log. */
  log(...words: unknown[]): void
  /** Learns the secrets of the run's data as they are read. */
  redactor: Redactor
}

const FRAME_INTERVAL: Millis = 1_000

export async function work(start: Start, host: Host): Promise<void> {
  const { index, attempt } = start
  const fault = (what: Omit<Fault, 'type'>): void => host.send({ type: 'fault', ...what })
  if (!(await takeClaim(start, host))) return
  const clock = steadyClock()
  const recorder = new Recorder({ slice: index, attempt }, start.rawSamples, host.redactor.text)
  const engine = engineFor(start.run, host.env, {
    log: host.log,
    suggest: (code) => host.send({ type: 'suggested', code }),
  })
  try {
    if (start.hook !== null) return await runHook({ ...start, hook: start.hook }, { engine, clock, host })
    const launcher = await load(start, { engine, recorder, clock, host })
    await runSlice(start, { engine, recorder, clock, host, launcher })
  } catch (error) {
    if (error instanceof ScriptFault) fault({ code: 'script', message: error.message, at: error.at })
    else if (error instanceof HookFault) fault({ code: 'hook', message: error.message, at: null })
    else if (error instanceof LateError) {
      fault({ code: 'late', message: error.message, at: null })
      await engine.close()
    } else throw error
  } finally {
    engine.quit()
    await putEnded(host.store, index, attempt)
  }
}

/** The slice's time has passed: launching it now would be load that nobody asked for. */
class LateError extends Error {}

/** By the wall clock. */
function refuseLate(index: number, { window }: Slice, t0: Millis, now: Millis): void {
  if (now > t0 + window.to * 1000) throw new LateError(`the window of slice ${index} is over`)
}

type Parts = { engine: Engine; recorder: Recorder; clock: Clock; host: Host }

/** Fetches and compiles everything that the slice needs; afterwards a virtual user starts without any loading. */
async function load(start: Start, { engine, recorder, clock, host }: Parts): Promise<Launcher> {
  const { seed } = start
  const { functions, modules, rows, script } = await fetchParts(start, host.store)
  learnRows(host.redactor, script, rows)
  const run = await engine.load({
    run: start.run,
    script,
    vars: start.vars,
    functions,
    modules,
    recorder,
    now: clock.now,
    redactor: host.redactor,
    targets: host.targets,
    tell: start.acceptance ? (step) => host.send({ type: 'step', step }) : null,
  })
  // Only to have the name looked up once before T0; a name that does not resolve shows as the requests' errors.
  await lookup(new URL(script.target).hostname).catch(() => null)
  const variables = variablesFor(script, rows, seed)
  const weights = script.scenarios.map(({ weight }) => weight)
  const created = script.scenarios.map(({ name }) =>
    [artillery('vusers.created'), artillery(`vusers.created_by_name.${name}`), named('launched', 'scenario', name)].map(
      (counter) => recorder.tally(counter),
    ),
  )
  // In turn, when they are tried out.
  const tried = weights.flatMap((weight, i) => (weight > 0 ? [i] : []))
  return (arrival, ended) => {
    const scenario = start.acceptance
      ? (tried[arrival.k % tried.length] as number)
      : chooseScenario(weights, seed, arrival.k)
    if (!script.warmUp.includes(arrival.phase)) for (const cell of created[scenario] as Cell[]) add(cell, 1)
    const vu: Vu = { ...arrival, scenario, vars: variables(arrival.k), random: randomFor(seed, arrival.k) }
    run(vu, ended)
  }
}

/** Waits for `go`, sends the slice's load, and says `done`. */
async function runSlice(start: Start, parts: Parts & { launcher: Launcher }): Promise<void> {
  const { engine, recorder, clock, host } = parts
  const share = new Share(start)
  const health = healthMonitor(host, clock.now)
  const ending = stopping()
  const at = clock.wall()
  const follower = followOrders(
    {
      ...{ store: host.store, wall: clock.wall, budget: host.budget, window: () => share.slice.window },
      ready: { slice: start.index, attempt: start.attempt, at },
      workers: start.slice.stripe.of,
    },
    {
      onStop(stop) {
        engine.quit()
        ending.stop(stop)
      },
      onEpochs: (epochs) => share.steer(epochs),
    },
  )
  const halt = (): void => follower.stop('now')
  host.halt.addEventListener('abort', halt)
  if (host.halt.aborted) halt()
  try {
    host.send({ type: 'ready', at })
    const go = await follower.go
    let final = closed({ ...emptyLedger(), due: share.due })
    if (go !== null) {
      refuseLate(start.index, share.slice, go.t0, clock.wall())
      share.join(go.from)
      final = await sendLoad(start, clock.at(go.t0), { ...parts, share, health, ending, confirm: follower.confirm })
    }
    // Who was told to stop waits for plugins no longer than for what is in flight.
    await Promise.race([engine.close(), ending.deadline])
    host.send({ type: 'done', ledger: final, frames: recorder.cuts })
  } finally {
    host.halt.removeEventListener('abort', halt)
    follower.close()
    health.stop()
  }
}

type Running = Parts & {
  launcher: Launcher
  share: Share
  health: HealthMonitor
  ending: Ending
  confirm: () => Promise<void>
}

/** Launches the slice's arrivals when they are due, sends a frame a second, and drains. The ledger at its end. */
async function sendLoad(
  start: Start,
  t0: Micros,
  { engine, recorder, clock, host, launcher, share, health, ending, confirm }: Running,
): Promise<Ledger> {
  const ledger = { ...emptyLedger(), due: share.due }
  // A timer may fire a little early; what follows it belongs to the second that is about to begin.
  const secondNow = (): number => Math.max(0, Math.floor((clock.now() - t0) / 1e6 + 0.01))
  const flight = new Flight(ledger, { recorder, clock, warmUp: new Set(start.script.warmUp) })
  const dispatcher = new Dispatcher({
    ...{ profile: share.profile, slice: share.slice, t0, clock },
    launch: (arrival) => flight.launch(arrival, launcher),
    skip: (arrival) => flight.skip(arrival),
    inFlight: () => flight.size,
    confirm,
  })
  share.onChange = () => {
    ledger.due = share.due
    dispatcher.steer(share)
  }
  share.onChange()
  void ending.stopped.then(() => dispatcher.stop())
  let cutAt = secondNow()
  const samples = samplesOf({ slice: start.index, attempt: start.attempt }, host)
  const cut = (): void => {
    const frame = recorder.cut(cutAt, health.take(flight.size))
    cutAt = secondNow()
    host.send({ type: 'frame', packed: packFrame(frame) })
    const rows = recorder.takeRows()
    if (rows !== null) samples.put(recorder.cuts, rows)
  }
  const stopFrames = everySecondOf(t0, clock, cut)
  await dispatcher.run()
  await Promise.race([flight.landed(), ending.deadline, drained(start.drain, t0 + share.slice.window.to * 1e6, clock)])
  stopFrames()
  // Whoever is still at work sends nothing more, and what becomes of him now is in no frame: the ledger is closed with the last.
  engine.quit()
  cut()
  const final = closed(ledger)
  await samples.kept()
  return final
}

/** The same ledger with what was not launched and what was not ended; later changes to the open one do not reach it. */
const closed = (open: Ledger): Ledger => ({
  ...open,
  lost: open.due - open.launched - open.skipped,
  unfinished: open.launched - open.completed - open.failed,
})

/** Calls `cut` just after each whole second of the run, until the function it returns is called. */
function everySecondOf(t0: Micros, clock: Clock, cut: () => void): () => void {
  let timer: NodeJS.Timeout
  const arm = (): void => {
    const into = (clock.now() - t0) / 1000
    // A timer that fired a little early must not fire again at once for the same second.
    const next = Math.max(1, Math.ceil(into / FRAME_INTERVAL + 0.5))
    const wait = next * FRAME_INTERVAL - into
    timer = setTimeout(
      () => {
        cut()
        arm()
      },
      Math.max(1, wait),
    )
  }
  arm()
  return () => clearTimeout(timer)
}
