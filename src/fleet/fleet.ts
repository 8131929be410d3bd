/** One interface, whatever the workers are: the conductor does not know which fleet it drives. */
import type { Limits } from '../plan/preflight.ts'
import type { Arch } from '../plan/prices.ts'
import type { Store } from '../store/store.ts'
import type { Millis } from '../units.ts'
import type { WorkerEvent } from '../wire/events.ts'
import type { Orders, SliceAttempt } from '../wire/orders.ts'
import type { Start, StorePlace } from '../wire/start.ts'
import type { TaskStart } from '../wire/task.ts'

/**
 * Whether or not it had said `done`, the worker can send nothing any more. `retry`: another attempt may do better. `billed`: how long the
 * worker is charged for, on this machine how long it was there; null when nobody has said.
 */
export type Gone = { type: 'gone'; reason: string; retry: boolean; billed: Millis | null }

/** Its stream is cut: from now on it is heard of through its batches, now and then. */
type Cut = { type: 'cut' }

/** What a worker said, or what the fleet knows of it, and which one. */
export type FleetEvent = SliceAttempt & { event: WorkerEvent | Gone | Cut }

/** What a run's record keeps of the stack that it ran on: enough to ask for its logs, its store and its price again. */
export type Platform = {
  stage: string
  region: string
  function: string
  bucket: string
  arch: Arch
  memoryMb: number
}

/**
 * What CloudWatch has of a run: of its function over the run's minutes, whoever called it. `isWhole`: all of the run's workers are in it;
 * CloudWatch is a minute or two behind. `concurrent`: the most at the same time, `duration_ms`: the longest; null where it has said nothing.
 */
export type Counted = {
  at: Millis
  isWhole: boolean
  invocations: number
  errors: number
  throttles: number
  concurrent: number | null
  duration_ms: Millis | null
}

export type FleetName = 'local' | 'lambda'

export type Fleet = {
  readonly name: FleetName
  /** The stack that its workers are of; null: they are on this machine. */
  readonly platform: Platform | null
  /** Of the run: orders, claims, parts. The workers open it by its place. */
  readonly store: Store
  readonly place: StorePlace
  /** How often workers also write their frames to the store, as far as is known by now; null: never. */
  readonly batches: Start['batches']
  /** How much of a run's parts may ride in each worker's event; 0: all of them are read from the store. */
  readonly inlineBytes: number
  /** The largest start event that it can bring to a worker; null: any. */
  readonly mostStartBytes: number | null
  /** How long the load waits for workers that are not ready, if a quorum of them is; null: as long as they live. */
  readonly startDeadline: Millis | null
  /** From the order to go until T0, beside what passes until all workers have asked: for the order to get there, and to them. */
  readonly headstart: Millis
  /** Throws a PreflightError when the account cannot be asked. */
  limits(): Promise<Limits>
  /** Starts a worker for each; events arrive in the order in which each worker sent them. Ends when all are gone. */
  launch(starts: readonly Start[]): AsyncIterable<FleetEvent>
  /** Writes the orders document that the workers poll. */
  order(orders: Orders): Promise<void>
  /** Gives up a worker that no longer answers, and that the orders have told so; ends it where that can be done. It is heard until it is gone. */
  drop(worker: SliceAttempt): void
  /** The run is ended: nobody is waited for any more. */
  dropAll(): void
  /** Nothing more is asked of it: what it has open is closed, and what the run was not to leave behind is removed. */
  close(): Promise<void>
}

/** A fleet whose workers also do tasks: as they are asked for, and so many at a time. */
export type TaskFleet = Fleet & {
  launchTasks(starts: AsyncIterable<TaskStart>, atOnce: number): AsyncIterable<FleetEvent>
}
