import { describe, expect, it } from 'vitest'
import { addLedgers, balances, emptyLedger, type Ledger } from '../../../src/measure/ledger.ts'

const ledger = (change: Partial<Ledger>): Ledger => ({ ...emptyLedger(), ...change })

describe('a ledger balances', () => {
  it.each([
    ['when nothing was due', {}],
    ['when all was launched and completed', { due: 5, launched: 5, completed: 5 }],
    [
      'when every kind of arrival is accounted for',
      { due: 21, launched: 15, skipped: 4, lost: 2, completed: 8, failed: 6, unfinished: 1 },
    ],
  ])('%s', (_, change) => {
    expect(balances(ledger(change))).toBe(true)
  })
})

describe('a ledger does not balance', () => {
  it.each([
    ['when an arrival was neither launched, skipped nor lost', { due: 5, launched: 4, completed: 4 }],
    ['when more was launched than due', { due: 4, launched: 5, completed: 5 }],
    ['when a launched one has no end', { due: 5, launched: 5, completed: 4 }],
    ['when more ended than were launched', { due: 5, launched: 5, completed: 4, failed: 2 }],
  ])('%s', (_, change) => {
    expect(balances(ledger(change))).toBe(false)
  })
})

describe('ledgers', () => {
  it('add up, entry by entry', () => {
    const one = ledger({ due: 21, launched: 15, skipped: 4, lost: 2, completed: 8, failed: 6, unfinished: 1 })
    expect(addLedgers([one, one, emptyLedger()])).toEqual({
      ...{ due: 42, launched: 30, skipped: 8, lost: 4, completed: 16, failed: 12, unfinished: 2 },
    })
  })

  it('of no worker at all are empty', () => {
    expect(addLedgers([])).toEqual(emptyLedger())
  })
})
