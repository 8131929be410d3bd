/** One interface, whatever the workers are: the conductor does not know which fleet it drives. */
import type { Limits } from '../plan/preflight.ts'
import type { WorkerEvent } from '../wire/events.ts'
import type { Orders } from '../wire/orders.ts'
import type { Start } from '../wire/start.ts'

/** What a worker said, and which one. `gone`: its stream ended, whether or not it had said `done`. */
export type FleetEvent = { slice: number; attempt: number; event: WorkerEvent | { type: 'gone'; reason: string } }

export type Fleet = {
  limits(): Limits
  /** Starts a worker for each; events arrive in the order in which each worker sent them. Ends when all are gone. */
  launch(starts: readonly Start[]): AsyncIterable<FleetEvent>
  /** Writes the orders document that the workers poll. */
  order(orders: Orders): Promise<void>
  /** Ends a worker that no longer answers, so that it cannot send anything later. */
  drop(slice: number): void
}
