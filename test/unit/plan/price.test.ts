import { describe, expect, it } from 'vitest'
import { billed, priceFor, priceOf, ratesOf } from '../../../src/plan/price.ts'
import { PER_STORE_GET, PER_STORE_PUT } from '../../../src/plan/prices.ts'
import { isTariff, type Machine, type OwnPrice, type Tariff, tariffOf } from '../../../src/plan/tariff.ts'

const arm = { region: 'us-east-1', arch: 'arm64', memoryMb: 1_769 } as const
function tariff(machine: Machine | null, own: OwnPrice | null = null): Tariff {
  const found = tariffOf(machine, own)
  if (!isTariff(found)) throw new Error('it has no price')
  return found
}
const tenMinutes = (workers: number) => [{ from: 0, to: 600, workers }]
/** Without the store's cents, as the published comparisons count. */
const lambdaOnly = (workers: number, usd: number): number =>
  usd - workers * (600 * PER_STORE_GET + (1 + 20) * PER_STORE_PUT)

describe('ten minutes', () => {
  it.each([
    ['1,000 workers of one vCPU on arm64', 1_000, arm, 13.82],
    ['10,000 of them', 10_000, arm, 138.2],
    ['1,000 on x86_64', 1_000, { ...arm, arch: 'x86_64' as const }, 17.28],
    ['1,000 with 1,024 MB', 1_000, { ...arm, memoryMb: 1_024 }, 8],
    ['1,000 with 512 MB', 1_000, { ...arm, memoryMb: 512 }, 4],
  ])('of %s', (_, workers, machine, usd) => {
    expect(lambdaOnly(workers, billed(tenMinutes(workers), tariff(machine), () => 0).usd)).toBeCloseTo(
      usd,
      usd > 100 ? 1 : 2,
    )
  })

  it('of 1,000 workers inside the free tier', () => {
    expect(lambdaOnly(1_000, billed(tenMinutes(1_000), tariff(arm), () => 0).usdAfterFreeTier)).toBeCloseTo(8.49, 2)
  })
})

it('expects the first window to begin when its workers are ready, and later ones to wait for theirs', () => {
  const windows = [
    { from: 0, to: 600, workers: 10 },
    { from: 600, to: 700, workers: 2 },
  ]
  const { low, expected } = priceOf(windows, tariff(arm), { startUp: 30, session: 5 })
  expect(low.gbSeconds).toBeCloseTo(((10 * 600.75 + 2 * 100.75) * 1_769) / 1024)
  expect(expected.gbSeconds).toBeCloseTo(((10 * (3 + 600 + 5.3) + 2 * (30 + 100 + 5.3)) * 1_769) / 1024)
  expect(expected.invocations).toBe(12)
})

describe('a price', () => {
  it('is not known of a region or a processor that is not in the table', () => {
    expect(tariffOf({ ...arm, region: 'mars-north-1' }, null)).toEqual({ what: 'region', name: 'mars-north-1' })
    expect(tariffOf({ ...arm, arch: 'riscv64' as 'arm64' }, null)).toEqual({ what: 'arch', name: 'riscv64' })
    expect(tariffOf({ ...arm, arch: 'toString' as 'arm64' }, null)).toEqual({ what: 'arch', name: 'toString' })
  })

  it('of one own goes before the table, wherever it is', () => {
    const mars = { ...arm, region: 'mars-north-1', memoryMb: 2_048 }
    const { usd, usdAfterFreeTier } = priceFor(3_600, 4, tariff(mars, { usdPerWorkerHour: 0.5 }))
    expect([usd, usdAfterFreeTier]).toEqual([0.5, 0.5])
    expect(tariff(mars, { usdPerGbSecond: 0.00001 }).second).toBeCloseTo(0.00002, 12)
  })

  it('is nothing on this machine unless it is stated, and memory is none there', () => {
    expect(tariffOf(null, null)).toBeNull()
    expect(priceFor(7_200, 4, tariff(null, { usdPerWorkerHour: 0.5 })).usd).toBe(1)
    expect(tariffOf(null, { usdPerGbSecond: 0.00001 })).toEqual({ what: 'memory' })
  })
})

it('no run is charged for more than its rates say', () => {
  const table = tariff(arm)
  const { start, second } = ratesOf(table)
  for (const seconds of [1, 29, 31, 900]) {
    expect(start + second * seconds).toBeGreaterThan(priceFor(seconds, 1, table).usd)
  }
  expect(ratesOf(table, 2).second).toBeGreaterThan(second)
})
