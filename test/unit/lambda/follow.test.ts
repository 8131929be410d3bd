/** What a worker makes of its orders, and of a store that has none to give. */
import { expect, it, onTestFinished } from 'vitest'
import { deadline } from '../../../lambda/deadline.ts'
import { followOrders } from '../../../lambda/follow.ts'
import { firstOrders, type Orders, type Stop } from '../../../src/wire/orders.ts'

type Get = (key: string) => Promise<Uint8Array | null>
const storeOf = (get: Get): Parameters<typeof followOrders>[0]['store'] => ({
  get,
  put: async () => {},
  putIfAbsent: async () => true,
  list: async () => [],
  folders: async () => [],
  clear: async () => {},
  close() {},
})
const document = (orders: Partial<Orders>): Uint8Array =>
  Buffer.from(JSON.stringify({ ...firstOrders(Date.now()), ...orders }))

const READY = 50_000

function follow(
  get: Get,
  wall = Date.now,
  attempt = 1,
): { stops: Stop[]; stopped: Promise<Stop>; follower: ReturnType<typeof followOrders> } {
  const stops: Stop[] = []
  const { promise: stopped, resolve } = Promise.withResolvers<Stop>()
  const onStop = (stop: Stop): void => {
    stops.push(stop)
    resolve(stop)
  }
  const budget = deadline(wall, () => {})
  onTestFinished(budget.close)
  const following = {
    store: storeOf(get),
    ...{ wall, budget, workers: 1 },
    ready: { slice: 3, attempt, at: READY },
    window: () => ({ from: 10, to: Number.POSITIVE_INFINITY }),
  }
  return { stops, stopped, follower: followOrders(following, { onStop, onEpochs() {} }) }
}

it('goes when the orders say when, though they could not be read before', async () => {
  let asked = 0
  const { follower } = follow(async () => {
    if (asked++ === 0) throw new Error('cannot be read')
    return asked === 2 ? null : document({ t0: READY })
  })
  expect(await follower.go).toEqual({ t0: READY, from: 10 })
  follower.close()
})

it('drains when its lease has run out behind a store that does not answer at all', async () => {
  const begun = Date.now()
  let now = begun
  const { follower, stopped } = follow(
    () => {
      now = begun + 31_000
      return new Promise(() => {})
    },
    () => now,
  )
  expect(await stopped).toBe('drain')
  expect(await follower.go).toBeNull()
  follower.close()
})

it('does not go when the lease had run out by then', async () => {
  const { follower, stops } = follow(async () => document({ t0: READY, lease: Date.now() - 31_000 }))
  expect(await follower.go).toBeNull()
  expect(stops).toEqual(['drain'])
  follower.close()
})

it('hears of a stop though the question before was never answered', async () => {
  let asked = 0
  const { follower, stopped } = follow(() =>
    asked++ === 0 ? new Promise(() => {}) : Promise.resolve(document({ stop: 'drain' })),
  )
  expect(await stopped).toBe('drain')
  follower.close()
})

it('heeds no orders that were asked for before those it knows', async () => {
  const answers = [Promise.withResolvers<Uint8Array>(), Promise.withResolvers<Uint8Array>()]
  let asked = 0
  const { follower, stops } = follow(() => answers[asked++]?.promise ?? new Promise(() => {}))
  await expect.poll(() => asked, { timeout: 3_000 }).toBeGreaterThan(1)
  answers[1]?.resolve(document({ t0: READY }))
  expect(await follower.go).toEqual({ t0: READY, from: 10 })
  answers[0]?.resolve(document({ lease: 0 }))
  await new Promise((resolve) => setImmediate(resolve))
  expect(stops).toEqual([])
  follower.close()
})

it('stops at once when its slice was given up, and not when others were', async () => {
  const { follower, stops } = follow(async () => document({ t0: READY, dropped: [{ slice: 3, attempt: 1 }] }))
  expect(await follower.go).toBeNull()
  expect(stops).toEqual(['now'])
  follower.close()
  const dropped = [
    { slice: 2, attempt: 1 },
    { slice: 3, attempt: 2 },
  ]
  const other = follow(async () => document({ t0: READY, dropped }))
  expect(await other.follower.go).toEqual({ t0: READY, from: 10 })
  other.follower.close()
})

it('is stopped from this side of the store too', async () => {
  const { follower, stops } = follow(() => new Promise(() => {}))
  follower.stop('now')
  expect(await follower.go).toBeNull()
  expect(stops).toEqual(['now'])
  follower.close()
})

it('waits to be told when it is ready after its window has begun', async () => {
  const t0 = READY - 12_000
  let asked = 0
  const joined = [{ slice: 3, attempt: 1, from: 14.5 }]
  const { follower } = follow(async () => document(asked++ === 0 ? { t0 } : { t0, joined }))
  expect(await follower.go).toEqual({ t0, from: 14.5 })
  expect(asked).toBe(2)
  follower.close()
})

it('waits to be told when it is not the first to try its slice, however early it is ready', async () => {
  let asked = 0
  const joined = [
    { slice: 3, attempt: 1, from: 11 },
    { slice: 3, attempt: 2, from: 10 },
  ]
  const get = async (): Promise<Uint8Array> => document(asked++ === 0 ? { t0: READY } : { t0: READY, joined })
  const { follower } = follow(get, Date.now, 2)
  expect(await follower.go).toEqual({ t0: READY, from: 10 })
  expect(asked).toBe(2)
  follower.close()
})

it('confirms by orders that were asked for since then', async () => {
  let answers: (() => void)[] = []
  const { follower, stops } = follow(
    () =>
      new Promise((resolve) =>
        answers.push(() => resolve(document({ t0: READY, dropped: [{ slice: 3, attempt: 1 }] }))),
      ),
  )
  const confirmed = follower.confirm()
  expect(answers).toHaveLength(2)
  for (const answer of answers.toReversed()) answer()
  answers = []
  await confirmed
  expect(stops).toContain('now')
  follower.close()
})

it('stops by itself at the moment that the orders name, without being told anything more', async () => {
  const begun = Date.now()
  let asked = 0
  const { follower, stopped } = follow(async () => (asked++ === 0 ? document({ t0: READY, until: begun + 400 }) : null))
  expect(await follower.go).toEqual({ t0: READY, from: 10 })
  expect(await stopped).toBe('drain')
  expect(Date.now() - begun).toBeGreaterThanOrEqual(400)
  follower.close()
})

it('joins by itself when it is late and nobody leads the run, and keeps a lease that is a fixed end', async () => {
  const t0 = READY - 14_000.5
  const { follower, stops } = follow(async () => document({ t0, led: false, lease: Date.now() + 60_000 }))
  expect(await follower.go).toEqual({ t0, from: 14.001 })
  expect(stops).toEqual([])
  follower.close()
})
