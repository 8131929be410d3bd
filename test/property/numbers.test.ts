import fc from 'fast-check'
import { expect, it } from 'vitest'
import { grouped } from '../../src/units.ts'

it('numbers are written as Intl writes them', () => {
  const numbers = fc.oneof(
    fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    fc.integer({ min: -2_000_000, max: 2_000_000 }),
    fc.integer({ min: 0, max: 10_000_000 }).map((n) => n / 1000),
  )
  fc.assert(
    fc.property(numbers, fc.integer({ min: 0, max: 3 }), (n, decimals) => {
      // Two that stand in the middle are rounded by their digits there, and by what they are here.
      fc.pre(Math.abs(((n * 10 ** decimals) % 1) - Math.sign(n) / 2) > 1e-3)
      expect(grouped(n, decimals)).toBe(n.toLocaleString('en-US', { maximumFractionDigits: decimals }))
    }),
  )
  expect([grouped(1234567), grouped(0.25), grouped(12, 0), grouped(999.9996)]).toEqual([
    '1,234,567',
    '0.25',
    '12',
    '1,000',
  ])
})
