/** Tasks on a fleet without processes: what each worker does is the test's, and so is the time. */
import type { Gone, TaskFleet } from '../../src/fleet/fleet.ts'
import { WorkerPool } from '../../src/fleet/pool.ts'
import type { Store } from '../../src/store/store.ts'
import { type Opened, Pool } from '../../src/tasks/pool.ts'
import type { WorkerEvent } from '../../src/wire/events.ts'
import { claimsPrefix } from '../../src/wire/keys.ts'
import type { Orders } from '../../src/wire/orders.ts'
import { isTask, type TaskStart } from '../../src/wire/task.ts'
import { realWorld, type World } from '../../src/world.ts'

export type FakeWorker = {
  start: TaskStart
  say(event: WorkerEvent): void
  end(how?: Partial<Gone>): void
  isDropped: boolean
}

export type Fake = {
  pool: Pool
  workers: FakeWorker[]
  /** As they were written, one after another. */
  orders: Orders[]
  /** What the user's signals do. */
  signal(name: 'SIGINT' | 'SIGTERM'): void
  listening(): boolean
  /** Moves the clock second by second. */
  pass(span: number): void
  /** Whether close has removed everything; null before that. */
  removed(): boolean | null
}

const real = realWorld()

/** `act` is given each worker when it is started; without it they do as they are told. `claimed`: they take their claims, whatever is heard of them. */
export function fakePool(
  act: (worker: FakeWorker) => unknown = () => {},
  options: Partial<Pick<Opened, 'atOnce' | 'timeout'>> & { open?: () => Promise<void>; claimed?: boolean } = {},
): Fake {
  const orders: Orders[] = []
  const workers: FakeWorker[] = []
  const pool = new WorkerPool((start, say) => {
    if (!isTask(start)) throw new Error('no task')
    const { promise: gone, resolve } = Promise.withResolvers<Gone>()
    const end: FakeWorker['end'] = (how) =>
      resolve({ type: 'gone', reason: 'exit code 0', retry: true, billed: null, ...how })
    const worker: FakeWorker = { start, say, end, isDropped: false }
    const drop = (): void => {
      worker.isDropped = true
      end({ reason: 'signal SIGKILL' })
    }
    workers.push(worker)
    act(worker)
    return { gone, drop, leave: drop }
  })
  let now = 1_000_000
  const listeners = new Set<(signal: 'SIGINT' | 'SIGTERM') => void>()
  const ticking = new Set<() => void>()
  const every: World['clock']['every'] = (_, tick) => {
    ticking.add(tick)
    return () => ticking.delete(tick)
  }
  const world: World = {
    ...real,
    clock: { ...real.clock, wall: () => now, every },
    onStop(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const fleet = {
    ...{ name: 'local', place: { kind: 'folder', folder: '/' }, batches: null },
    store: storeOf(options.claimed ?? false),
    launchTasks: (starts: AsyncIterable<TaskStart>, atOnce: number) => pool.launch(starts, atOnce),
    order: async (next: Orders) => void orders.push(next),
    drop: (worker: { slice: number; attempt: number }) => pool.drop(worker),
    dropAll: () => pool.dropAll(),
    close: async () => {},
  } as unknown as TaskFleet
  let removed: boolean | null = null
  const made = new Pool(world, async () => {
    await options.open?.()
    return {
      fleet,
      shared: {
        ...{ run: 'tasks-1', hook: null, until: null, secrets: [], env: {}, allow: [], batches: null },
        parts: { processor: null, extensions: [], rows: [], files: [] },
        store: { kind: 'folder', folder: '/' },
        source: { file: '/work.ts', folder: '/', root: '/' },
      },
      ...{ atOnce: 100, timeout: 60_000, log: () => '', ...options },
      remove: async (isQuiet) => {
        removed = isQuiet
      },
    }
  })
  return {
    ...{ pool: made, workers, orders },
    signal(name) {
      for (const listener of listeners) listener(name)
    },
    listening: () => listeners.size > 0,
    pass(span) {
      for (const end = now + span; now < end; ) {
        now = Math.min(end, now + 1_000)
        for (const tick of ticking) tick()
      }
    },
    removed: () => removed,
  }
}

const storeOf = (claimed: boolean): Pick<Store, 'get' | 'putIfAbsent'> => ({
  get: async (key) => (claimed && key.startsWith(claimsPrefix) ? new TextEncoder().encode('{}') : null),
  putIfAbsent: async () => !claimed,
})

/** Calls the function, and says what came of it. */
export const calling =
  (called: (item: never) => unknown) =>
  async ({ start, say, end }: FakeWorker): Promise<void> => {
    say({ type: 'ready', at: 0 })
    try {
      say({ type: 'returned', value: await called(start.task.item as never) })
    } catch (error) {
      say({ type: 'fault', code: 'threw', message: (error as Error).stack ?? '', at: null })
    }
    end()
  }

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}
