import { describe, expect, it } from 'vitest'
import { ratesOf } from '../../../src/plan/price.ts'
import { PER_GB_SECOND, PER_INVOCATION, PER_STORE_GET, PER_STORE_PUT } from '../../../src/plan/prices.ts'
import type { OwnPrice, Tariff } from '../../../src/plan/tariff.ts'
import { type Cost, costOf } from '../../../src/run/cost.ts'
import { moneyOf } from '../../../src/run/money.ts'
import type { Platform } from '../../../src/run/platform.ts'
import { begin, type RunState, reduce } from '../../../src/run/state.ts'
import { constant } from '../../support/arbitraries.ts'
import { planOf } from '../../support/plans.ts'

const platform: Platform = {
  ...{ stage: 'dev', region: 'eu-west-1', function: 'f', bucket: 'b', arch: 'arm64', memoryMb: 2_048 },
}

function costIn(state: RunState, machine: Platform | null, price: OwnPrice | null = null): Cost {
  const cost = costOf(state, { platform: machine, money: moneyOf(machine, price, 5), launchedAt: 0 })
  if (cost === null) throw new Error('it costs nothing')
  return cost
}

function tariffIn(machine: Platform): Tariff {
  const { tariff } = moneyOf(machine, null, null)
  if (tariff === null) throw new Error('it has no price')
  return tariff
}

/** Three workers, of which those were launched and gone that have a bill. */
function stateOf(bills: readonly (number | null)[]): RunState {
  const slices = bills.map((_, slice) => slice)
  const launched = reduce(begin(planOf([constant(3, 4)], 3), 0), { type: 'launched', slices, attempt: 1 }, 0)
  return bills.reduce<RunState>(
    (state, billed, slice) =>
      reduce(state, { type: 'gone', slice, attempt: 1, again: false, reason: 'returned', billed }, 1),
    launched,
  )
}

describe('what a run cost', () => {
  it('is what each worker was billed, its start, and what it asked of the store', () => {
    const { actual, atLeast, estimated, billed } = costIn(stateOf([30_000, 60_000, 90_000]), platform)
    const lambda = 180 * 2 * PER_GB_SECOND.arm64 + 3 * PER_INVOCATION
    const store = 180 * PER_STORE_GET + (3 + 180 / 30) * PER_STORE_PUT
    expect(actual).toBeCloseTo(lambda + store, 12)
    expect(atLeast).toBe(actual)
    expect(estimated).toBeGreaterThan(0)
    expect(billed).toEqual({ seconds: 180, workers: 3, unknown: 0 })
  })

  it('is not known when one bill is not, but is no less than the others', () => {
    const { actual, atLeast, billed } = costIn(stateOf([30_000, null, 90_000]), platform)
    expect(actual).toBeNull()
    expect(atLeast).toBeCloseTo(costIn(stateOf([30_000, 90_000]), platform).actual ?? 0, 12)
    expect(billed).toEqual({ seconds: 120, workers: 2, unknown: 1 })
  })

  it('has nothing for workers that were never launched', () => {
    expect(costIn(stateOf([]), platform)).toMatchObject({ actual: 0, billed: { workers: 0, unknown: 0 } })
  })

  it('is the time alone where no price is known', () => {
    const somewhere = { ...platform, region: 'mars-north-1' }
    expect(costIn(stateOf([1_000, 1_000, 1_000]), somewhere)).toEqual({
      ...{ estimated: null, actual: null, atLeast: null, atMost: null, cap: 5 },
      billed: { seconds: 3, workers: 3, unknown: 0 },
    })
  })

  it('is at most what all workers can have been billed, those that said nothing until their lease had run out', () => {
    const state = stateOf([30_000, null, 90_000])
    const { second } = ratesOf(tariffIn(platform))
    const known = costIn(stateOf([30_000, 0, 90_000]), platform).atMost ?? 0
    const most = (costIn(state, platform).atMost ?? 0) - known
    expect(most).toBeGreaterThan(second * 35)
    expect(most).toBeLessThan(second * 50)
    expect(known).toBeGreaterThan(costIn(stateOf([30_000, 0, 90_000]), platform).actual ?? 0)
  })

  it('is nothing on this machine, unless its workers have a price', () => {
    const state = stateOf([1_800_000, 1_800_000, 0])
    expect(costOf(state, { platform: null, money: moneyOf(null, null, 5), launchedAt: 0 })).toBeNull()
    expect(costIn(state, null, { usdPerWorkerHour: 2 })).toMatchObject({ actual: 2, atLeast: 2, cap: 5 })
  })
})
