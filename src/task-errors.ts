/** What is said of tasks: functions of a program that are called on workers. */
import { list, type More, oneLine, type Place, PreflightError, SlsartError, UsageError } from './errors.ts'
import { placeText } from './target-errors.ts'
import type { Outcome } from './tasks/types.ts'

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`

/** Of a value that JSON would change. */
type Changed = { path: string; what: string }

/** Said by workers. */
export const taskTexts = {
  noFunction: (name: string, known: readonly string[]): string =>
    `the module exports no function "${name}"; ${known.length === 0 ? 'it exports none' : `it exports ${list(known)}`}`,
  notJson: (whose: string, { path, what }: Changed): string =>
    `${whose}${path} is ${what}: only what JSON can say travels`,
  tooLarge: (whose: string, bytes: number, most: number): string =>
    `${whose} has ${megabytes(bytes)} as JSON, and may have ${megabytes(most)}`,
  timeout: (span: number): string => `it had not ended after ${span / 1000} s`,
} as const

/**
 * Why a task has no result. `threw`: its function did, and `cause` is what it threw. `timeout`: it took too long. `lost`: its worker died, or its stream
 * was cut for good, while the function was at work. `unstarted`: no worker came to call it. `code`: the module could not be loaded, or has no such
 * function. `item`, `result`: too large, or no JSON. `cancelled`: by `cancel`, by `close`, by a map that ended, or by a signal.
 */
export type TaskFailure = 'threw' | 'timeout' | 'lost' | 'unstarted' | 'code' | 'item' | 'result' | 'cancelled'

/** A task without a result. Only of `unstarted`, `code`, `item` and mostly `cancelled` is it sure that the function was not called. */
export class TaskError extends SlsartError {
  readonly failure: TaskFailure
  /** The name of its function. */
  readonly task: string

  constructor(what: { failure: TaskFailure; task: string }, message: string, more: More = {}) {
    super({ code: 'SLSART_TASK', exit: 1 }, `${what.task}: ${message}`, more)
    this.failure = what.failure
    this.task = what.task
  }
}

/** What a map that was given up had come to. `outcomes`: of all tasks that ended, in that order, those that were handed out already among them. */
export class MapError extends SlsartError {
  readonly outcomes: readonly Outcome<unknown, unknown>[]
  readonly done: number
  readonly failed: number
  /** Begun or waiting, and then cancelled; items that nobody had asked for yet are not counted. */
  readonly cancelled: number

  constructor(
    ended: Pick<MapError, 'outcomes' | 'done' | 'failed' | 'cancelled'>,
    { tolerated, cause }: { tolerated: number; cause: unknown },
  ) {
    const { done, failed, cancelled } = ended
    const message = `${failed} ${failed === 1 ? 'task' : 'tasks'} failed, and ${tolerated} may: the last was ${oneLine(cause)}`
    super({ code: 'SLSART_MAP', exit: 1 }, message, { hint: `${done} were done, ${cancelled} were cancelled.`, cause })
    this.outcomes = ended.outcomes
    this.done = done
    this.failed = failed
    this.cancelled = cancelled
  }
}

type Threw = { task: string; stack: string; at: Place | null }

export const taskErrors = {
  threw: ({ task, stack, at }: Threw): TaskError => {
    const cause = errorIn(stack)
    const message = `${cause.name}: ${cause.message}${at === null ? '' : ` (${placeText(at)})`}`
    return new TaskError({ failure: 'threw', task }, message, { at, cause })
  },
  failed: (task: string, failure: 'timeout' | 'code' | 'result', message: string, at: Place | null): TaskError =>
    new TaskError({ failure, task }, message, { at }),
  item: (task: string, message: string): TaskError =>
    new TaskError({ failure: 'item', task }, message, { hint: 'Its function was not called.' }),
  lost: (task: string, reason: string, log: string): TaskError =>
    new TaskError({ failure: 'lost', task }, `its worker is lost: ${reason}${log}`, {
      hint: 'Its function had been called; it is not called again.',
    }),
  unstarted: (task: string, reason: string, attempts: number): TaskError =>
    new TaskError({ failure: 'unstarted', task }, `no worker could be started, ${attempts} times: ${reason}`, {
      hint: 'Its function was not called.',
    }),
  cancelled: (task: string, why: string): TaskError => new TaskError({ failure: 'cancelled', task }, why),
} as const

/** Where a worker's log is; null: nobody has asked for it. */
export const logText = (file: string | null): string =>
  file === null ? ' (give `folder`, and its log is kept there)' : ` (its log: ${file})`

/** Why tasks are cancelled. */
export const cancelTexts = {
  asked: 'it was cancelled',
  closed: 'the fleet is closed',
  map: 'its map has ended',
  elsewhere: 'it was stopped from elsewhere',
  signal: (signal: string): string => `stopped by ${signal}`,
} as const

export const fleetOptionErrors = {
  module: (module: string, cause: unknown): UsageError =>
    new UsageError(`cannot read the module ${module}: ${oneLine(cause)}`, {
      hint: "Give its path, or for one beside your own: new URL('./work.ts', import.meta.url).",
      cause,
    }),
  code: (at: Place, problem: string): UsageError => new UsageError(`the module cannot be loaded: ${problem}`, { at }),
  number: (name: string, found: unknown, allowed: string): UsageError =>
    new UsageError(`${name} must be ${allowed}, found ${String(found)}`),
  room: (asked: number, room: number): PreflightError =>
    new PreflightError(`maxConcurrency is ${asked}, and there is room for ${room} workers at once`, {
      hint: `Up to ${room} would fit. Nothing was started.`,
    }),
} as const

/** The error whose stack that is, as far as it tells. */
function errorIn(stack: string): Error {
  const [, name, message] =
    /^(?:Uncaught )?([A-Za-z_$][\w$]*)(?: \[\w+\])?: ([\s\S]*?)(?:\n {4}at |$)/.exec(stack) ?? []
  const error = new Error(message ?? stack.split('\n    at ')[0])
  if (name !== undefined) error.name = name
  error.stack = stack
  return error
}
