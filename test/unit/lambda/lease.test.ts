import { expect, it } from 'vitest'
import { Lease } from '../../../lambda/lease.ts'
import { LEASE_LIFETIME } from '../../../src/wire/orders.ts'

const at = (begin: number) => {
  const clock = { now: begin }
  return { clock, lease: new Lease(() => clock.now) }
}

it('runs out when it was not renewed for its lifetime', () => {
  const { clock, lease } = at(1_000_000)
  lease.heard({ lease: 1_000_000, led: true })
  clock.now += LEASE_LIFETIME
  expect(lease.expired()).toBe(false)
  clock.now += 1
  expect(lease.expired()).toBe(true)
})

it('runs out as soon where the conductor has a clock that is ahead', () => {
  const { clock, lease } = at(1_000_000)
  lease.heard({ lease: 1_600_000, led: true })
  clock.now += LEASE_LIFETIME
  lease.heard({ lease: 1_600_000, led: true })
  expect(lease.expired()).toBe(false)
  clock.now += 1
  expect(lease.expired()).toBe(true)
})

it('has run out for whoever reads an old one', () => {
  const { lease } = at(1_000_000)
  lease.heard({ lease: 1_000_000 - LEASE_LIFETIME - 1, led: true })
  expect(lease.expired()).toBe(true)
})

it('goes on while it is renewed', () => {
  const { clock, lease } = at(1_000_000)
  for (let i = 0; i < 20; i++) {
    clock.now += 5_000
    lease.heard({ lease: clock.now, led: true })
    expect(lease.expired()).toBe(false)
  }
})

it('is the fixed end of a run that nobody leads', () => {
  const { clock, lease } = at(1_000_000)
  lease.heard({ lease: 1_600_000, led: false })
  clock.now = 1_600_000
  expect(lease.expired()).toBe(false)
  clock.now += 1
  expect(lease.expired()).toBe(true)
})
