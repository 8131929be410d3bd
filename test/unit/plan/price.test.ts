import { describe, expect, it } from 'vitest'
import { billed, priceOf } from '../../../src/plan/price.ts'
import { PER_STORE_GET, PER_STORE_PUT } from '../../../src/plan/prices.ts'

const arm = { region: 'us-east-1', arch: 'arm64', memoryMb: 1_769 } as const
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
    expect(lambdaOnly(workers, billed(tenMinutes(workers), machine, 0).usd)).toBeCloseTo(usd, usd > 100 ? 1 : 2)
  })

  it('of 1,000 workers inside the free tier', () => {
    expect(lambdaOnly(1_000, billed(tenMinutes(1_000), arm, 0).usdAfterFreeTier)).toBeCloseTo(8.49, 2)
  })
})

it('expected pays for waiting and draining, low for two seconds to start', () => {
  const price = priceOf(tenMinutes(10), arm, { startUp: 30, session: 5 })
  expect(price?.low.gbSeconds).toBeCloseTo((10 * 602 * 1_769) / 1024)
  expect(price?.expected.gbSeconds).toBeCloseTo((10 * 635 * 1_769) / 1024)
  expect(price?.expected.invocations).toBe(10)
})

it('a region that is not in the table has no price', () => {
  expect(priceOf(tenMinutes(1), { ...arm, region: 'mars-north-1' }, { startUp: 30, session: 5 })).toBeNull()
})
