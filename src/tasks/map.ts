/** A map over items: one task each, as there is room for their outcomes, until all have ended or more failed than may. */
import { EventQueue } from '../fleet/queue.ts'
import { cancelTexts, fleetOptionErrors, MapError, TaskError } from '../task-errors.ts'
import type { OneTask } from './one.ts'
import type { MapOptions, Outcome } from './types.ts'

type Items = Iterable<unknown> | AsyncIterable<unknown>
type Ended = Outcome<unknown, unknown>

export class Mapping {
  private readonly submit: (item: unknown) => OneTask
  private readonly most: number | null
  private readonly tolerated: number
  private readonly told = new EventQueue<Ended>()
  private readonly open = new Set<OneTask>()
  /** Of all items; null as long as nobody knows. */
  private total: number | null = null
  /** For the error that says how far it came; nothing where there can be none. */
  private readonly kept: Ended[] = []
  private readonly count = { begun: 0, taken: 0, done: 0, failed: 0 }
  private isPulling = true
  private isOver = false
  private problem: { cause: unknown } | null = null
  private wake = (): void => {}

  /** Throws a UsageError for options that are none. */
  constructor({ maxConcurrency, toleratedFailures = 0 }: MapOptions, submit: (item: unknown) => OneTask) {
    if (maxConcurrency !== undefined && !(Number.isInteger(maxConcurrency) && maxConcurrency > 0)) {
      throw fleetOptionErrors.number('maxConcurrency', maxConcurrency, 'a whole number from 1 up')
    }
    const isShare = toleratedFailures > 0 && toleratedFailures < 1
    if (!isShare && !(toleratedFailures >= 0 && Math.floor(toleratedFailures) === toleratedFailures)) {
      throw fleetOptionErrors.number('toleratedFailures', toleratedFailures, 'a whole number, or a share below 1')
    }
    this.most = maxConcurrency ?? null
    this.tolerated = toleratedFailures
    this.submit = submit
  }

  /** `room`: how many workers there can be. */
  async *outcomes(items: Items, room: number): AsyncGenerator<Ended, void, undefined> {
    this.total = Array.isArray(items) ? items.length : null
    void this.pull(items, Math.min(this.most ?? room, room))
    for await (const outcome of this.told) {
      this.count.taken++
      this.wake()
      yield outcome
    }
    if (this.problem !== null) throw this.problem.cause
  }

  /** Nobody takes any more outcomes. */
  cancel(): void {
    if (this.isOver) return
    this.isOver = true
    for (const task of [...this.open]) task.cancel(cancelTexts.map)
    this.told.end()
    this.wake()
  }

  private async pull(items: Items, most: number): Promise<void> {
    try {
      for await (const item of items) {
        while (!this.isOver && this.count.begun - this.count.taken >= most) {
          await new Promise<void>((resolve) => (this.wake = resolve))
        }
        if (this.isOver) return
        this.begin(item)
      }
      this.total = this.count.begun
    } catch (error) {
      this.giveUp(error)
    }
    this.isPulling = false
    this.look(null)
  }

  private begin(item: unknown): void {
    const index = this.count.begun++
    const task = this.submit(item)
    this.open.add(task)
    task.result.then(
      (value) => this.ended(task, { state: 'done', index, item, value }),
      (error: unknown) => {
        const isOwn = error instanceof TaskError && error.failure !== 'cancelled'
        if (isOwn) return this.ended(task, { state: 'failed', index, item, error })
        // The fleet could not be opened, or is closed.
        this.open.delete(task)
        this.giveUp(error)
      },
    )
  }

  private ended(task: OneTask, outcome: Ended): void {
    this.open.delete(task)
    if (this.isOver) return
    this.count[outcome.state]++
    if (this.tolerated !== Number.POSITIVE_INFINITY) this.kept.push(outcome)
    this.told.push(outcome)
    this.look(outcome.state === 'failed' ? outcome.error : null)
  }

  /** Whether that is the end. `last`: the failure that there was now. */
  private look(last: TaskError | null): void {
    if (this.isOver) return
    const { done, failed } = this.count
    const most = this.allowed()
    if (failed > most) {
      const cause = last ?? this.kept.findLast((outcome) => outcome.state === 'failed')?.error
      const ended = { outcomes: this.kept, done, failed, cancelled: this.open.size }
      this.giveUp(new MapError(ended, { tolerated: most, cause }))
    } else if (!this.isPulling && this.open.size === 0) this.told.end()
  }

  private allowed(): number {
    const { tolerated, total } = this
    if (tolerated === 0 || tolerated >= 1) return tolerated
    return total === null ? Number.POSITIVE_INFINITY : Math.floor(tolerated * total)
  }

  /** What has ended is handed out before the problem is thrown. */
  private giveUp(cause: unknown): void {
    if (this.isOver) return
    this.problem = { cause }
    this.cancel()
  }
}
