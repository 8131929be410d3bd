/** Requests to steer a run, from those who ask to the conductor and back, through nothing but a store. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Epoch, Steering } from '../../../src/plan/epochs.ts'
import { heedSteering } from '../../../src/run/heed.ts'
import { requestSteering, type Steered } from '../../../src/run/request.ts'
import { folderStore } from '../../../src/store/folder.ts'
import type { Store } from '../../../src/store/store.ts'
import { answerKey, headKey, ordersKey, overKey, steerKey, steersPrefix } from '../../../src/wire/keys.ts'
import { firstOrders, type Orders } from '../../../src/wire/orders.ts'
import type { SteerAnswer } from '../../../src/wire/steering.ts'
import { constant } from '../../support/arbitraries.ts'
import { workFolder } from '../../support/cli.ts'
import { planOf } from '../../support/plans.ts'
import { bytesOf, textAt } from '../../support/store.ts'

let store: Store
let now: number
let ticking: Set<() => void>
let carriedOut: Steering[]
/** What the conductor says; the orders are written when it resolves. */
let steer: (steering: Steering) => Promise<SteerAnswer>

beforeEach(async () => {
  store = folderStore(workFolder())
  await store.put(ordersKey, bytesOf(JSON.stringify(firstOrders(0))))
  now = 0
  ticking = new Set()
  carriedOut = []
  steer = async (steering) => {
    carriedOut.push(steering)
    return { kind: 'steered', epoch: { ...steering, at: carriedOut.length } }
  }
})

const clock = {
  wall: () => now,
  /** Everything that ticks does so, and then those who wait look again. */
  async sleep(span: number) {
    now += span
    for (const tick of ticking) tick()
    await new Promise((resolve) => setTimeout(resolve, 2))
  },
  every(_: number, tick: () => void) {
    ticking.add(tick)
    return () => ticking.delete(tick)
  },
}
const heed = (from: Pick<Store, 'get' | 'put' | 'putIfAbsent'> = store): (() => Promise<void>) =>
  heedSteering({ store: from, clock, steer: (steering) => steer(steering) })
let tokens = 0
const ask = (steering: Steering, every = 100): Promise<Steered> =>
  requestSteering({ store, clock, every }, { at: now, token: String(tokens++), steering })
const scale = (factor: number): Steering => ({ kind: 'scale', scale: factor })
const answerTo = async (n: number): Promise<SteerAnswer> =>
  JSON.parse((await textAt(store, answerKey(n))) ?? 'null') as SteerAnswer

it('is carried out once, and whoever asked hears what came of it', async () => {
  const end = heed()
  const epoch: Epoch = { kind: 'scale', scale: 1.5, at: 1 }
  expect(await ask(scale(1.5))).toEqual({ kind: 'steered', epoch })
  for (let i = 0; i < 5; i++) await clock.sleep(500)
  expect(carriedOut).toEqual([scale(1.5)])
  steer = async () => ({ kind: 'refused', why: 'paused' })
  expect(await ask({ kind: 'pause' })).toEqual({ kind: 'refused', why: 'paused' })
  await end()
  expect(ticking.size).toBe(0)
})

it('of many at once each is carried out once, in the order of their numbers, and none is lost', async () => {
  const end = heed()
  const factors = Array.from({ length: 20 }, (_, i) => (i + 1) / 10)
  const told = await Promise.all(factors.map((factor) => ask(scale(factor), 1)))
  expect(told.every(({ kind }) => kind === 'steered')).toBe(true)
  expect(carriedOut.length).toBe(20)
  const asked = await Promise.all(
    (await store.list(steersPrefix)).map(async (key) => JSON.parse((await textAt(store, key)) ?? '').steering),
  )
  expect(carriedOut).toEqual(asked)
  // Each heard of its own.
  expect(told.map((one) => (one.kind === 'steered' && one.epoch.kind === 'scale' ? one.epoch.scale : null))).toEqual(
    factors,
  )
  await end()
})

it('that nobody takes up is taken back, and not carried out by a conductor that comes to itself later', async () => {
  expect(await ask({ kind: 'pause' })).toEqual({ kind: 'unanswered' })
  expect(now).toBeLessThan(10_000)
  expect(await answerTo(1)).toEqual({ kind: 'withdrawn' })
  const end = heed()
  expect(await ask(scale(2))).toMatchObject({ kind: 'steered' })
  expect(carriedOut).toEqual([scale(2)])
  await end()
})

it('that is taken up, and of which nothing more is heard, is told so', async () => {
  steer = () => Promise.reject(new Error('the orders were not written'))
  const end = heed()
  expect(await ask({ kind: 'pause' })).toEqual({ kind: 'unsure' })
  expect(await answerTo(1)).toEqual({ kind: 'taken' })
  await end()
})

it('at the end of a run is answered, or taken back', async () => {
  const slow = Promise.withResolvers<SteerAnswer>()
  steer = () => slow.promise
  const end = heed()
  const asked = ask({ kind: 'pause' })
  await expect.poll(() => answerTo(1)).toEqual({ kind: 'taken' })
  const ended = end()
  slow.resolve({ kind: 'refused', why: 'ended' })
  await ended
  expect(await answerTo(1)).toEqual({ kind: 'refused', why: 'ended' })
  await store.put(overKey, new Uint8Array())
  expect(await asked).toEqual({ kind: 'refused', why: 'ended' })
  expect(await ask({ kind: 'resume' })).toEqual({ kind: 'over' })
  await store.clear('')
  expect(await ask({ kind: 'resume' })).toEqual({ kind: 'over' })
  expect(await store.list('steered/')).toEqual([])
})

it('that no command would make is refused, and the next one is carried out', async () => {
  await store.put(steerKey(1), bytesOf('{"steering":{"kind":"scale","scale":1e9}}'))
  await store.put(steerKey(2), bytesOf('no JSON'))
  const end = heed()
  expect(await ask({ kind: 'pause' })).toMatchObject({ kind: 'steered' })
  expect(await answerTo(1)).toEqual({ kind: 'refused', why: 'unreadable' })
  expect(await answerTo(2)).toEqual({ kind: 'refused', why: 'unreadable' })
  expect(carriedOut).toEqual([{ kind: 'pause' }])
  await end()
})

it('that is being written is waited for, and a store that hangs or fails is asked again', async () => {
  let asked = 0
  const end = heed({
    ...store,
    get(key) {
      asked++
      if (asked === 1) return new Promise(() => {})
      if (asked === 2) return Promise.reject(new Error('cut off'))
      return asked === 3 ? Promise.resolve(new Uint8Array()) : store.get(key)
    },
  })
  expect(await ask({ kind: 'pause' })).toMatchObject({ kind: 'steered' })
  expect(asked).toBeGreaterThan(3)
  await end()
})

describe('of a run that nobody leads', () => {
  beforeEach(async () => {
    now = 13_000
    await store.put(headKey, bytesOf(JSON.stringify({ plan: planOf([constant(4, 600)], 2) })))
    await store.put(ordersKey, bytesOf(JSON.stringify({ ...firstOrders(900_000), led: false, t0: 3_000 })))
  })
  const orders = async (): Promise<Orders> => JSON.parse((await textAt(store, ordersKey)) ?? '') as Orders

  it('is carried out by who asks, in the order of the numbers', async () => {
    expect(await ask({ kind: 'pause' })).toEqual({ kind: 'steered', epoch: { kind: 'pause', at: 12 } })
    expect(await ask({ kind: 'pause' })).toEqual({ kind: 'refused', why: 'paused' })
    const factors = [0.5, 2, 3, 4]
    const told = await Promise.all(factors.map((factor) => ask(scale(factor), 10)))
    expect(told.map(({ kind }) => kind)).toEqual(factors.map(() => 'steered'))
    const { epochs, lease, led, version } = await orders()
    expect([lease, led, version]).toEqual([900_000, false, 6])
    const asked = await Promise.all(
      (await store.list(steersPrefix)).map(async (key) => JSON.parse((await textAt(store, key)) ?? '').steering),
    )
    expect(epochs.map(({ at, ...steering }) => steering)).toEqual([asked[0], ...asked.slice(2)])
    expect(carriedOut).toEqual([])
  })

  it('passes over who was killed before his turn was over, and leaves a stop as it is', async () => {
    await store.put(steerKey(1), bytesOf('{}'))
    expect(await ask(scale(2))).toMatchObject({ kind: 'steered' })
    expect(await answerTo(1)).toEqual({ kind: 'withdrawn' })
    await store.put(ordersKey, bytesOf(JSON.stringify({ ...(await orders()), stop: 'drain' })))
    expect(await ask(scale(3))).toEqual({ kind: 'refused', why: 'ended' })
    expect(await orders()).toMatchObject({ stop: 'drain', epochs: [{ kind: 'scale', scale: 2 }] })
  })
})
