/** A plan that is dealt to several regions: what each must have room for, and what it costs. */
import { describe, expect, it } from 'vitest'
import { PreflightError } from '../../../src/errors.ts'
import { ratesOf } from '../../../src/plan/price.ts'
import type { RegionShare } from '../../../src/plan/regions.ts'
import { planText } from '../../../src/report/plan.ts'
import { costOf } from '../../../src/run/cost.ts'
import { moneyOf } from '../../../src/run/money.ts'
import type { Platform } from '../../../src/run/platform.ts'
import { fitOf, planFor, type Wishes } from '../../../src/run/prepare.ts'
import { begin, type RunState, reduce } from '../../../src/run/state.ts'
import { GOOD, read } from '../scenario/folder.ts'

const regions: RegionShare[] = [
  { region: 'eu-west-1', weight: 2 },
  { region: 'us-east-1', weight: 1 },
]
const wishes = (workers: number | null): Wishes => ({ seed: 1, workers, workerLifetime: 900, regions })
const [small, large]: Platform[] = [
  { stage: 'dev', region: 'eu-west-1', function: 'f', bucket: 'a', arch: 'arm64', memoryMb: 1_024 },
  { stage: 'dev', region: 'us-east-1', function: 'f', bucket: 'b', arch: 'arm64', memoryMb: 2_048 },
]
if (small === undefined || large === undefined) throw new Error('there are two')
const platform: Platform = { ...small, others: [large] }

describe('a plan in several regions', () => {
  it('has as many workers as the weights take, where nobody says how many', async () => {
    expect(planFor(await read(GOOD), wishes(null)).windows).toEqual([
      { from: 0, to: 60, workers: 3, decidedBy: 'regions' },
    ])
  })

  it('is refused when it leaves a region without workers', async () => {
    const script = await read(GOOD)
    expect(() => planFor(script, wishes(1))).toThrow(PreflightError)
    expect(() => planFor(script, wishes(1))).toThrow('one worker leaves us-east-1 none')
  })

  it('is held against the room in each', async () => {
    const script = await read(GOOD)
    const plan = planFor(script, wishes(6))
    const accounts = [4, 1].map((workers) => ({ workers, startsPer10s: 1_000 }))
    const fit = fitOf(script, plan, { wishes: wishes(6), machine: platform, accounts, price: null })
    expect(fit.refusals).toEqual([{ what: 'workers', region: 'us-east-1', asked: 2, fits: 1 }])
    const text = planText(script, plan, { fit, strangers: [], capped: null })
    expect(text).toMatch(
      /eu-west-1 +2 +4 +66.7 % +4\n *us-east-1 +1 +2 +33.3 % +1\nWould be refused in us-east-1: its share is 2 workers at once, and it has room for 1\./,
    )
    expect(text).toContain('price on Lambda (eu-west-1 + us-east-1, ')
  })
})

describe('what a run in several regions cost', () => {
  const one = (machine: Platform) => moneyOf(machine, null, null).tariff
  const stateOf = async (billed: number): Promise<RunState> => {
    const plan = planFor(await read(GOOD), wishes(3))
    const launched = reduce(begin(plan, 0), { type: 'launched', slices: [0, 1, 2], attempt: 1 }, 0)
    const gone = { type: 'gone', attempt: 1, again: false, reason: 'returned', billed } as const
    return [0, 1, 2].reduce((state, slice) => reduce(state, { ...gone, slice }, 1), launched)
  }

  it('is what each worker cost where it was, and the cap is held by the dearest', async () => {
    const money = moneyOf(platform, null, 5)
    const cost = costOf(await stateOf(60_000), { platform, money, launchedAt: 0 })
    const [cheap, dear] = [one(small), one(large)]
    if (cost === null || cheap === null || dear === null || money.tariff === null) return expect.unreachable()
    const each = (tariff: typeof cheap): number =>
      60 * tariff.second + tariff.start + 60 * tariff.get + (1 + 60 / 30) * tariff.put
    expect(cost.actual).toBeCloseTo(2 * each(cheap) + each(dear), 12)
    expect(ratesOf(money.tariff).second).toBe(ratesOf(dear).second)
    expect(ratesOf(money.tariff).run).toBeGreaterThan(ratesOf(dear).run)
    expect(cost.atMost).toBeGreaterThan(cost.actual ?? 0)
  })

  it('is not known when one of them has no price', () => {
    const somewhere = { ...small, others: [{ ...large, region: 'mars-north-1' }] }
    expect(moneyOf(somewhere, null, null).tariff).toBeNull()
  })
})
