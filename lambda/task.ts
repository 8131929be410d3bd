/**
 * One task: load the module → claim → ready → call its function with the item → say what came of it.
 * Without the claim the function has not been called, and the task may be given to another worker; with it, to none. `ready` says the same
 * sooner, but need not arrive: the function may end its process.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { taskTexts } from '../src/task-errors.ts'
import type { Millis } from '../src/units.ts'
import type { WorkerEvent } from '../src/wire/events.ts'
import { changedByJson, MOST_JSON, type TaskStart } from '../src/wire/task.ts'
import { takeClaim } from './claim.ts'
import { endless } from './deadline.ts'
import { putEnded } from './ended.ts'
import { followOrders } from './follow.ts'
import { fetchModule, placeIn, ScriptFault } from './parts.ts'
import type { Host } from './worker.ts'

/** What a function that is told to end has to do so. */
const GRACE: Millis = 1_000

type TaskFunction = (item: unknown, context: { signal: AbortSignal }) => unknown

/** `hung`: the function is still at work, and its process is fit for nothing else. */
type End = 'over' | 'hung'

export async function runTask(start: TaskStart, host: Host): Promise<End> {
  const { index, attempt } = start
  const stopped = new AbortController()
  const follower = followOrders(
    {
      ...{ store: host.store, wall: Date.now, budget: endless, window: () => ({ from: 0, to: 0 }) },
      ready: { slice: index, attempt, at: Date.now() },
      workers: 1,
    },
    { onStop: () => stopped.abort(), onEpochs() {} },
  )
  const halt = (): void => follower.stop('now')
  host.halt.addEventListener('abort', halt)
  if (host.halt.aborted) halt()
  try {
    const called = await functionOf(start, host)
    // Who was cancelled meanwhile, or comes when whoever asked is gone, calls nothing.
    await follower.confirm()
    if (stopped.signal.aborted || !(await takeClaim(start, host))) return 'over'
    return await carriedOut(start, called, { host, stopped: stopped.signal })
  } catch (error) {
    if (!(error instanceof ScriptFault)) throw error
    host.send({ type: 'fault', code: 'script', message: error.message, at: error.at })
    return 'over'
  } finally {
    host.halt.removeEventListener('abort', halt)
    follower.close()
    await putEnded(host.store, index, attempt)
  }
}

async function functionOf(start: TaskStart, { store }: Host): Promise<TaskFunction> {
  const module = await fetchModule(start, store)
  const { name } = start.task
  const found = Object.hasOwn(module, name) ? module[name] : undefined
  if (typeof found === 'function') return found as TaskFunction
  const functions = Object.keys(module).filter((key) => typeof module[key] === 'function')
  throw new ScriptFault(taskTexts.noFunction(name, functions), null)
}

/** `stopped` by its orders, or because the platform is about to end the process. */
async function carriedOut(
  { task }: TaskStart,
  called: TaskFunction,
  { host, stopped }: { host: Host; stopped: AbortSignal },
): Promise<End> {
  const over = Promise.withResolvers<'stopped' | 'late'>()
  const ends = new AbortController()
  if (stopped.aborted) over.resolve('stopped')
  stopped.addEventListener('abort', () => over.resolve('stopped'))
  host.budget.heed(() => over.resolve('late'))
  // A function that never gives the event loop back is ended with its process, a little later.
  host.budget.obey({ until: Date.now() + task.timeout, lease: Number.POSITIVE_INFINITY })
  host.send({ type: 'ready', at: Date.now() })
  const settled = outcomeOf(called, task.item, ends.signal)
  const first = await Promise.race([settled, over.promise])
  host.budget.obey({ until: null, lease: Number.POSITIVE_INFINITY })
  if (typeof first !== 'string') {
    host.send(first)
    return 'over'
  }
  // Before who waits for it hears of that: he may end this process.
  ends.abort()
  if (first === 'late') {
    host.send({ type: 'fault', code: 'timeout', message: taskTexts.timeout(task.timeout), at: null })
  }
  return Promise.race([settled.then((): End => 'over'), sleep(GRACE, 'hung' as const)])
}

async function outcomeOf(called: TaskFunction, item: unknown, signal: AbortSignal): Promise<WorkerEvent> {
  try {
    const value = await called(item, { signal })
    return value === undefined ? { type: 'returned' } : returned(value)
  } catch (error) {
    const stack = error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error)
    return { type: 'fault', code: 'threw', message: stack, at: placeIn(stack) }
  }
}

function returned(value: unknown): WorkerEvent {
  const changed = changedByJson(value)
  if (changed !== null) {
    return { type: 'fault', code: 'result', message: taskTexts.notJson('its result', changed), at: null }
  }
  const bytes = new TextEncoder().encode(JSON.stringify(value)).length
  if (bytes <= MOST_JSON) return { type: 'returned', value }
  return { type: 'fault', code: 'result', message: taskTexts.tooLarge('its result', bytes, MOST_JSON), at: null }
}
