/** What a worker makes of its orders, and of a store that has none to give. */
import { expect, it, onTestFinished } from 'vitest'
import { deadline } from '../../../lambda/deadline.ts'
import { followOrders } from '../../../lambda/follow.ts'
import type { Orders, Stop } from '../../../src/wire/orders.ts'

type Get = (key: string) => Promise<Uint8Array | null>
const storeOf = (get: Get): Parameters<typeof followOrders>[0]['store'] => ({
  get,
  put: async () => {},
  putIfAbsent: async () => true,
  list: async () => [],
  clear: async () => {},
  close() {},
})
const document = (orders: Partial<Orders>): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      version: 1,
      t0: null,
      epochs: [],
      lease: Date.now(),
      stop: null,
      until: null,
      dropped: [],
      ...orders,
    }),
  )

function follow(
  get: Get,
  wall = Date.now,
): { stops: Stop[]; stopped: Promise<Stop>; follower: ReturnType<typeof followOrders> } {
  const stops: Stop[] = []
  const { promise: stopped, resolve } = Promise.withResolvers<Stop>()
  const onStop = (stop: Stop): void => {
    stops.push(stop)
    resolve(stop)
  }
  const budget = deadline(wall, () => {})
  onTestFinished(budget.close)
  const follower = followOrders({ store: storeOf(get), slice: 3, wall, budget }, { onStop, onEpochs() {} })
  return { stops, stopped, follower }
}

it('goes when the orders say when, though they could not be read before', async () => {
  let asked = 0
  const { follower } = follow(async () => {
    if (asked++ === 0) throw new Error('cannot be read')
    return asked === 2 ? null : document({ t0: 42 })
  })
  expect(await follower.go).toBe(42)
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

it('stops at once when its slice was given up, and not when others were', async () => {
  const { follower, stops } = follow(async () => document({ t0: 42, dropped: [1, 3] }))
  expect(await follower.go).toBeNull()
  expect(stops).toEqual(['now'])
  follower.close()
  const other = follow(async () => document({ t0: 42, dropped: [1, 2] }))
  expect(await other.follower.go).toBe(42)
  other.follower.close()
})

it('is stopped from this side of the store too', async () => {
  const { follower, stops } = follow(() => new Promise(() => {}))
  follower.stop('now')
  expect(await follower.go).toBeNull()
  expect(stops).toEqual(['now'])
  follower.close()
})

it('stops by itself at the moment that the orders name, without being told anything more', async () => {
  const begun = Date.now()
  let asked = 0
  const { follower, stopped } = follow(async () => (asked++ === 0 ? document({ t0: 42, until: begun + 400 }) : null))
  expect(await follower.go).toBe(42)
  expect(await stopped).toBe('drain')
  expect(Date.now() - begun).toBeGreaterThanOrEqual(400)
  expect(asked).toBe(1)
  follower.close()
})
