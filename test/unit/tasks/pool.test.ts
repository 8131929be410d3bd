/** Tasks: one worker each, a function that is called once at the most, and an end for every one of them. */
import { describe, expect, it } from 'vitest'
import { PreflightError } from '../../../src/errors.ts'
import { TaskError, type TaskFailure } from '../../../src/task-errors.ts'
import type { WorkerEvent } from '../../../src/wire/events.ts'
import { LEASE_LIFETIME } from '../../../src/wire/orders.ts'
import { calling, type FakeWorker, fakePool } from '../../support/tasks.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const failure = (result: Promise<unknown>): Promise<TaskError> =>
  result.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => error as TaskError,
  )

describe('a task', () => {
  it('is one call of a function with its item, and comes to what that returns', async () => {
    const { pool, workers } = fakePool(calling((n: number) => n * 2))
    const task = pool.submit('double', 21)
    expect(task.state).toBe('waiting')
    expect(await task.result).toBe(42)
    expect(task.state).toBe('done')
    expect(workers.map(({ start }) => start.task)).toEqual([{ name: 'double', item: 21, timeout: 60_000 }])
  })

  it('has the item that it was given, whatever becomes of that', async () => {
    const { pool } = fakePool(calling((item: object) => item))
    const item = { a: [1] }
    const task = pool.submit('same', item)
    item.a.push(2)
    expect(await task.result).toEqual({ a: [1] })
  })

  it('says where it is', async () => {
    const { pool, workers } = fakePool()
    const task = pool.submit('work', null)
    await turn()
    expect(task.state).toBe('starting')
    workers[0]?.say({ type: 'ready', at: 0 })
    await turn()
    expect(task.state).toBe('running')
  })

  it('waits for its turn when as many as may be are there', async () => {
    const { pool, workers } = fakePool(undefined, { atOnce: 2 })
    const tasks = [1, 2, 3].map((n) => pool.submit('work', n))
    await turn()
    expect(tasks.map(({ state }) => state)).toEqual(['starting', 'starting', 'waiting'])
    workers[0]?.say({ type: 'returned' })
    await turn()
    // Its result is here, but its worker is not gone.
    expect(tasks.map(({ state }) => state)).toEqual(['done', 'starting', 'waiting'])
    workers[0]?.end()
    await turn()
    expect(tasks.map(({ state }) => state)).toEqual(['done', 'starting', 'starting'])
  })

  it('that throws has what was thrown as its cause, as far as it can travel', async () => {
    const { pool } = fakePool(
      calling(() => {
        throw new RangeError('too\nfar')
      }),
    )
    const error = await failure(pool.submit('walk', 1).result)
    expect(error).toBeInstanceOf(TaskError)
    expect(error).toMatchObject({
      failure: 'threw',
      task: 'walk',
      code: 'SLSART_TASK',
      message: 'walk: RangeError: too\nfar',
    })
    expect(error.cause).toMatchObject({
      name: 'RangeError',
      message: 'too\nfar',
      stack: expect.stringContaining('    at '),
    })
  })

  it.each<[TaskFailure, WorkerEvent[], RegExp]>([
    ['code', [{ type: 'fault', code: 'script', message: 'no such', at: null }], /^work: no such$/],
    // Of an error that nobody caught.
    [
      'threw',
      [
        { type: 'ready', at: 0 },
        { type: 'fault', code: 'script', message: 'Error: x', at: null },
      ],
      /Error: x$/,
    ],
    [
      'result',
      [
        { type: 'ready', at: 0 },
        { type: 'fault', code: 'result', message: 'no JSON', at: null },
      ],
      /no JSON/,
    ],
    [
      'timeout',
      [
        { type: 'ready', at: 0 },
        { type: 'fault', code: 'timeout', message: 'late', at: null },
      ],
      /late/,
    ],
    [
      'lost',
      [
        { type: 'ready', at: 0 },
        { type: 'fault', code: 'worker', message: 'ends', at: null },
      ],
      /lost: ends/,
    ],
    ['lost', [{ type: 'ready', at: 0 }], /its worker is lost: signal SIGSEGV/],
    ['lost', [{ type: 'ready', at: 'now' } as never], /sent what cannot be read/],
  ])('fails as what it is: %s', async (kind, said, words) => {
    const { pool, workers } = fakePool(({ say, end }) => {
      for (const event of said) say(event)
      end({ reason: 'signal SIGSEGV', retry: false })
    })
    expect(await failure(pool.submit('work', 1).result)).toMatchObject({
      failure: kind,
      message: expect.stringMatching(words),
    })
    expect(workers).toHaveLength(1)
  })

  it('is given to another worker as long as its function was not called', async () => {
    const { pool, workers } = fakePool((worker) =>
      worker.start.attempt < 3 ? worker.end({ reason: 'spawn EAGAIN' }) : calling(() => 'done')(worker),
    )
    expect(await pool.submit('work', 1).result).toBe('done')
    expect(workers.map(({ start }) => start.attempt)).toEqual([1, 2, 3])
  })

  it.each([
    { what: 'three times', how: { reason: 'throttled', retry: true }, tried: 3 },
    { what: 'in vain, when another would meet the same', how: { reason: 'denied', retry: false }, tried: 1 },
  ])('is given up when no worker can be started, $what', async ({ how, tried }) => {
    const { pool, workers } = fakePool(({ end }) => end(how))
    const error = await failure(pool.submit('work', 1).result)
    expect(error).toMatchObject({ failure: 'unstarted', message: expect.stringContaining(how.reason) })
    expect(workers).toHaveLength(tried)
  })

  it('is not called again when its worker dies before it was heard to call it, but had the claim', async () => {
    const { pool, workers } = fakePool(({ end }) => end({ reason: 'exit code 3' }), { claimed: true })
    expect(await failure(pool.submit('work', 1).result)).toMatchObject({ failure: 'lost' })
    expect(workers).toHaveLength(1)
  })

  it('is not called again when its worker dies at work', async () => {
    const { pool, workers } = fakePool(({ say, end }) => {
      say({ type: 'ready', at: 0 })
      end({ reason: 'exit code 3' })
    })
    expect(await failure(pool.submit('work', 1).result)).toMatchObject({ failure: 'lost' })
    expect(workers).toHaveLength(1)
  })

  it.each<[string, unknown, RegExp]>([
    ['is too large', 'x'.repeat(6 * 2 ** 20), /its item has 6\.0 MB as JSON, and may have 5\.0 MB/],
    ['has a function in it', { a: [() => 1] }, /its item\.a\[0\] is a function/],
    ['has a Date in it', { when: new Date() }, /its item\.when is a Date/],
    ['has a number that is none', [Number.NaN], /its item\[0\] is NaN/],
    ['has itself in it', Object.assign([], { 0: null }), /./],
  ])('whose item %s fails before anything is started', async (_, item, words) => {
    if (Array.isArray(item) && item[0] === null) item[0] = item
    const { pool, workers } = fakePool(calling(() => 1))
    expect(await failure(pool.submit('work', item).result)).toMatchObject({
      ...{ failure: 'item', message: expect.stringMatching(words) },
    })
    expect(workers).toEqual([])
  })

  it('that says nothing beyond its time is given up, with its worker', async () => {
    const { pool, workers, pass, orders } = fakePool(({ say }) => say({ type: 'ready', at: 0 }), { timeout: 60_000 })
    const task = pool.submit('work', 1)
    await turn()
    pass(69_000)
    expect(task.state).toBe('running')
    pass(3_000)
    expect(await failure(task.result)).toMatchObject({ failure: 'timeout' })
    await turn()
    expect(workers[0]?.isDropped).toBe(true)
    expect(orders.at(-1)?.dropped).toEqual([{ slice: 0, attempt: 1 }])
  })
})

describe('a task that is cancelled', () => {
  it('rejects at once, and its worker is told so', async () => {
    const { pool, workers, orders } = fakePool(({ say }) => say({ type: 'ready', at: 0 }))
    const task = pool.submit('work', 1)
    await turn()
    task.cancel()
    expect(task.state).toBe('cancelled')
    expect(await failure(task.result)).toMatchObject({ failure: 'cancelled', message: 'work: it was cancelled' })
    await turn()
    expect(workers[0]?.isDropped).toBe(true)
    expect(orders.at(-1)?.dropped).toEqual([{ slice: 0, attempt: 1 }])
  })

  it('before its turn is never started', async () => {
    const { pool, workers } = fakePool(undefined, { atOnce: 1 })
    pool.submit('work', 1)
    const second = pool.submit('work', 2)
    await turn()
    second.cancel()
    workers[0]?.end({ retry: false })
    await turn()
    expect(workers).toHaveLength(1)
    expect(second.state).toBe('cancelled')
  })

  it('has ended: whatever its worker still says, and once', async () => {
    const { pool, workers } = fakePool()
    const task = pool.submit('work', 1)
    await turn()
    task.cancel()
    task.cancel()
    workers[0]?.say({ type: 'returned', value: 1 })
    await turn()
    expect(task.state).toBe('cancelled')
  })

  it('when it is done stays done', async () => {
    const { pool } = fakePool(calling(() => 1))
    const task = pool.submit('work', 1)
    await task.result
    task.cancel()
    expect(task.state).toBe('done')
    expect(await task.result).toBe(1)
  })
})

describe('the fleet of a program', () => {
  it('renews its lease while there is something to do, and holds nothing after that', async () => {
    const { pool, workers, orders, pass, listening } = fakePool(({ say }) => say({ type: 'ready', at: 0 }))
    const first = pool.submit('work', 1)
    await turn()
    const leases = orders.length
    for (let at = 0; at < LEASE_LIFETIME; at += 5_000) {
      pass(5_000)
      await turn()
    }
    expect(orders.length - leases).toBeGreaterThanOrEqual(5)
    const finished = (worker: FakeWorker | undefined): void => {
      worker?.say({ type: 'returned' })
      worker?.end()
    }
    finished(workers[0])
    await first.result
    await turn()
    const written = orders.length
    pass(60_000)
    await turn()
    expect({ written: orders.length, listening: listening() }).toEqual({ written, listening: false })
    // What comes later finds a lease again.
    const second = pool.submit('work', 2)
    await turn()
    expect(orders.at(-1)?.lease).toBe((orders[written - 1]?.lease ?? 0) + 60_000)
    finished(workers[1])
    await second.result
  })

  it('is closed by a signal: the workers are told and ended, and every task says by what', async () => {
    const { pool, workers, orders, signal, listening, removed } = fakePool(({ say }) => say({ type: 'ready', at: 0 }), {
      atOnce: 1,
    })
    const tasks = [pool.submit('work', 1), pool.submit('work', 2)]
    await turn()
    signal('SIGINT')
    const errors = await Promise.all(tasks.map(({ result }) => failure(result)))
    expect(orders.at(-1)?.stop).toBe('now')
    expect(errors.map(({ message }) => message)).toEqual(['work: stopped by SIGINT', 'work: stopped by SIGINT'])
    expect(workers).toHaveLength(1)
    // A second ^C does what it does without us.
    expect(listening()).toBe(false)
    await pool.close()
    expect(removed()).toBe(true)
  })

  it('closes, and cancels what is not done and what comes later', async () => {
    const { pool, workers, removed } = fakePool(({ say }) => say({ type: 'ready', at: 0 }))
    const task = pool.submit('work', 1)
    await turn()
    await Promise.all([pool.close(), pool.close()])
    expect(await failure(task.result)).toMatchObject({ failure: 'cancelled', message: 'work: the fleet is closed' })
    expect(workers[0]?.isDropped).toBe(true)
    expect(await failure(pool.submit('work', 2).result)).toMatchObject({ failure: 'cancelled' })
    expect({ removed: removed(), workers: workers.length }).toEqual({ removed: true, workers: 1 })
  })

  it('that was never used has nothing to close', async () => {
    const { pool, removed } = fakePool()
    await pool.close()
    expect(removed()).toBeNull()
  })

  it('that cannot be opened fails its tasks with the reason', async () => {
    const reason = new PreflightError('the stage dev is not deployed')
    const { pool } = fakePool(undefined, { open: () => Promise.reject(reason) })
    const task = pool.submit('work', 1)
    expect(await failure(task.result)).toBe(reason)
    expect(task.state).toBe('failed')
    await expect(pool.map('work', [1]).next()).rejects.toBe(reason)
    await pool.close()
  })
})
