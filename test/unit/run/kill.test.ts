/** Stopping a run through its store, whatever became of its conductor. */
import { beforeEach, expect, it } from 'vitest'
import { ask, hasLapsed, look, type Place, waitForEnd } from '../../../src/run/kill.ts'
import { folderStore } from '../../../src/store/folder.ts'
import type { Store } from '../../../src/store/store.ts'
import { claimKey, endedKey, ordersKey, overKey, stopKey } from '../../../src/wire/keys.ts'
import { firstOrders, LEASE_LIFETIME, type Orders } from '../../../src/wire/orders.ts'
import { realWorld } from '../../../src/world.ts'
import { workFolder } from '../../support/cli.ts'
import { bytesOf, textAt } from '../../support/store.ts'

const NOW = 1_000_000
let store: Store
let now: number
let place: Place
/** What happens while it sleeps, by turns. */
let turns: (() => Promise<unknown>)[]

beforeEach(() => {
  store = folderStore(workFolder())
  now = NOW
  turns = []
  const clock = { ...realWorld({ isOurs: false }).clock, wall: () => now }
  clock.sleep = async (span) => {
    now += span
    await turns.shift()?.()
  }
  place = { store, clock, every: 500, isGone: null }
})

const putOrders = (orders: Partial<Orders> = {}): Promise<void> =>
  store.put(ordersKey, bytesOf(JSON.stringify({ ...firstOrders(NOW), version: 7, t0: 1, ...orders })))
const orders = async (): Promise<Orders> => JSON.parse((await textAt(store, ordersKey)) ?? '') as Orders
const claim = (slice: number, text = ''): Promise<void> => store.put(claimKey(slice, 1), bytesOf(text))
const end = (slice: number): Promise<void> => store.put(endedKey(slice, 1), new Uint8Array())
const never = async (): Promise<boolean> => false

it('asks under a key that the conductor does not write, and has the orders say it to workers that have no conductor', async () => {
  await putOrders()
  expect(await ask(place, 'drain')).toBe('drain')
  expect(JSON.parse((await textAt(store, stopKey('drain'))) ?? '')).toEqual({ at: NOW })
  expect(await store.get(stopKey('now'))).toBeNull()
  expect(await orders()).toMatchObject({ stop: 'drain', lease: NOW, t0: 1, version: 8 })
})

it('asks for more when it is asked again', async () => {
  await putOrders()
  await ask(place, 'drain')
  expect(await ask(place, 'drain')).toBe('now')
  expect(await store.get(stopKey('now'))).not.toBeNull()
  expect(await orders()).toMatchObject({ stop: 'now' })
})

it('asks for both at once, and nothing makes it softer afterwards', async () => {
  await putOrders()
  expect(await ask(place, 'now')).toBe('now')
  expect(await store.get(stopKey('drain'))).not.toBeNull()
  await ask(place, 'drain')
  expect(await orders()).toMatchObject({ stop: 'now' })
})

it('makes no orders where there are none', async () => {
  await ask(place, 'drain')
  expect(await store.get(ordersKey)).toBeNull()
})

it('waits until the conductor says that the run is over', async () => {
  await putOrders({ stop: 'drain' })
  await claim(0)
  turns = [async () => {}, () => store.put(overKey, new Uint8Array())]
  expect(await waitForEnd(place, 'drain', never)).toEqual({ kind: 'over' })
  expect(now).toBe(NOW + 1_000)
})

it('takes a run whose orders are gone, or whose ending is known from elsewhere, for over', async () => {
  await putOrders({ stop: 'drain' })
  await claim(0)
  turns = [() => store.clear('')]
  expect(await waitForEnd(place, 'drain', never)).toEqual({ kind: 'over' })
  await putOrders({ stop: 'drain' })
  expect(await waitForEnd(place, 'drain', async () => true)).toEqual({ kind: 'over' })
})

it('is content with the word of all workers when the conductor has none', async () => {
  await putOrders({ stop: 'drain' })
  await claim(0)
  await claim(1)
  turns = [() => end(0), () => end(1)]
  expect(await waitForEnd(place, 'drain', never)).toEqual({ kind: 'ended', workers: 2 })
})

it('needs no word of a worker whose process is gone', async () => {
  await putOrders({ stop: 'drain' })
  await claim(0, 'gone')
  await claim(1, 'there')
  place = { ...place, isGone: (bytes) => new TextDecoder().decode(bytes) === 'gone' }
  expect((await look(place)).open).toEqual(['1-1'])
  turns = [() => end(1)]
  expect(await waitForEnd(place, 'drain', never)).toEqual({ kind: 'ended', workers: 2 })
})

it('says that it has not seen the end, and when the lease will have run out', async () => {
  await putOrders({ stop: 'drain' })
  await claim(0)
  await claim(1)
  await end(1)
  const outcome = await waitForEnd(place, 'drain', never)
  expect(outcome).toEqual({ kind: 'unseen', open: 1, of: 2, until: NOW + LEASE_LIFETIME })
  expect(now - NOW).toBeLessThan(12_000)
})

it('writes the stop again when a conductor that had not looked has written over it', async () => {
  await putOrders()
  await claim(0)
  await ask(place, 'drain')
  const stops: (string | null)[] = []
  const note = async (): Promise<unknown> => stops.push((await orders()).stop)
  turns = [() => putOrders({ lease: NOW + 5_000 }), note, note, () => end(0)]
  await waitForEnd(place, 'drain', never)
  expect(stops).toEqual(['drain', 'drain'])
})

it('knows a lease that has run out long ago, though a worker that died has never said that it ended', async () => {
  await putOrders({ lease: NOW - LEASE_LIFETIME - 10_001 })
  await claim(0)
  expect(hasLapsed(await look(place), NOW)).toBe(true)
  expect(await waitForEnd(place, 'drain', never)).toEqual({ kind: 'lapsed', since: NOW - 10_001 })
})
