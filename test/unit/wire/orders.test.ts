import { describe, expect, it } from 'vitest'
import { amend, askedEvery, firstOrders, LEASE_LIFETIME, leaseExpired, type Stop } from '../../../src/wire/orders.ts'

const orders = firstOrders(1_000)

describe('amended orders', () => {
  it('have the change and a higher version, and leave the rest', () => {
    expect(amend(orders, { t0: 5_000 })).toEqual({ ...orders, version: 2, t0: 5_000 })
  })

  it('leave the document they were made from as it was', () => {
    amend(orders, { stop: 'now', lease: 9 })
    expect(orders).toEqual(firstOrders(1_000))
  })

  it.each<[string, Stop | null, Stop | null | undefined, Stop | null]>([
    ['a run that goes on may be drained', null, 'drain', 'drain'],
    ['a run that goes on may be stopped at once', null, 'now', 'now'],
    ['a drain may become a stop at once', 'drain', 'now', 'now'],
    ['a drain does not end', 'drain', null, 'drain'],
    ['a stop at once does not become a drain', 'now', 'drain', 'now'],
    ['a stop at once does not end', 'now', null, 'now'],
    ['a renewal of the lease keeps the stop', 'drain', undefined, 'drain'],
  ])('%s', (_, before, change, after) => {
    const changed = amend({ ...orders, stop: before }, change === undefined ? { lease: 2 } : { stop: change })
    expect(changed.stop).toBe(after)
  })
})

describe('a lease', () => {
  it.each([
    ['holds when it was just given', 0, false],
    ['holds to the end of its lifetime', LEASE_LIFETIME, false],
    ['has run out a moment later', LEASE_LIFETIME + 1, true],
    ['holds when the clocks differ and it comes from the future', -5_000, false],
  ])('%s', (_, age, expired) => {
    expect(leaseExpired(orders, orders.lease + age)).toBe(expired)
  })
})

it('is asked for as often as a bucket answers, however many ask', () => {
  expect(askedEvery(1, false)).toBe(250)
  expect(askedEvery(1_000, false)).toBe(250)
  expect(askedEvery(1_000, true)).toBe(1_000)
  for (const workers of [1, 1_000, 5_000, 100_000])
    for (const begun of [false, true]) expect((workers * 1000) / askedEvery(workers, begun)).toBeLessThanOrEqual(5_500)
})
