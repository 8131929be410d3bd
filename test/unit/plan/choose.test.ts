import { describe, expect, it } from 'vitest'
import { chooseOne, chooseRow, chooseScenario, stream, uniform } from '../../../src/plan/choose.ts'

const SEED = 42
const MANY = 100_000
const tally = (choices: Iterable<number>, of: number): number[] => {
  const counts = Array<number>(of).fill(0)
  for (const choice of choices) counts[choice] = (counts[choice] ?? 0) + 1
  return counts
}
const many = <T>(choose: (k: number) => T): T[] => Array.from({ length: MANY }, (_, k) => choose(k))

/** Pearson's statistic of counts against the expected shares. */
const chiSquare = (counts: readonly number[], shares: readonly number[]): number => {
  const all = counts.reduce((sum, n) => sum + n, 0)
  return counts.reduce((sum, n, i) => sum + (n - (shares[i] ?? 0) * all) ** 2 / ((shares[i] ?? 0) * all), 0)
}

describe('the uniform numbers', () => {
  it('lie in [0, 1)', () => {
    const draws = many((k) => uniform(SEED, k, 0))
    expect(draws.every((x) => x >= 0 && x < 1)).toBe(true)
  })

  it('are the same for the same seed, arrival and stream, and for no other', () => {
    expect(uniform(SEED, 7, 1)).toBe(uniform(SEED, 7, 1))
    const others = [uniform(SEED + 1, 7, 1), uniform(SEED, 8, 1), uniform(SEED, 7, 2), uniform(SEED + 2 ** 40, 7, 1)]
    expect(new Set([uniform(SEED, 7, 1), ...others]).size).toBe(5)
  })

  it('tell arrivals past 2^32 apart', () => {
    expect(uniform(SEED, 5, 0)).not.toBe(uniform(SEED, 5 + 2 ** 32, 0))
  })

  it.each([
    ['one seed over arrivals', (k: number) => uniform(SEED, k, 0)],
    ['one arrival over seeds', (k: number) => uniform(k, 3, 0)],
    ['one arrival over draws', (k: number) => uniform(SEED, 3, 0x10000 + k)],
    ['every tenth arrival, as one of ten workers sees them', (k: number) => uniform(SEED, 10 * k + 3, 0)],
  ])('fill 100 bins evenly: %s', (_, draw) => {
    const bins = tally(
      many(draw).map((x) => Math.floor(x * 100)),
      100,
    )
    // 99 degrees of freedom: above 160 once in 10,000 honest generators, and these draws are fixed.
    expect(chiSquare(bins, Array(100).fill(0.01))).toBeLessThan(160)
  })

  it('of an arrival and the next are not related', () => {
    const pairs = many((k) => (uniform(SEED, k, 0) - 0.5) * (uniform(SEED, k + 1, 0) - 0.5))
    const correlation = (12 * pairs.reduce((sum, x) => sum + x, 0)) / MANY
    expect(Math.abs(correlation)).toBeLessThan(0.015)
  })

  it('of two streams of an arrival are not related', () => {
    const pairs = many((k) => (uniform(SEED, k, stream.scenario) - 0.5) * (uniform(SEED, k, stream.feed) - 0.5))
    const correlation = (12 * pairs.reduce((sum, x) => sum + x, 0)) / MANY
    expect(Math.abs(correlation)).toBeLessThan(0.015)
  })
})

describe('the scenario of an arrival', () => {
  it.each([
    ['equal weights', [1, 1, 1]],
    ['weights that differ', [5, 3, 2]],
    ['weights below 1', [0.1, 0.7, 0.2]],
    ['a rare one', [99, 1]],
  ])('follows %s', (_, weights) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const counts = tally(
      many((k) => chooseScenario(weights, SEED, k)),
      weights.length,
    )
    expect(
      chiSquare(
        counts,
        weights.map((weight) => weight / total),
      ),
    ).toBeLessThan(20)
  })

  it('is never one of weight 0, wherever it stands', () => {
    const chosen = new Set(many((k) => chooseScenario([0, 3, 0, 1, 0], SEED, k)))
    expect([...chosen].toSorted()).toEqual([1, 3])
  })

  it('is the only one that has a weight', () => {
    expect(new Set(many((k) => chooseScenario([0, 0, 2], SEED, k)))).toEqual(new Set([2]))
  })
})

describe('one of several', () => {
  it('is evenly chosen', () => {
    const counts = tally(
      many((k) => chooseOne(7, SEED, k, stream.variable)),
      7,
    )
    expect(chiSquare(counts, Array(7).fill(1 / 7))).toBeLessThan(30)
  })

  it('is the first when there is no choice', () => {
    expect([chooseOne(1, SEED, 5, 0), chooseOne(0, SEED, 5, 0)]).toEqual([0, 0])
  })
})

describe('the row of an arrival', () => {
  it('in sequence: every row is handed out once before any repeats', () => {
    const rows = Array.from({ length: 14 }, (_, k) => chooseRow('sequence', 7, { seed: SEED, k, feed: 0 }))
    expect(rows).toEqual([0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6])
  })

  it('at random: all rows, evenly, and every feed by itself', () => {
    const rows = (feed: number): number[] => many((k) => chooseRow('random', 5, { seed: SEED, k, feed }))
    expect(chiSquare(tally(rows(0), 5), Array(5).fill(0.2))).toBeLessThan(25)
    expect(rows(0)).not.toEqual(rows(1))
  })
})
