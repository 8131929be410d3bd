/**
 * Which region's worker launches what. The slices of each window are dealt to regions by weight: how many each gets by the largest
 * remainder, and which ones so that regions interleave. With weights 2 and 1, and four workers:
 *
 *   slice     0  1  2  3          2 × 4/3 = 2.67 → 3
 *   region a  0  1  .  3          1 × 4/3 = 1.33 → 1
 *   region b  .  .  2  .
 *
 * The columns add up to the whole, and each region has its share of each window to less than one worker. A slice's region follows from
 * the plan alone, so that whoever has the plan knows it.
 */
import type { Window } from './slices.ts'

/** The first of several is the run's home: what only its conductor reads is kept there. */
export type RegionShare = { region: string; weight: number }

/** Without regions, or with one, everything is of the first. */
export type Dealt = { windows: readonly Window[]; regions?: readonly RegionShare[] }

/** How many of so many workers each region gets; of equal remainders the one that was named first goes up first. */
function counts(workers: number, shares: readonly RegionShare[]): number[] {
  const whole = shares.reduce((sum, { weight }) => sum + weight, 0)
  const due = shares.map(({ weight }) => workers * weight)
  const found = due.map((of) => Math.floor(of / whole))
  const rest = workers - found.reduce((sum, n) => sum + n, 0)
  const byRemainder = [...due.keys()].toSorted((a, b) => ((due[b] ?? 0) % whole) - ((due[a] ?? 0) % whole) || a - b)
  for (const i of byRemainder.slice(0, rest)) found[i] = (found[i] ?? 0) + 1
  return found
}

/** For each slice of a window its region, by position: each time whoever is furthest behind its share. */
function turns(workers: number, shares: readonly RegionShare[]): number[] {
  const wanted = counts(workers, shares)
  const given = wanted.map(() => 0)
  return Array.from({ length: workers }, (_, slice) => {
    const behind = wanted.map((n, i) => n * (slice + 1) - (given[i] ?? 0) * workers)
    const next = behind.reduce((most, n, i) => (n > (behind[most] ?? 0) ? i : most), 0)
    given[next] = (given[next] ?? 0) + 1
    return next
  })
}

/** For each slice of the plan, in its order, the position of its region. */
export const dealt = ({ windows, regions = [] }: Dealt): number[] =>
  windows.flatMap(({ workers }) => (regions.length < 2 ? Array<number>(workers).fill(0) : turns(workers, regions)))

/** The windows with one region's workers alone: what that region must have room for, and is paid for. */
export const windowsOf = ({ windows, regions = [] }: Dealt, region: number): Window[] =>
  windows.map(({ from, to, workers }) => ({
    ...{ from, to },
    workers: regions.length < 2 ? workers : (counts(workers, regions)[region] ?? 0),
  }))

/** How far from what was said a region's share of a window may be where the plan decides how many workers there are. */
const FAIR = 0.05

/** The fewest workers of which each region gets one. */
export const leastDealt = (shares: readonly RegionShare[]): number => dealtFrom(1, shares, 1)

/** So many workers, or the few more by which each region's share is near its own. */
export const fairlyDealt = (workers: number, shares: readonly RegionShare[]): number => dealtFrom(workers, shares, FAIR)

function dealtFrom(least: number, shares: readonly RegionShare[], off: number): number {
  const whole = shares.reduce((sum, { weight }) => sum + weight, 0)
  for (let workers = least; ; workers++) {
    const isFair = (n: number, i: number): boolean =>
      n > 0 && Math.abs(n / workers - (shares[i]?.weight ?? 0) / whole) <= off
    if (counts(workers, shares).every(isFair)) return workers
  }
}
