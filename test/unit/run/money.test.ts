/** Whether a cap can be held, and what is said when it cannot. */
import { describe, expect, it } from 'vitest'
import { PreflightError } from '../../../src/errors.ts'
import { PRICES_DATE } from '../../../src/plan/prices.ts'
import type { Machine, OwnPrice } from '../../../src/plan/tariff.ts'
import { type Money, moneyFor, needsOf } from '../../../src/run/money.ts'
import { planFor } from '../../../src/run/prepare.ts'
import { GOOD, good, read } from '../scenario/folder.ts'

const YEAR = 365 * 86_400_000
const PRICED = Date.parse(PRICES_DATE)
const lambda: Machine = { region: 'eu-west-1', arch: 'arm64', memoryMb: 1_769 }
/** A thousandth of a dollar a second. */
const hour: OwnPrice = { usdPerWorkerHour: 3.6 }

type Asked = { text?: string; workers?: number | null; cap?: number | null; price?: OwnPrice | null; now?: number }

/** A minute of load on ten workers. */
async function money(machine: Machine | null, asked: Asked): Promise<Money> {
  const { text = GOOD, workers = 10, cap = null, price = null, now = PRICED } = asked
  const script = await read(text)
  const wishes = { seed: 1, workers, workerLifetime: machine === null ? null : 900, regions: [] }
  return moneyFor(script, planFor(script, wishes), {
    maxCost: cap,
    price,
    wishes,
    machine,
    writes: machine !== null,
    now,
  })
}

const refusal = async (machine: Machine | null, asked: Asked): Promise<string> => {
  const error: unknown = await money(machine, asked).catch((error: unknown) => error)
  if (!(error instanceof PreflightError)) throw new Error('it was not refused')
  expect(error.exit).toBe(3)
  return error.toText()
}

describe('a cap is refused', () => {
  it.each<[string, Machine | null, Asked, string]>([
    [
      'in a region without a price',
      { ...lambda, region: 'mars-north-1' },
      {},
      'the price in mars-north-1 is not known',
    ],
    [
      'on a processor without a price',
      { ...lambda, arch: 'riscv64' as 'arm64' },
      {},
      'the price of riscv64 is not known',
    ],
    [
      'by prices that are over a year old',
      lambda,
      { now: PRICED + YEAR + 1 },
      `are of ${PRICES_DATE}, over a year ago`,
    ],
    ['on this machine, by a price for memory', null, { price: { usdPerGbSecond: 1e-5 } }, 'a price for memory is none'],
  ])('%s', async (_, machine, asked, says) => {
    const said = await refusal(machine, { ...asked, cap: 5 })
    expect(said).toContain(says)
    expect(said).toContain('config.slsart.price: { usdPerWorkerHour: … }')
    expect(await money(machine, asked)).toMatchObject({ cap: null })
  })

  it('that even the least price of the plan is above, with what would do', async () => {
    expect(await refusal(lambda, { cap: 0.5, price: hour })).toBe(
      'this load costs $0.608 at the least, and --max-cost is 0.5\n' +
        '  Within --max-cost 0.608 it could begin, and within 0.685 come to its end. No request was sent.',
    )
    expect(await money(lambda, { cap: 0.608, price: hour })).toMatchObject({ cap: 0.608 })
  })

  it('with the share of the load that would fit, where the plan decides how many workers that takes', async () => {
    const text = good('arrivalRate: 5', 'arrivalRate: 20000')
    const said = await refusal(lambda, { text, workers: null, cap: 0.4, price: hour })
    const share = Number(/(\d+) % of its arrival rates/.exec(said)?.[1])
    const less = good('arrivalRate: 5', `arrivalRate: ${200 * share}`)
    expect(await money(lambda, { text: less, workers: null, cap: 0.4, price: hour })).toMatchObject({ cap: 0.4 })
    const more = good('arrivalRate: 5', `arrivalRate: ${200 * (share + 1)}`)
    expect(await refusal(lambda, { text: more, workers: null, cap: 0.4, price: hour })).toContain('at the least')
  })

  it('that would not bring its workers to their first virtual user', async () => {
    const text = good('duration: 60', 'duration: 1')
    expect(await refusal(lambda, { text, cap: 0.03, price: hour })).toContain('--max-cost 0.0901 it could begin')
  })
})

describe('a cap is taken', () => {
  it.each<[string, Machine | null, Asked]>([
    ['by the table', lambda, { now: PRICED + YEAR }],
    ['by a price of one own, in a region without one', { ...lambda, region: 'mars-north-1' }, { price: hour }],
    ['by a price of one own, however old the table is', lambda, { price: hour, now: PRICED + 3 * YEAR }],
    ['on this machine, where nothing is paid', null, {}],
    ['on this machine, by the hour', null, { price: hour }],
  ])('%s', async (_, machine, asked) => {
    const { cap, tariff } = await money(machine, { ...asked, cap: 5 })
    expect(cap).toBe(5)
    expect(tariff === null).toBe(machine === null && asked.price === undefined)
  })
})

it('more memory or another processor than was planned with is paid for as it is deployed', async () => {
  const [less, more] = await Promise.all([money(lambda, {}), money({ ...lambda, memoryMb: 3_538 }, {})])
  expect(more.tariff?.second).toBeCloseTo(2 * (less.tariff?.second ?? 0), 12)
})

it('what surely is enough is more than what is expected', async () => {
  const script = await read(GOOD)
  const plan = planFor(script, { seed: 1, workers: 10, workerLifetime: 900, regions: [] })
  const { tariff } = await money(lambda, { price: hour })
  if (tariff === null) return expect.unreachable()
  const { least, enough } = needsOf(plan, tariff, true)
  expect([least, enough]).toEqual([expect.closeTo(0.6075, 9), expect.closeTo(0.685, 9)])
})
