/**
 * Everything known of a run while it runs: the only thing that observers see. A reducer over what happens, with no
 * clock and no I/O of its own, so that a replay of the same events gives the same state.
 *
 * `totals`, `recent` and `thresholds` are accumulators that are added to in place; everything else is replaced, never changed.
 */
import type { StepResult } from '../measure/acceptance.ts'
import { type FrameHead, readHead } from '../measure/frame.ts'
import { Histogram } from '../measure/histogram.ts'
import { addLedgers, type Ledger } from '../measure/ledger.ts'
import { addDelta, Totals } from '../measure/merge.ts'
import { named } from '../measure/names.ts'
import type { Threshold } from '../measure/thresholds.ts'
import { type Condition, judgeFrame, ok, REFUSALS } from '../measure/trust.ts'
import type { StoppedBy } from '../measure/verdict.ts'
import { arrivalsIn, ownedOf } from '../plan/arrivals.ts'
import { type Epoch, steer } from '../plan/epochs.ts'
import type { Plan } from '../plan/plan.ts'
import type { Profile } from '../plan/profile.ts'
import { slicesOf } from '../plan/slices.ts'
import type { Millis, Seconds } from '../units.ts'
import type { Fault } from '../wire/events.ts'
import { type Happening, withNews } from './happenings.ts'
import { isOn } from './judging.ts'
import { Recent } from './recent.ts'
import { type Standing, standingsOf } from './standing.ts'
import { LiveThresholds, type Tripped } from './thresholds.ts'

export type WorkerState = {
  slice: number
  /** `waiting` for its window's turn to be launched; `cancelled` when the run was stopped before that. */
  is: 'waiting' | 'starting' | 'ready' | 'running' | 'done' | 'lost' | 'cancelled'
  heardAt: Millis
  /** Why it is lost, or its fault; null while all is well. */
  trouble: { reason: string; fault: Fault | null } | null
  /** As its frames tell it; `lost` and `unfinished` are its own count when it said `done`, else what is missing. */
  ledger: Ledger
  framesClaimed: number | null
  /** Whether it was late or silent, and how much of what it launched was. */
  condition: Condition
  memoryBytes: number
  inFlight: number
  /** From its launch until it was heard to be ready; null before that, and when nobody listened. */
  startedIn: Millis | null
  /** The least time between a moment on its clock and its being heard of: the way, and how far its clock is behind. */
  behind: Millis | null
  /** How long the platform charges it for; null where nobody charges, or has not said. */
  billed: Millis | null
  attempts: readonly Attempt[]
}

type Attempt = { launchedAt: Millis; endedAt: Millis | null; billed: Millis | null; own: object | null }

export type RunState = {
  stage: 'warming' | 'running' | 'over'
  plan: Plan
  /** Wall-clock milliseconds of virtual time 0; null before `go`. */
  t0: Millis | null
  /** Seconds since T0 at the last event; negative until it comes. */
  at: Seconds
  workers: readonly WorkerState[]
  totals: Totals
  stoppedBy: StoppedBy | null
  /** The threshold that ended the load, by its number, and the end of the span over which it did not hold. */
  tripped: Tripped | null
  /** When the load was told to end, null: it was not. */
  endedAt: Seconds | null
  /** How the load was steered, and the profile that this makes of the plan's. */
  epochs: readonly Epoch[]
  profile: Profile
  /** From here on events are from the run's store: nobody heard them at their time. */
  fetched: boolean
  /** The exit code that the user's code suggested last; 0 when it did not. */
  suggested: number
  /** Of scenarios that are tried out, as they came. */
  steps: readonly StepResult[]
  recent: Recent
  thresholds: LiveThresholds
  /** Seconds of the run at the newest frame; null before the first. */
  freshAt: Seconds | null
  log: readonly Happening[]
  /** Of the last second that is over: what the next one's news are told from. */
  standings: readonly Standing[]
  judged: readonly (boolean | null)[]
  toldUntil: Seconds
}

export type RunEvent =
  | { type: 'go'; t0: Millis }
  | { type: 'fetched' }
  | { type: 'tick' }
  | { type: 'stop'; by: StoppedBy }
  | ({ type: 'tripped' } & Tripped)
  | { type: 'steered'; epochs: readonly Epoch[] }
  | { type: 'launched'; slices: readonly number[] }
  | { type: 'cancelled'; slices: readonly number[] }
  | { type: 'ready'; slice: number; at: Millis }
  | { type: 'frame'; slice: number; bytes: Uint8Array }
  | { type: 'suggested'; slice: number; code: number }
  | { type: 'step'; slice: number; step: StepResult }
  | { type: 'done'; slice: number; ledger: Ledger; frames: number }
  | { type: 'fault'; slice: number; fault: Fault }
  | { type: 'gone'; slice: number; reason: string; billed: Millis | null }

/** `script`: what is watched while it runs. */
export function begin(
  plan: Plan,
  now: Millis,
  script: { thresholds: readonly Threshold[]; strict: boolean } = { thresholds: [], strict: false },
): RunState {
  const workers = duesOf(plan, plan.profile).map((due, slice): WorkerState => {
    return {
      slice,
      is: 'waiting',
      heardAt: now,
      trouble: null,
      ledger: { due, launched: 0, skipped: 0, lost: 0, completed: 0, failed: 0, unfinished: 0 },
      framesClaimed: null,
      condition: ok(),
      memoryBytes: 0,
      inFlight: 0,
      ...{ startedIn: null, behind: null, billed: null, attempts: [] },
    }
  })
  return {
    ...{ stage: 'warming', plan, t0: null, at: 0, workers, totals: new Totals(), suggested: 0, steps: [] },
    fetched: false,
    ...{ stoppedBy: null, tripped: null, endedAt: null, epochs: [], profile: plan.profile },
    recent: new Recent(LiveThresholds.histograms(script.thresholds)),
    thresholds: new LiveThresholds(script, plan.profile.duration),
    ...{ freshAt: null, log: [], standings: [], judged: [], toldUntil: 0 },
  }
}

/** What each worker is due under a profile; the last window lasts as long as that. */
function duesOf({ windows, profile: { duration } }: Plan, profile: Profile): number[] {
  return windows.flatMap((window) => {
    const arrivals = arrivalsIn(profile, window.to >= duration ? { ...window, to: profile.duration } : window)
    return slicesOf([window]).map(({ stripe }) => ownedOf(arrivals, stripe).count)
  })
}

/** A clock that jumps, or a damaged time in a log, must not have ages closed second by second. */
const DAY: Seconds = 86_400

export function reduce(before: RunState, event: RunEvent, now: Millis): RunState {
  const after = applied(before, event, now)
  const { recent, thresholds, totals, workers, at, plan } = after
  const look = (counted: Totals, second: number): void =>
    thresholds.second(counted, { second, on: isOn(after, second), run: totals })
  const heard = (second: number): boolean => workers.every((worker) => isHeard(worker, second))
  const closed = recent.close(Math.min(at, plan.profile.duration + DAY), heard, look) > 0
  const next = closed ? { ...after, standings: standingsOf(workers, at) } : after
  const log = withNews(before, next, event, closed)
  if (!closed) return log === next.log ? next : { ...next, log }
  return { ...next, log, judged: thresholds.now.map(({ ok }) => ok), toldUntil: Math.floor(at) }
}

/** Whether all frames of a second have come from a worker that sends any. */
const isHeard = ({ is, condition: { heardOf } }: WorkerState, second: number): boolean =>
  (is !== 'ready' && is !== 'running') || (heardOf !== null && heardOf >= second)

function applied(before: RunState, event: RunEvent, now: Millis): RunState {
  const state = { ...before, at: before.t0 === null ? 0 : (now - before.t0) / 1000 }
  switch (event.type) {
    case 'go':
      return { ...state, stage: 'running', t0: event.t0, at: (now - event.t0) / 1000 }
    case 'tick':
      return state
    case 'fetched':
      return { ...state, fetched: true }
    case 'stop':
      return { ...state, stoppedBy: state.stoppedBy ?? event.by, endedAt: state.endedAt ?? state.at }
    case 'tripped':
      return {
        ...state,
        tripped: state.tripped ?? { threshold: event.threshold, at: event.at },
        endedAt: state.endedAt ?? state.at,
      }
    case 'steered':
      return steered(state, event.epochs)
    case 'launched':
      return event.slices.reduce(
        (next, slice) =>
          change(next, slice, now, () => ({
            is: 'starting',
            attempts: [{ launchedAt: now, endedAt: null, billed: null, own: null }],
          })),
        state,
      )
    case 'cancelled':
      return event.slices.reduce(
        (next, slice) =>
          change(next, slice, now, ({ ledger }) => ({ is: 'cancelled', ledger: { ...ledger, lost: ledger.due } })),
        state,
      )
    case 'ready':
      return change(state, event.slice, now, (worker) => ({
        is: 'ready',
        ...(state.fetched
          ? {}
          : { startedIn: Math.max(0, now - worker.heardAt), behind: least(worker.behind, now - event.at) }),
      }))
    case 'frame':
      return change({ ...state, freshAt: state.at }, event.slice, now, (worker) =>
        withFrame(worker, event.bytes, state, now),
      )
    case 'suggested':
      return { ...state, suggested: event.code }
    case 'step':
      return { ...state, steps: [...state.steps, event.step] }
    case 'done':
      return change(state, event.slice, now, ({ ledger, trouble }) => ({
        is: 'done',
        framesClaimed: event.frames,
        attempts: (state.workers[event.slice]?.attempts ?? []).map((a) => ({ ...a, endedAt: now, own: {} })),
        inFlight: 0,
        // What was taken for lost has come to its end after all: its store knew.
        trouble: trouble?.fault ? trouble : null,
        ledger: { ...ledger, lost: event.ledger.lost, unfinished: event.ledger.unfinished },
      }))
    case 'fault':
      return change(state, event.slice, now, () => ({ trouble: { reason: event.fault.message, fault: event.fault } }))
    case 'gone':
      return change(state, event.slice, now, (worker) => ({
        ...(worker.is === 'done' ? {} : lost(worker, event.reason)),
        attempts: worker.attempts.map((a) => ({ ...a, endedAt: a.endedAt ?? now, billed: event.billed })),
        ...(event.billed === null ? {} : { billed: (worker.billed ?? 0) + event.billed }),
      }))
  }
}

/** The run's ledger as it stands. */
export const ledgerOf = (state: Pick<RunState, 'workers'>): Ledger =>
  addLedgers(state.workers.map(({ ledger }) => ledger))

export const countWorkers = (state: Pick<RunState, 'workers'>, ...is: WorkerState['is'][]): number =>
  state.workers.filter((worker) => is.includes(worker.is)).length

const ENDED: ReadonlySet<WorkerState['is']> = new Set(['done', 'lost', 'cancelled'])
export const hasEnded = ({ is }: WorkerState): boolean => ENDED.has(is)

function steered(state: RunState, epochs: readonly Epoch[]): RunState {
  const profile = steer(state.plan.profile, epochs)
  const dues = duesOf(state.plan, profile)
  const workers = state.workers.map((worker) => {
    const due = dues[worker.slice] as number
    const { launched, skipped } = worker.ledger
    // Whoever is gone launches none of what comes anew.
    const lost = worker.is === 'lost' || worker.is === 'cancelled' ? Math.max(0, due - launched - skipped) : 0
    return { ...worker, ledger: { ...worker.ledger, due, lost: worker.is === 'done' ? worker.ledger.lost : lost } }
  })
  return { ...state, epochs, profile, workers }
}

function change(
  state: RunState,
  slice: number,
  now: Millis,
  update: (worker: WorkerState) => Partial<WorkerState>,
): RunState {
  const worker = state.workers[slice]
  if (worker === undefined) return state
  const next = { ...worker, heardAt: now, ...update(worker) }
  const workers = state.workers.with(slice, next)
  const over = hasEnded(next) && workers.every(hasEnded)
  return { ...state, workers, stage: over ? 'over' : state.stage }
}

/**
 * What was due and is in no frame counts as lost: the worker can no longer say whether it was sent. With frames missing the
 * rest can fall below nothing; it is cut there, and the ledger then does not balance, as it should not.
 */
function lost(worker: WorkerState, reason: string): Partial<WorkerState> {
  const { due, launched, skipped, completed, failed } = worker.ledger
  return {
    is: 'lost',
    trouble: worker.trouble ?? { reason, fault: null },
    inFlight: 0,
    ledger: {
      ...worker.ledger,
      lost: Math.max(0, due - launched - skipped),
      unfinished: Math.max(0, launched - completed - failed),
    },
  }
}

const refusals = new Map(Object.entries(REFUSALS).map(([code, of]) => [named('errors', 'error', code), of]))

/** Reused for every frame: a histogram is 188 kB. */
const lateness = new Histogram()

function withFrame(worker: WorkerState, bytes: Uint8Array, state: RunState, now: Millis): Partial<WorkerState> {
  const { totals, recent } = state
  const ledger = { ...worker.ledger }
  const refused = { sockets: 0, ports: 0 }
  let launched = 0
  lateness.clear()
  const second = recent.of(readHead(bytes).second)
  const head = totals.add(bytes, {
    counter(name, value) {
      second.counter(name, value)
      if (name === 'launched') launched = value
      const of = refusals.get(name)
      if (of !== undefined) refused[of] += value
      if (name === 'launched' || name === 'skipped' || name === 'completed' || name === 'failed') ledger[name] += value
    },
    histogram(delta) {
      second.histogram(delta)
      if (delta.name === 'lateness') addDelta(delta, lateness)
    },
  })
  if (head === null) return {}
  const latenessP99 = lateness.percentile(99)
  const { memoryBytes, inFlight, span, cpu, files, fileLimit } = head.health
  return {
    is: hasEnded(worker) ? worker.is : 'running',
    ledger,
    memoryBytes,
    inFlight,
    behind: state.fetched ? worker.behind : least(worker.behind, behindBy(head, state.t0, now)),
    condition: judgeFrame(worker.condition, {
      second: head.second,
      span: span / 1e6,
      latenessP99,
      launched,
      atWork: inFlight,
      cpu: span === 0 ? 0 : cpu / span,
      sockets: fileLimit === 0 ? 0 : files / fileLimit,
      refused,
    }),
  }
}

/** The first frame's interval began before T0. */
const behindBy = ({ seq, second, health: { span } }: FrameHead, t0: Millis | null, now: Millis): Millis | null =>
  t0 === null || seq === 0 ? null : now - (t0 + second * 1000 + span / 1000)

const least = (a: Millis | null, b: Millis | null): Millis | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b)
