/**
 * The workers of a fleet, whatever they are: started from a list or as they are asked for, so many at a time, with all that they say in one
 * stream. Slices of a run, its hooks, and the tasks of programs (src/tasks) are started here and nowhere else.
 */
import { oneLine } from '../errors.ts'
import { nameOf } from '../wire/attempts.ts'
import type { SliceAttempt } from '../wire/orders.ts'
import type { AnyStart } from '../wire/task.ts'
import type { FleetEvent, Gone } from './fleet.ts'
import { EventQueue } from './queue.ts'

export type Say = (event: FleetEvent['event']) => void

/** A worker that was started. `gone` resolves when it has no more to say; `leave`: nobody waits for it any more. */
export type Begun = { gone: Promise<Gone>; drop(): void; leave(): void }

export class WorkerPool {
  private readonly begin: (start: AnyStart, say: Say) => Begun
  /** By name. */
  private readonly begun = new Map<string, Begun>()

  constructor(begin: (start: AnyStart, say: Say) => Begun) {
    this.begin = begin
  }

  /**
   * Takes the next start as soon as fewer than `atOnce` of those that it took have a worker. Events arrive in the order in which each
   * worker sent them; the last of each is `gone`. Ends when there are no more starts and all workers are gone.
   */
  launch(
    starts: Iterable<AnyStart> | AsyncIterable<AnyStart>,
    atOnce: number = Number.POSITIVE_INFINITY,
  ): AsyncIterable<FleetEvent> {
    const events = new EventQueue<FleetEvent>()
    void this.startAll(starts, atOnce, events)
    return events
  }

  drop(worker: SliceAttempt): void {
    this.begun.get(nameOf(worker))?.drop()
  }

  dropAll(): void {
    for (const worker of this.begun.values()) worker.leave()
  }

  private async startAll(
    starts: Iterable<AnyStart> | AsyncIterable<AnyStart>,
    atOnce: number,
    events: EventQueue<FleetEvent>,
  ): Promise<void> {
    let alive = 0
    let wake = (): void => {}
    const until = async (most: number): Promise<void> => {
      while (alive > most) await new Promise<void>((resolve) => (wake = resolve))
    }
    for await (const start of starts) {
      alive++
      void this.follow(start, events).then(() => {
        alive--
        wake()
      })
      await until(atOnce - 1)
    }
    await until(0)
    events.end()
  }

  private async follow(start: AnyStart, events: EventQueue<FleetEvent>): Promise<void> {
    const of = { slice: start.index, attempt: start.attempt }
    const name = nameOf(of)
    let last: Gone
    try {
      const worker = this.begin(start, (event) => events.push({ ...of, event }))
      this.begun.set(name, worker)
      last = await worker.gone
    } catch (error) {
      last = { type: 'gone', reason: oneLine(error), retry: true, billed: null }
    }
    this.begun.delete(name)
    events.push({ ...of, event: last })
  }
}
