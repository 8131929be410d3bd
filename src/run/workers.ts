/** One slice's worker as the conductor knows it, through all of its attempts: what an event makes of it. */
import { type FrameHead, readHead } from '../measure/frame.ts'
import { Histogram } from '../measure/histogram.ts'
import { emptyLedger, type Ledger } from '../measure/ledger.ts'
import { addDelta } from '../measure/merge.ts'
import { named } from '../measure/names.ts'
import { type Condition, judgeFrame, ok, REFUSALS } from '../measure/trust.ts'
import { arrivalsIn, owned, ownedOf } from '../plan/arrivals.ts'
import type { Plan } from '../plan/plan.ts'
import type { Profile } from '../plan/profile.ts'
import { type Slice, sliceAt, slicesOf } from '../plan/slices.ts'
import type { Millis, Seconds } from '../units.ts'
import type { Fault } from '../wire/events.ts'
import type { SliceAttempt } from '../wire/orders.ts'
import { type Attempt, ledgerOfAttempts, newAttempt, withAttempt } from './attempts.ts'
import type { RunState } from './state.ts'

export type WorkerState = {
  slice: number
  /**
   * Of its last attempt. `waiting` for its window's turn to be launched, or for its next attempt; `cancelled` when the run was stopped
   * before that.
   */
  is: 'waiting' | 'starting' | 'ready' | 'running' | 'done' | 'lost' | 'cancelled'
  heardAt: Millis
  /** Why it is lost, or its fault; null while all is well. */
  trouble: { reason: string; fault: Fault | null } | null
  /** None before its launch. */
  attempts: readonly Attempt[]
  /** Of all attempts: as their frames tell it; `lost` and `unfinished` are a worker's own count when it said `done`, else what is missing. */
  ledger: Ledger
  /** Whether it was late or silent, and how much of what it launched was. */
  condition: Condition
  memoryBytes: number
  inFlight: number
  /** From its launch until it was heard to be ready; null before that, and when nobody listened. */
  startedIn: Millis | null
  /** The least time between a moment on its clock and its being heard of: the way, and how far its clock is behind. */
  behind: Millis | null
}

export const newWorker = (slice: number, due: number, now: Millis): WorkerState => ({
  slice,
  is: 'waiting',
  heardAt: now,
  trouble: null,
  attempts: [],
  ledger: { ...emptyLedger(), due },
  condition: ok(),
  memoryBytes: 0,
  inFlight: 0,
  ...{ startedIn: null, behind: null },
})

/** The number of its last attempt; 0 before its launch. */
export const lastAttempt = ({ attempts }: Pick<WorkerState, 'attempts'>): number => attempts.at(-1)?.attempt ?? 0

/** Who is at its slice now. */
export const lastOf = (worker: WorkerState): SliceAttempt => ({ slice: worker.slice, attempt: lastAttempt(worker) })

/** What each worker is due under a profile; the last window lasts as long as that. */
export function duesOf({ windows, profile: { duration } }: Plan, profile: Profile): number[] {
  return windows.flatMap((window) => {
    const arrivals = arrivalsIn(profile, window.to >= duration ? { ...window, to: profile.duration } : window)
    return slicesOf([window]).map(({ stripe }) => ownedOf(arrivals, stripe).count)
  })
}

export const ENDED: ReadonlySet<WorkerState['is']> = new Set(['done', 'lost', 'cancelled'])
export const hasEnded = ({ is }: WorkerState): boolean => ENDED.has(is)

/** What the attempts come to, under the load as it is steered. */
export function settled(
  worker: WorkerState,
  attempts: readonly Attempt[],
  { plan, profile }: Pick<RunState, 'plan' | 'profile'>,
): Pick<WorkerState, 'is' | 'attempts' | 'ledger'> {
  const { is, slice, ledger } = worker
  const whole = wholeSlice(plan, slice, profile)
  const dueFrom = (from: Seconds): number =>
    owned(profile, { ...whole, window: { ...whole.window, from: Math.min(from, whole.window.to) } }).count
  return { is, attempts, ledger: ledgerOfAttempts(attempts, ledger.due, dueFrom, hasEnded(worker)) }
}

/** As planned, but for the last window: it lasts as long as the load. */
function wholeSlice({ windows, profile: { duration } }: Plan, index: number, profile: Profile): Slice {
  const slice = sliceAt(windows, index)
  const isLast = slice.window.to >= duration
  return isLast ? { ...slice, window: { ...slice.window, to: profile.duration } } : slice
}

/** When the worker's window ends, in seconds of the run. */
export const windowEnd = ({ plan, profile }: Pick<RunState, 'plan' | 'profile'>, { slice }: WorkerState): Seconds =>
  wholeSlice(plan, slice, profile).window.to

/** The worker with that attempt among its own: of a damaged log its launch may be missing. */
export function known(
  worker: WorkerState,
  attempt: number,
  { plan }: Pick<RunState, 'plan'>,
  now: Millis,
): WorkerState {
  if (attempt <= lastAttempt(worker)) return worker
  const { from } = sliceAt(plan.windows, worker.slice).window
  return { ...worker, attempts: [...worker.attempts, newAttempt(attempt, from, now)] }
}

/** Begins anew; what it was late or silent before stays counted. */
export function launched(worker: WorkerState, attempt: number, state: RunState, now: Millis): Partial<WorkerState> {
  return {
    ...{ is: 'starting', trouble: null },
    attempts: known(worker, attempt, state, now).attempts,
    condition: { ...worker.condition, heardOf: null, atWork: 0, lateSince: null, pending: 0 },
  }
}

const refusals = new Map(Object.entries(REFUSALS).map(([code, of]) => [named('errors', 'error', code), of]))

/** Reused for every frame: a histogram is 94 kB. */
const lateness = new Histogram()

export function withFrame(before: WorkerState, bytes: Uint8Array, state: RunState, now: Millis): Partial<WorkerState> {
  const { totals, recent } = state
  const told = { launched: 0, skipped: 0, completed: 0, failed: 0 }
  const refused = { sockets: 0, ports: 0 }
  lateness.clear()
  const second = recent.of(readHead(bytes).second)
  const head = totals.add(bytes, {
    counter(name, value) {
      second.counter(name, value)
      const of = refusals.get(name)
      if (of !== undefined) refused[of] += value
      if (name === 'launched' || name === 'skipped' || name === 'completed' || name === 'failed') told[name] += value
    },
    histogram(delta) {
      if (delta.name === 'lateness') addDelta(delta, lateness)
      return second.histogram(delta)
    },
  })
  if (head === null) return {}
  const worker = known(before, head.attempt, state, now)
  const counted = withTold(worker, told, head.attempt, state)
  // Late news of an attempt that has ended.
  if (head.attempt !== lastAttempt(worker)) return counted
  const latenessP99 = lateness.percentile(99)
  const { memoryBytes, inFlight, span, cpu, files, fileLimit } = head.health
  return {
    ...counted,
    is: hasEnded(worker) || worker.is === 'waiting' ? worker.is : 'running',
    memoryBytes,
    inFlight,
    behind: state.fetched ? worker.behind : least(worker.behind, behindBy(head, state.t0, now)),
    condition: judgeFrame(worker.condition, {
      second: head.second,
      span: span / 1e6,
      latenessP99,
      launched: told.launched,
      atWork: inFlight,
      cpu: span === 0 ? 0 : cpu / span,
      sockets: fileLimit === 0 ? 0 : files / fileLimit,
      refused,
    }),
  }
}

/** Most frames are of who is at work: what nobody has told is looked at when it has ended. */
function withTold(
  worker: WorkerState,
  { launched, skipped, completed, failed }: Attempt['told'],
  number: number,
  state: RunState,
): Pick<WorkerState, 'attempts' | 'ledger'> {
  const plus = (a: Attempt['told']): Attempt['told'] => ({
    launched: a.launched + launched,
    skipped: a.skipped + skipped,
    completed: a.completed + completed,
    failed: a.failed + failed,
  })
  const attempts = withAttempt(worker.attempts, number, ({ told }) => ({ told: plus(told) }))
  const isAtWork = attempts.at(-1)?.attempt === number && attempts.at(-1)?.endedAt === null
  if (!isAtWork) return settled(worker, attempts, state)
  return { attempts, ledger: { ...worker.ledger, ...plus(worker.ledger) } }
}

/** The first frame's interval began before T0. */
const behindBy = ({ seq, second, health: { span } }: FrameHead, t0: Millis | null, now: Millis): Millis | null =>
  t0 === null || seq === 0 ? null : now - (t0 + second * 1000 + span / 1000)

export const least = (a: Millis | null, b: Millis | null): Millis | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b)
