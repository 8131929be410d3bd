/**
 * Everything known of a run while it runs: the only thing that observers see. A reducer over what happens, with no
 * clock and no I/O of its own, so that a replay of the same events gives the same state.
 *
 * `totals`, `recent`, `told` and `thresholds` are accumulators that are added to in place, and the list of `workers` is changed in place, for a copy of
 * ten thousand costs 20 µs a frame (bench/conductor); everything else, each worker too, is replaced, never changed.
 */
import type { StepResult } from '../measure/acceptance.ts'
import { addLedgers, type Ledger } from '../measure/ledger.ts'
import { Totals } from '../measure/merge.ts'
import type { Threshold } from '../measure/thresholds.ts'
import type { StoppedBy } from '../measure/verdict.ts'
import { type Epoch, steer } from '../plan/epochs.ts'
import type { Plan } from '../plan/plan.ts'
import type { Profile } from '../plan/profile.ts'
import type { Millis, Seconds } from '../units.ts'
import type { Fault } from '../wire/events.ts'
import type { SliceAttempt } from '../wire/orders.ts'
import { type Attempt, withAttempt } from './attempts.ts'
import { type Happening, withNews } from './happenings.ts'
import { isOn } from './judging.ts'
import { Recent } from './recent.ts'
import { type Standing, standingsOf } from './standing.ts'
import { LiveThresholds, type Tripped } from './thresholds.ts'
import { Told } from './told.ts'
import {
  duesOf,
  ENDED,
  known,
  lastAttempt,
  launched,
  least,
  newWorker,
  settled,
  type WorkerState,
  withFrame,
} from './workers.ts'

export type RunState = {
  stage: 'warming' | 'running' | 'over'
  plan: Plan
  /** Wall-clock milliseconds of virtual time 0; null before `go`. */
  t0: Millis | null
  /** Seconds since T0 at the last event; negative until it comes. */
  at: Seconds
  workers: readonly WorkerState[]
  /** How many of them are so: asked for at every event, and too many to be counted each time. */
  are: Readonly<Record<WorkerState['is'], number>>
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
  /** What a worker could not keep that was to be kept, the first of it; null: nothing. */
  unkept: string | null
  /** Of scenarios that are tried out, as they came. */
  steps: readonly StepResult[]
  recent: Recent
  /** Whose frames of the second that is open have come. */
  told: Told
  thresholds: LiveThresholds
  /** Seconds of the run at the newest frame; null before the first. */
  freshAt: Seconds | null
  log: readonly Happening[]
  /** Of the last second that is over: what the next one's news are told from. */
  standings: readonly Standing[]
  judged: readonly (boolean | null)[]
  toldUntil: Seconds
}

/** `gone.again`: the slice is tried again. `givenUp`: it was told to stop, so that its `done` is no end of its slice. */
export type RunEvent =
  | { type: 'go'; t0: Millis }
  | { type: 'fetched' }
  | { type: 'tick' }
  | { type: 'stop'; by: StoppedBy }
  | ({ type: 'tripped' } & Tripped)
  | { type: 'steered'; epochs: readonly Epoch[] }
  | { type: 'launched'; slices: readonly number[]; attempt: number }
  | { type: 'cancelled'; slices: readonly number[] }
  | ({ type: 'ready'; at: Millis } & SliceAttempt)
  | ({ type: 'joined'; from: Seconds } & SliceAttempt)
  | { type: 'frame'; slice: number; bytes: Uint8Array }
  | { type: 'suggested'; slice: number; code: number }
  | { type: 'unkept'; slice: number; message: string }
  | { type: 'step'; slice: number; step: StepResult }
  | ({ type: 'done'; ledger: Ledger; frames: number } & SliceAttempt)
  | ({ type: 'fault'; fault: Fault } & SliceAttempt)
  | ({ type: 'gone'; reason: string; billed: Millis | null; again: boolean; givenUp?: boolean } & SliceAttempt)

/** `script`: what is watched while it runs. */
export function begin(
  plan: Plan,
  now: Millis,
  script: { thresholds: readonly Threshold[]; strict: boolean } = { thresholds: [], strict: false },
): RunState {
  const workers = duesOf(plan, plan.profile).map((due, slice) => newWorker(slice, due, now))
  return {
    ...{ stage: 'warming', plan, t0: null, at: 0, workers, totals: new Totals(), suggested: 0, steps: [] },
    are: { waiting: workers.length, starting: 0, ready: 0, running: 0, done: 0, lost: 0, cancelled: 0 },
    ...{ fetched: false, unkept: null },
    ...{ stoppedBy: null, tripped: null, endedAt: null, epochs: [], profile: plan.profile },
    recent: new Recent(LiveThresholds.histograms(script.thresholds)),
    told: new Told(),
    thresholds: new LiveThresholds(script, plan.profile.duration),
    ...{ freshAt: null, log: [], standings: [], judged: [], toldUntil: 0 },
  }
}

/** A clock that jumps, or a damaged time in a log, must not have ages closed second by second. */
const DAY: Seconds = 86_400

export function reduce(before: RunState, event: RunEvent, now: Millis): RunState {
  const after = applied(before, event, now)
  const { recent, told, thresholds, totals, workers, at, plan } = after
  const look = (counted: Totals, second: number): void =>
    thresholds.second(counted, { second, on: isOn(after, second), run: totals })
  const heard = (second: number): boolean => told.byAll(workers, second)
  const closed = recent.close(Math.min(at, plan.profile.duration + DAY), heard, look) > 0
  const next = closed ? { ...after, standings: standingsOf(workers, at) } : after
  const log = withNews(before, next, event, closed)
  if (!closed) return log === next.log ? next : { ...next, log }
  return { ...next, log, judged: thresholds.now.map(({ ok }) => ok), toldUntil: Math.floor(at) }
}

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
        (next, slice) => change(next, slice, now, (worker) => launched(worker, event.attempt, next, now)),
        state,
      )
    case 'cancelled':
      return event.slices.reduce(
        (next, slice) =>
          change(next, slice, now, (worker) => settled({ ...worker, is: 'cancelled' }, worker.attempts, next)),
        state,
      )
    case 'ready':
      return ofLast(state, event, now, (worker) => ({
        is: 'ready',
        ...(state.fetched
          ? {}
          : { startedIn: Math.max(0, now - worker.heardAt), behind: least(worker.behind, now - event.at) }),
      }))
    case 'joined':
      return attempted(state, event, now, () => ({ from: event.from }))
    case 'frame':
      return change({ ...state, freshAt: state.at }, event.slice, now, (worker) =>
        withFrame(worker, event.bytes, state, now),
      )
    case 'suggested':
      return { ...state, suggested: event.code }
    case 'unkept':
      return { ...state, unkept: state.unkept ?? event.message }
    case 'step':
      return { ...state, steps: [...state.steps, event.step] }
    case 'done': {
      const { frames, ledger } = event
      const { due, lost, unfinished } = ledger
      const own = { due, lost, unfinished, frames }
      const after = attempted(state, event, now, () => ({ own, endedAt: now }))
      return ofLast(after, event, now, ({ trouble }) => ({
        is: 'done',
        inFlight: 0,
        // What was taken for lost has come to its end after all: its store knew.
        trouble: trouble?.fault ? trouble : null,
      }))
    }
    case 'fault': {
      const { fault } = event
      return ofLast(state, event, now, () => ({ trouble: { reason: fault.message, fault } }))
    }
    case 'gone':
      return gone(state, event, now)
  }
}

/** The run's ledger as it stands. */
export const ledgerOf = (state: Pick<RunState, 'workers'>): Ledger =>
  addLedgers(state.workers.map(({ ledger }) => ledger))

export const countWorkers = ({ are }: Pick<RunState, 'are'>, ...is: WorkerState['is'][]): number =>
  is.reduce((sum, one) => sum + are[one], 0)

/** Slices that were tried again. */
export const countReplaced = (state: Pick<RunState, 'workers'>): number =>
  state.workers.filter(({ attempts }) => attempts.length > 1).length

function steered(state: RunState, epochs: readonly Epoch[]): RunState {
  const profile = steer(state.plan.profile, epochs)
  const dues = duesOf(state.plan, profile)
  const next = { ...state, epochs, profile }
  const workers = state.workers.map((worker) => {
    const ledger = { ...worker.ledger, due: dues[worker.slice] as number }
    // Whoever is gone launches none of what comes anew.
    return { ...worker, ...settled({ ...worker, ledger }, worker.attempts, next) }
  })
  return { ...next, workers }
}

/** The state with one attempt at a slice changed. */
const attempted = (
  state: RunState,
  { slice, attempt }: SliceAttempt,
  now: Millis,
  update: (attempt: Attempt) => Partial<Attempt>,
): RunState =>
  change(state, slice, now, (worker) => {
    const { attempts } = known(worker, attempt, state, now)
    return settled(worker, withAttempt(attempts, attempt, update), state)
  })

/** The state with the worker changed, if that attempt is its last. */
function ofLast(
  state: RunState,
  { slice, attempt }: SliceAttempt,
  now: Millis,
  update: (worker: WorkerState) => Partial<WorkerState>,
): RunState {
  return change(state, slice, now, (before) => {
    const worker = known(before, attempt, state, now)
    if (lastAttempt(worker) !== attempt) return {}
    const next = { ...worker, heardAt: now, ...update(worker) }
    return { ...next, ...settled(next, worker.attempts, state) }
  })
}

function gone(state: RunState, event: RunEvent & { type: 'gone' }, now: Millis): RunState {
  const { billed, reason, again, givenUp = false } = event
  const trouble = state.workers[event.slice]?.trouble?.reason ?? reason
  const after = attempted(state, event, now, (attempt) => ({
    endedAt: attempt.endedAt ?? now,
    reason: attempt.own === null ? trouble : null,
    ...(billed === null ? {} : { billed: (attempt.billed ?? 0) + billed }),
  }))
  return ofLast(after, event, now, (worker) =>
    worker.is === 'done' && !again && !givenUp
      ? {}
      : { is: again ? 'waiting' : 'lost', trouble: worker.trouble ?? { reason, fault: null }, inFlight: 0 },
  )
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
  ;(state.workers as WorkerState[])[slice] = next
  if (next.is === worker.is) return state
  const { is } = next
  const are = { ...state.are, [worker.is]: state.are[worker.is] - 1, [is]: state.are[is] + 1 }
  const isOver = countWorkers({ are }, ...ENDED) === state.workers.length
  return { ...state, are, stage: isOver ? 'over' : state.stage }
}
