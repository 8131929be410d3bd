/**
 * Tasks on the workers of a fleet. They are started by the very launch that starts a run's slices, so many at a time, each as one worker; what workers say
 * is heard as a run hears it. A function is called once at the most: another worker is started only for a task whose worker was gone before that.
 */
import { unreadableText } from '../errors.ts'
import { takeFrom } from '../fleet/claims.ts'
import type { Gone, TaskFleet } from '../fleet/fleet.ts'
import { EventQueue } from '../fleet/queue.ts'
import { heard } from '../run/heard.ts'
import { cancelTexts, taskErrors, taskTexts } from '../task-errors.ts'
import type { Millis } from '../units.ts'
import type { WorkerEvent } from '../wire/events.ts'
import { changedByJson, MOST_JSON, type TaskStart } from '../wire/task.ts'
import type { World } from '../world.ts'
import { Mapping } from './map.ts'
import { OneTask } from './one.ts'
import { TaskOrders } from './orders.ts'
import { within } from './patience.ts'
import type { MapOptions, Outcome } from './types.ts'

/**
 * `shared`: what all starts have in common. `log`: where a worker's log is, in words. `remove` leaves nothing of it all; `isQuiet`: no worker is
 * there any more.
 */
export type Opened = {
  fleet: TaskFleet
  shared: Omit<TaskStart, 'index' | 'attempt' | 'task'>
  atOnce: number
  timeout: Millis
  log(index: number): string
  remove(isQuiet: boolean): Promise<void>
}

/** A worker says by itself that a call takes too long; one that has not said so after this much more is not waited for. */
const LATE: Millis = 10_000
/** At the end workers are waited for so long. */
const PATIENCE: Millis = 5_000

/** `calledAt`: since when its function is at work; null before that. */
type Working = { task: OneTask; calledAt: Millis | null }

type Open = Opened & { orders: TaskOrders; over: Promise<void> }

export class Pool {
  private readonly world: World
  private readonly opener: () => Promise<Opened>
  private opened: Promise<Open> | null = null
  private readonly waiting = new EventQueue<OneTask>()
  /** Not ended yet. */
  private readonly open = new Set<OneTask>()
  /** Those that have a worker. */
  private readonly atWork = new Map<number, Working>()
  private next = 0
  private ended: string | null = null
  private ending: Promise<void> | null = null
  private unlisten: (() => void) | null = null

  /** `opener` is called with the first task. */
  constructor(world: World, opener: () => Promise<Opened>) {
    this.world = world
    this.opener = opener
  }

  submit(name: string, item: unknown): OneTask {
    const changed = item === undefined ? null : changedByJson(item)
    const text = item === undefined || changed !== null ? null : JSON.stringify(item)
    const task = new OneTask({ index: this.next++, name, item: text }, () => void this.drop(task))
    const bytes = text === null ? 0 : Buffer.byteLength(text)
    if (changed !== null) task.fail(taskErrors.item(name, taskTexts.notJson('its item', changed)))
    else if (bytes > MOST_JSON) task.fail(taskErrors.item(name, taskTexts.tooLarge('its item', bytes, MOST_JSON)))
    else if (this.ended !== null) task.cancel(this.ended)
    else void this.enqueue(task)
    return task
  }

  async *map(
    name: string,
    items: Iterable<unknown> | AsyncIterable<unknown>,
    options: MapOptions = {},
  ): AsyncGenerator<Outcome<unknown, unknown>, void, undefined> {
    const mapping = new Mapping(options, (item) => this.submit(name, item))
    const { atOnce } = await this.prepared()
    try {
      yield* mapping.outcomes(items, atOnce)
    } finally {
      mapping.cancel()
      // A program that ends with this must have told the workers.
      await (await this.prepared()).orders.told()
    }
  }

  close(): Promise<void> {
    return this.end(cancelTexts.closed)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  private prepared(): Promise<Open> {
    this.opened ??= this.prepare()
    return this.opened
  }

  private async prepare(): Promise<Open> {
    const opened = await this.opener()
    const orders = await TaskOrders.open({
      ...{ fleet: opened.fleet, clock: this.world.clock },
      onTick: () => this.lookForLate(opened),
      onStop: () => void this.end(cancelTexts.elsewhere),
    })
    return { ...opened, orders, over: this.listen(opened) }
  }

  private async enqueue(task: OneTask): Promise<void> {
    this.open.add(task)
    this.unlisten ??= this.world.onStop((signal) => void this.end(cancelTexts.signal(signal)))
    try {
      const { orders } = await this.prepared()
      await orders.hold()
      this.waiting.push(task)
    } catch (error) {
      task.fail(error as Error)
      this.left(task)
    }
  }

  private async *starts({ shared, timeout }: Opened): AsyncGenerator<TaskStart> {
    for await (const task of this.waiting) {
      if (task.isOver || this.ended !== null) continue
      task.begin()
      const { index, attempt, name, item } = task
      this.atWork.set(index, { task, calledAt: null })
      const given = item === null ? {} : { item: JSON.parse(item) as unknown }
      yield { ...shared, index, attempt, task: { name, ...given, timeout } }
    }
  }

  private async listen(opened: Opened): Promise<void> {
    const { fleet, atOnce } = opened
    for await (const { slice, event } of fleet.launchTasks(this.starts(opened), atOnce)) {
      const working = this.atWork.get(slice)
      if (working === undefined || event.type === 'cut') continue
      const { task } = working
      if (event.type === 'gone') void this.gone(working, event, opened)
      else this.hear(task, event, opened)
      if (event.type === 'ready') working.calledAt = this.world.clock.wall()
      if (task.isOver) this.left(task)
    }
  }

  private hear(task: OneTask, event: WorkerEvent, { fleet }: Opened): void {
    try {
      task.hear(heard(event))
    } catch (error) {
      // It is the user's code that may have written there.
      task.fail(taskErrors.lost(task.name, unreadableText((error as Error).message), ''))
      fleet.drop({ slice: task.index, attempt: task.attempt })
    }
  }

  private async gone({ task, calledAt }: Working, { reason, ...gone }: Gone, opened: Opened): Promise<void> {
    const { fleet, log, timeout } = opened
    this.atWork.delete(task.index)
    if (this.ended !== null) task.cancel(this.ended)
    // One that keeps its process to itself can say nothing, and is ended with it.
    if (calledAt !== null && this.world.clock.wall() - calledAt >= timeout) task.late(taskTexts.timeout(timeout))
    // What it said last may have been lost with it; its claim is not.
    const of = { slice: task.index, attempt: task.attempt }
    const wasCalled =
      task.isOver || task.state === 'running' || !(await takeFrom(fleet.store, of, this.world.entropy(8)))
    const told = { ...gone, reason: this.world.secrets.text(reason) }
    if (task.gone(told, wasCalled, log(task.index))) this.waiting.push(task)
    else this.left(task)
  }

  /** When it was the last there is nothing to hold on to. */
  private left(task: OneTask): void {
    this.open.delete(task)
    if (this.open.size > 0 || this.atWork.size > 0) return
    this.unlisten?.()
    this.unlisten = null
    void this.opened?.then(
      ({ orders }) => {
        if (this.open.size === 0 && this.atWork.size === 0) orders.rest()
      },
      () => {},
    )
  }

  /** Has the worker of a task that nobody waits for any more told so, and ended where that can be done. */
  private async drop(task: OneTask): Promise<void> {
    this.left(task)
    if (!this.atWork.has(task.index) || this.ended !== null) return
    const { fleet, orders } = await this.prepared()
    const over = [...this.atWork.values()].filter(({ task: { isOver, state } }) => isOver && state !== 'done')
    orders.drop(over.map((working) => ({ slice: working.task.index, attempt: working.task.attempt })))
    fleet.drop({ slice: task.index, attempt: task.attempt })
  }

  private lookForLate({ timeout }: Opened): void {
    const latest = this.world.clock.wall() - timeout - LATE
    for (const { task, calledAt } of this.atWork.values()) {
      if (task.isOver || calledAt === null || calledAt > latest) continue
      task.late(taskTexts.timeout(timeout))
      void this.drop(task)
    }
  }

  private end(why: string): Promise<void> {
    this.ended ??= why
    this.ending ??= this.endAll(why)
    return this.ending
  }

  /** Who waits for a task hears of its end when the workers have been told: he may end the program. */
  private async endAll(why: string): Promise<void> {
    this.unlisten?.()
    this.unlisten = null
    const opened = await this.opened?.catch(() => null)
    this.waiting.end()
    await opened?.orders.stop()
    for (const { task } of this.atWork.values()) opened?.fleet.drop({ slice: task.index, attempt: task.attempt })
    for (const task of this.open) task.cancel(why)
    if (opened == null) return
    const { fleet, orders, over, remove } = opened
    await within(PATIENCE, over)
    const isQuiet = this.atWork.size === 0
    fleet.dropAll()
    orders.rest()
    await orders.told()
    await remove(isQuiet)
    await fleet.close()
  }
}
