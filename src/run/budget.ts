/**
 * When the load must end for a run to cost no more than was said. Pure; times are of the conductor's wall clock.
 *
 * A load that ends at u costs, when all goes as badly as it can,
 *
 *   cost(u) = Σ over workers of start + second × (end − launched) + waiting × (T0 − launched)   + run × (u + tail − begun)
 *   end     = what it was billed, or when it was gone; u + tail for who is still there
 *
 * which only grows with u: the load may go on until the last u with cost(u) ≤ cap. Workers that end sooner leave more to the others, so
 * that u moves on; only a launch can take it back. `tail`: what a worker that stops at u may take to be gone.
 *
 * Held by test/property/budget.test.ts.
 */
import type { Rates } from '../plan/price.ts'
import type { Millis, Usd } from '../units.ts'

/**
 * A worker's life as far as it is known: `billed` is what the platform has said that it charges. `strays`: how much longer than it was heard of it
 * may be charged for.
 */
export type Life = { launchedAt: Millis; endedAt: Millis | null; billed: Millis | null; strays: Millis }

/** Of a run: who has lived, since when there is a conductor, and T0 (null: nobody has been told to go). */
export type Spending = { lives: readonly Life[]; begunAt: Millis; t0: Millis | null }

export type Terms = { rates: Rates; tail: Millis }

/** A platform bills by the millisecond, rounded up. */
const ROUNDING: Millis = 1

/** The most that it comes to when the load ends at a moment. */
export function costBy(end: Millis, { lives, begunAt, t0 }: Spending, { rates, tail }: Terms): Usd {
  const over = end + tail
  let cost = lives.length === 0 ? 0 : rates.run * Math.max(0, over - begunAt)
  for (const life of lives) {
    const { launchedAt, billed } = life
    const gone = Math.max(launchedAt, goneBy(life, over))
    const waited = Math.min(t0 ?? gone, gone) - launchedAt
    cost += rates.second * (billed ?? gone - launchedAt + ROUNDING) + rates.waiting * Math.max(0, waited)
  }
  return lives.length * rates.start + cost / 1000
}

function goneBy({ endedAt, strays }: Life, over: Millis): Millis {
  if (endedAt === null) return over
  return Math.max(endedAt, Math.min(over, endedAt + strays))
}

/** The last moment at which the load may end; null: whenever it likes, since nothing that is there costs anything. */
export function lastEnd(spending: Spending, terms: Terms, cap: Usd): Millis | null {
  const { lives, begunAt } = spending
  const { second, run } = terms.rates
  const alive = lives.reduce((sum, { endedAt }) => sum + Number(endedAt === null), 0)
  const slope = (alive * second + (lives.length === 0 ? 0 : run)) / 1000
  if (alive === 0 || slope === 0) return null
  let low = begunAt - terms.tail
  // From the last launch on it grows by that at the least.
  const all = lives.reduce((last, { launchedAt }) => Math.max(last, launchedAt), begunAt)
  let high = all + Math.ceil(Math.max(0, cap - costBy(all, spending, terms)) / slope) + 1
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (costBy(middle, spending, terms) <= cap) low = middle
    else high = middle
  }
  return low
}

/** The most that a run has cost, when it is over. */
export function costAtMost(spending: Spending, rates: Rates): Usd {
  const { lives, begunAt } = spending
  const over = lives.reduce((last, { launchedAt, endedAt, billed, strays }) => {
    const gone = endedAt ?? launchedAt
    return Math.max(last, billed === null ? gone + strays : gone)
  }, begunAt)
  return costBy(over, spending, { rates, tail: 0 })
}

/** What the orders say reaches every worker within this. */
export const SETTLED: Millis = 5_000

/** What the orders say next: a moment that is near stays as it is, since some may hear no more of another before it comes. */
export function nextUntil(before: Millis | null, last: Millis | null, now: Millis): Millis | null {
  if (before === null || before - now > SETTLED) return last
  return last === null ? before : Math.min(before, last)
}

/** Whether so many more, launched now, leave everyone a load at least until `needed`. */
export function affords(
  spending: Spending,
  { terms, cap }: { terms: Terms; cap: Usd },
  more: { workers: number; now: Millis; needed: Millis },
): boolean {
  const { workers, now, needed } = more
  const fresh: Life = { launchedAt: now, endedAt: null, billed: null, strays: 0 }
  const lives = [...spending.lives, ...Array<Life>(workers).fill(fresh)]
  return costBy(needed, { ...spending, lives }, terms) <= cap
}
