/** Orders on their way to a store that is slow, stands still, or is asked by others to stop the run. */
import { expect, it } from 'vitest'
import { Ordering } from '../../../src/run/ordering.ts'
import { stopKey } from '../../../src/wire/keys.ts'
import { amend, firstOrders, LEASE_LIFETIME, type Orders, type Stop } from '../../../src/wire/orders.ts'

const FIRST: Orders = { ...firstOrders(0), t0: 1 }
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A store that is written to as long as the test lets it, and what became of it. */
function desk(asked: Stop[] = []) {
  let now = 0
  const begun: { orders: Orders; end(error?: Error): Promise<void> }[] = []
  const stops: Stop[] = []
  let latest = FIRST
  let stored = FIRST
  const ordering = new Ordering(FIRST, {
    store: { get: async (key) => (asked.some((how) => stopKey(how) === key) ? new Uint8Array() : null) },
    write(orders) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      begun.push({
        orders,
        async end(error) {
          if (error) reject(error)
          else {
            stored = orders
            resolve()
          }
          await settle()
        },
      })
      return promise
    },
    clock: { wall: () => now, sleep: () => new Promise(() => {}) },
    onStop(how) {
      stops.push(how)
      write({ stop: how })
    },
  })
  const write = (change: Partial<Orders> = {}): void => {
    latest = amend(latest, { ...change, lease: now })
    ordering.write(latest)
  }
  return {
    ...{ ordering, begun, stops, write, asked },
    stored: () => stored,
    pass(span: number) {
      now += span
    },
  }
}

it('writes one after the other, and only the latest of those that came meanwhile', async () => {
  const { write, begun, ordering } = desk()
  write({ t0: 2 })
  write({ t0: 3 })
  write({ t0: 4 })
  expect(begun).toHaveLength(1)
  await begun[0]?.end()
  expect(begun.map(({ orders }) => orders.t0)).toEqual([2, 4])
  await begun[1]?.end()
  await ordering.settled()
})

it('does not have a stop wait for a write that hangs, and has the stop in the store at the end, whichever comes last', async () => {
  const { write, begun, stored } = desk()
  write()
  write({ stop: 'drain' })
  expect(begun.map(({ orders }) => orders.stop)).toEqual([null, 'drain'])
  await begun[1]?.end()
  await begun[0]?.end()
  expect(stored().stop).toBeNull()
  await begun[2]?.end()
  expect(stored().stop).toBe('drain')
})

it('has another load wait for no write that hangs either, writes it again, and knows whether it has arrived', async () => {
  const { write, begun, ordering } = desk()
  write()
  write({ epochs: [{ at: 5, kind: 'pause' }] })
  expect(begun.map(({ orders }) => orders.epochs.length)).toEqual([0, 1])
  const refused = expect(ordering.arrived()).rejects.toThrow('not written')
  await begun[0]?.end()
  await begun[1]?.end(new Error('refused'))
  await begun[2]?.end(new Error('refused'))
  await refused
  ordering.tick()
  const again = ordering.arrived()
  await begun[3]?.end()
  await again
  expect(begun).toHaveLength(4)
})

it('writes a stop again that has not come through, a second later', async () => {
  const { write, begun, ordering } = desk()
  write({ stop: 'now' })
  await begun[0]?.end(new Error('refused'))
  expect(begun).toHaveLength(1)
  ordering.tick()
  expect(begun[1]?.orders.stop).toBe('now')
  await begun[1]?.end()
  ordering.tick()
  expect(begun).toHaveLength(2)
})

it('hears of a stop that is asked for within a second, once, and of a harder one after it', async () => {
  const { asked, ordering, stops } = desk()
  ordering.tick()
  await settle()
  expect(stops).toEqual([])
  asked.push('drain')
  for (let second = 0; second < 3; second++) {
    ordering.tick()
    await settle()
  }
  expect(stops).toEqual(['drain'])
  asked.push('now')
  ordering.tick()
  await settle()
  expect(stops).toEqual(['drain', 'now'])
})

it('hears at once of a stop that was harder from the beginning', async () => {
  const { ordering, stops } = desk(['drain', 'now'])
  ordering.tick()
  await settle()
  expect(stops).toEqual(['now'])
})

it('writes over nothing after it stood still before it has looked for a stop', async () => {
  const { asked, write, begun, pass } = desk()
  asked.push('drain')
  pass(20_000)
  write()
  expect(begun).toEqual([])
  await settle()
  expect(begun.length).toBeGreaterThan(0)
  expect(begun.every(({ orders }) => orders.stop === 'drain')).toBe(true)
})

it('knows that the lease has run out when nothing was written for so long, though it was tried', async () => {
  const { write, begun, ordering, pass } = desk()
  pass(LEASE_LIFETIME - 5_001)
  expect(ordering.nearlyLapsed()).toBe(false)
  pass(5_001)
  write()
  await settle()
  await begun[0]?.end(new Error('cut off'))
  expect(ordering.lapsed()).toBe(false)
  expect(ordering.nearlyLapsed()).toBe(true)
  pass(1)
  expect(ordering.lapsed()).toBe(true)
})

it('remembers that it was near to that', async () => {
  const { write, begun, ordering, pass } = desk()
  pass(LEASE_LIFETIME - 1_000)
  write()
  await settle()
  await begun[0]?.end()
  expect(ordering.lapsed()).toBe(false)
  expect(ordering.nearlyLapsed()).toBe(true)
})

it('hears of a stop to drain once, and no harder, when a slower look finds it too', async () => {
  const stops: Stop[] = []
  const drain: (() => void)[] = []
  const ordering = new Ordering(FIRST, {
    store: {
      get: (key) =>
        key === stopKey('drain')
          ? new Promise((resolve) => drain.push(() => resolve(new Uint8Array())))
          : Promise.resolve(null),
    },
    write: async () => {},
    clock: { wall: () => 0, sleep: () => new Promise(() => {}) },
    onStop: (how) => void stops.push(how),
  })
  void ordering.asked()
  void ordering.asked()
  for (const answer of drain) {
    answer()
    await settle()
  }
  expect(drain).toHaveLength(2)
  expect(stops).toEqual(['drain'])
})

it('does not take what is under way for an answer to who asks after it, and has all who do share one look', async () => {
  const { promise: never } = Promise.withResolvers<null>()
  const early: (() => void)[] = []
  let isAsked = false
  let looks = 0
  const stops: Stop[] = []
  const ordering = new Ordering(FIRST, {
    store: {
      get: (key) => {
        if (key === stopKey('now')) return Promise.resolve(null)
        looks++
        if (isAsked) return Promise.resolve(new Uint8Array())
        return looks === 1 ? never : new Promise((resolve) => early.push(() => resolve(null)))
      },
    },
    write: async () => {},
    clock: { wall: () => 0, sleep: () => new Promise(() => {}) },
    onStop: (how) => void stops.push(how),
  })
  for (let i = 0; i < 3; i++) void ordering.asked()
  isAsked = true
  let known = 0
  for (let i = 0; i < 100; i++) void ordering.asked().then(() => known++)
  await settle()
  expect([looks, known, stops]).toEqual([3, 0, []])
  early[0]?.()
  await settle()
  expect([looks, known, stops]).toEqual([4, 100, ['drain']])
})
