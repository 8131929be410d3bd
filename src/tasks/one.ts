/** One task, from its submission to its outcome, through all attempts to start it. */
import type { Gone } from '../fleet/fleet.ts'
import { cancelTexts, type TaskError, taskErrors } from '../task-errors.ts'
import type { WorkerEvent } from '../wire/events.ts'
import type { Task, TaskState } from './types.ts'

/** Workers that are tried to be started for it. */
const MOST_ATTEMPTS = 3

type Cancel = (task: OneTask) => void

export class OneTask implements Task<unknown> {
  readonly index: number
  readonly name: string
  /** As JSON: nobody can change it before it travels. null: there is none. */
  readonly item: string | null
  readonly result: Promise<unknown>
  state: TaskState = 'waiting'
  attempt = 0
  private readonly settling = Promise.withResolvers<unknown>()
  private readonly onCancel: Cancel

  /** `onCancel` hears of a cancellation that ended it. */
  constructor({ index, name, item }: Pick<OneTask, 'index' | 'name' | 'item'>, onCancel: Cancel) {
    this.index = index
    this.name = name
    this.item = item
    this.onCancel = onCancel
    this.result = this.settling.promise
    // Whoever wants to know asks.
    this.result.catch(() => {})
  }

  get isOver(): boolean {
    return this.state === 'done' || this.state === 'failed' || this.state === 'cancelled'
  }

  cancel(why: string = cancelTexts.asked): void {
    if (this.isOver) return
    this.end('cancelled', taskErrors.cancelled(this.name, why))
    this.onCancel(this)
  }

  fail(error: Error): void {
    this.end('failed', error)
  }

  /** A worker is being started for it. */
  begin(): void {
    this.state = 'starting'
    this.attempt++
  }

  hear(event: WorkerEvent): void {
    switch (event.type) {
      case 'ready':
        if (!this.isOver) this.state = 'running'
        return
      case 'returned':
        if (this.isOver) return
        this.state = 'done'
        return this.settling.resolve(event.value)
      case 'fault':
        return this.fault(event)
    }
  }

  /** Whether another worker is to be started for it. `wasCalled`: its function, or nobody knows. `log`: where the worker's log is, in words. */
  gone({ reason, retry }: Gone, wasCalled: boolean, log: string): boolean {
    if (this.isOver) return false
    if (!wasCalled && retry && this.attempt < MOST_ATTEMPTS) return true
    const { name, attempt } = this
    const error = wasCalled
      ? taskErrors.lost(name, reason, log)
      : taskErrors.unstarted(name, `${reason}${log}`, attempt)
    this.fail(error)
    return false
  }

  /** It has had the time that a call may take, and the worker has not said so. */
  late(message: string): void {
    this.fail(taskErrors.failed(this.name, 'timeout', message, null))
  }

  private fault({ code, message, at }: Extract<WorkerEvent, { type: 'fault' }>): void {
    const { name } = this
    if (code === 'threw' || (code === 'script' && this.state === 'running')) {
      return this.fail(taskErrors.threw({ task: name, stack: message, at }))
    }
    if (code === 'script') return this.fail(taskErrors.failed(name, 'code', message, at))
    if (code === 'result' || code === 'timeout') return this.fail(taskErrors.failed(name, code, message, at))
    // Before its function was called, another may do better.
    if (this.state === 'running') this.fail(taskErrors.lost(name, message, ''))
  }

  private end(state: 'failed' | 'cancelled', error: TaskError | Error): void {
    if (this.isOver) return
    this.state = state
    this.settling.reject(error)
  }
}
