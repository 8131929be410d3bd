/** Maps: outcomes as they come, items as there is room, and what becomes of the rest when it is over early. */
import { describe, expect, it } from 'vitest'
import { UsageError } from '../../../src/errors.ts'
import { MapError } from '../../../src/task-errors.ts'
import { all, calling, fakePool } from '../../support/tasks.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const odd = (n: number): number => {
  if (n % 2 === 1) throw new Error(`${n} is odd`)
  return n
}
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const problemOf = (over: Promise<unknown>): Promise<MapError> =>
  over.then(
    () => Promise.reject(new Error('it did not throw')),
    (error: unknown) => error as MapError,
  )

describe('a map', () => {
  it('has the outcomes in the order in which they end', async () => {
    const { pool, workers } = fakePool()
    const outcomes = all(pool.map('work', ['a', 'b', 'c']))
    await turn()
    for (const i of [2, 0, 1]) {
      workers[i]?.say({ type: 'returned', value: i * 10 })
      workers[i]?.end()
      await turn()
    }
    expect(await outcomes).toEqual([
      { state: 'done', index: 2, item: 'c', value: 20 },
      { state: 'done', index: 0, item: 'a', value: 0 },
      { state: 'done', index: 1, item: 'b', value: 10 },
    ])
  })

  it('of nothing has none', async () => {
    const { pool } = fakePool()
    expect(await all(pool.map('work', []))).toEqual([])
    expect(await all(pool.map('work', (async function* () {})()))).toEqual([])
  })

  it('has so many at work as may be, and asks for items when there is room', async () => {
    let [alive, most, asked] = [0, 0, 0]
    const { pool } = fakePool(
      calling(async () => {
        most = Math.max(most, ++alive)
        await turn()
        alive--
      }),
      { atOnce: 50 },
    )
    const items = function* (): Generator<number> {
      for (; asked < 1_000; asked++) yield asked
    }
    const mapping = pool.map('work', items(), { maxConcurrency: 4 })
    for (let taken = 1; taken <= 40; taken++) {
      await mapping.next()
      // Those at work or not taken, and the one that waits for room.
      expect(asked).toBeLessThanOrEqual(taken + 5)
    }
    await mapping.return()
    expect(most).toBe(4)
  })

  it('hands out what has ended while its items are slow to come', async () => {
    const { pool } = fakePool(calling((n: number) => n))
    const never = (async function* () {
      yield 1
      await new Promise(() => {})
    })()
    expect(await pool.map('work', never).next()).toMatchObject({ value: { state: 'done', value: 1 } })
  })

  it('that is left early cancels the rest, tells the workers, and asks for no more items', async () => {
    const { pool, workers, orders } = fakePool(
      (worker) => (worker.start.index === 0 ? calling(() => 1)(worker) : null),
      {
        atOnce: 3,
      },
    )
    let isReturned = false
    const items = (function* () {
      try {
        for (let n = 0; ; n++) yield n
      } finally {
        isReturned = true
      }
    })()
    for await (const { index } of pool.map('work', items)) {
      expect(index).toBe(0)
      await turn()
      break
    }
    await turn()
    const dropped = workers.filter(({ isDropped }) => isDropped).map(({ start }) => start.index)
    expect(dropped).toEqual(workers.slice(1).map(({ start }) => start.index))
    expect(dropped.length).toBeGreaterThan(0)
    expect(orders.flatMap((one) => one.dropped.map(({ slice }) => slice))).toEqual(expect.arrayContaining(dropped))
    expect(isReturned).toBe(true)
  })

  it('throws what its items throw', async () => {
    const { pool } = fakePool(calling((n: number) => n))
    const items = (function* () {
      yield 1
      throw new Error('no more')
    })()
    const outcomes = pool.map('work', items)
    await expect(all(outcomes)).rejects.toThrow('no more')
  })

  it('is over when the fleet is closed', async () => {
    const { pool } = fakePool()
    const outcomes = all(pool.map('work', [1, 2]))
    outcomes.catch(() => {})
    await turn()
    await pool.close()
    await expect(outcomes).rejects.toThrow('the fleet is closed')
  })

  it.each([
    { maxConcurrency: 0 },
    { maxConcurrency: 1.5 },
    { toleratedFailures: -1 },
    { toleratedFailures: 1.5 },
    { toleratedFailures: Number.NaN },
  ])('refuses options that are none: %o', async (options) => {
    await expect(fakePool().pool.map('work', [1], options).next()).rejects.toThrow(UsageError)
  })
})

describe('failures in a map', () => {
  it('are outcomes as long as they may be', async () => {
    const { pool } = fakePool(calling(odd))
    const outcomes = await all(pool.map('odd', range(6), { toleratedFailures: 3 }))
    expect(outcomes.filter(({ state }) => state === 'failed')).toHaveLength(3)
    expect(outcomes.find(({ index }) => index === 3)).toMatchObject({
      ...{ state: 'failed', item: 3, error: { failure: 'threw', task: 'odd' } },
    })
  })

  it.each([
    { tolerated: undefined, of: 10, throws: true },
    { tolerated: 4, of: 10, throws: true },
    { tolerated: 5, of: 10, throws: false },
    { tolerated: 0.4, of: 10, throws: true },
    { tolerated: 0.5, of: 10, throws: false },
    { tolerated: Number.POSITIVE_INFINITY, of: 10, throws: false },
  ])('$tolerated of $of: beyond it the map throws: $throws', async ({ tolerated, of, throws }) => {
    const options = tolerated === undefined ? {} : { toleratedFailures: tolerated }
    for (const items of [range(of), new Set(range(of))]) {
      const { pool } = fakePool(calling(odd))
      const over = all(pool.map('odd', items, { ...options, maxConcurrency: 1 }))
      if (!throws) expect(await over).toHaveLength(of)
      else expect(await problemOf(over)).toBeInstanceOf(MapError)
    }
  })

  it('beyond what may fail end it: what had ended is handed out and in the error, the rest is cancelled', async () => {
    const { pool, workers } = fakePool(undefined, { atOnce: 4 })
    const seen: number[] = []
    const over = (async () => {
      for await (const { index } of pool.map('work', range(9), { toleratedFailures: 1 })) seen.push(index)
    })()
    await turn()
    workers[1]?.say({ type: 'returned', value: 'fine' })
    workers[0]?.say({ type: 'fault', code: 'threw', message: 'Error: one\n    at x', at: null })
    workers[2]?.say({ type: 'fault', code: 'threw', message: 'Error: two\n    at x', at: null })
    const error = await problemOf(over)
    expect(error).toBeInstanceOf(MapError)
    expect(seen).toEqual([1, 0, 2])
    expect(error).toMatchObject({
      ...{ code: 'SLSART_MAP', done: 1, failed: 2 },
      message: '2 tasks failed, and 1 may: the last was work: Error: two',
      outcomes: [
        { state: 'done', index: 1, value: 'fine' },
        { state: 'failed', index: 0 },
        { state: 'failed', index: 2 },
      ],
      cause: { failure: 'threw' },
    })
    expect(error.cancelled).toBeGreaterThanOrEqual(1)
    expect(workers[3]?.isDropped).toBe(true)
    expect(workers.length).toBeLessThanOrEqual(7)
  })
})
