/**
 * Poisson arrivals, drawn so that any worker can find any of them alone. Time is cut into cells of a second; a cell's
 * number of arrivals is a Poisson draw whose mean is its area, keyed by (seed, cell). Where they lie inside the cell is
 * drawn by halving: of n arrivals spread at random over a stretch of area, as many lie in its first half as n tossed
 * coins show heads, and so on in each half until one is left, which lies anywhere in what is left. That is n uniform
 * positions in order, and finding one of them costs log n draws, not n.
 *
 *   7 arrivals      [ . . . . . . . ]      draw of (cell, node 1): 4 of 7 in the first half
 *                   [ 4    ] [    3 ]      nodes 2 and 3, and so on
 *
 * Draws are made from weights relative to the likeliest outcome, each a ratio of its neighbour: no exp, no factorial,
 * nothing but + − × ÷, which every processor rounds alike. Held by test/property/poisson.test.ts.
 */
import type { Seconds, Seed } from '../units.ts'
import { uniform } from './choose.ts'
import { type Ramp, timeOnRamp } from './ramp.ts'

/** λ over time, and what its draws hang on: the run's seed, and the number of its first cell among all of the run. */
export type Drawn = Ramp & { draws: { seed: Seed; cell: number } }

/** How many cells a duration has; the last may be shorter than a second. */
export const cellsIn = (duration: Seconds): number => Math.ceil(duration)

/** All arrivals of a line of cells. */
export const arrivalsDrawn = (line: Drawn): number => cellsOf(line).starts.at(-1) as number

/** How many of them come before `x` seconds into it. */
export function arrivalsBefore(line: Drawn, x: Seconds): number {
  const { starts } = cellsOf(line)
  let low = starts[Math.min(Math.floor(x), starts.length - 1)] as number
  let high = starts[Math.min(Math.floor(x) + 1, starts.length - 1)] as number
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (timeDrawn(line, middle) >= x) high = middle
    else low = middle + 1
  }
  return low
}

/** The time into a line of cells of its arrival number `j`. */
export function timeDrawn(line: Drawn, j: number): Seconds {
  const { starts, path } = cellsOf(line)
  const cell = cellWith(starts, j)
  const first = starts[cell] as number
  const count = (starts[cell + 1] as number) - first
  if (path.cell !== cell) {
    path.cell = cell
    path.nodes.fill(0)
  }
  const ramp = rampOf(line, cell)
  const area = areaOf(ramp)
  const share = position(path, line.draws.seed, keyOf(line, cell), { among: count, rank: j - first })
  return cell + timeOnRamp(ramp, share * area, (1 - share) * area)
}

/**
 * `starts[c]` arrivals come before cell c. `path` is the way down to the arrival that was asked for last: they are asked
 * for in order, so the next one shares most of it. Among 10,000 in a cell one takes 0.3 µs this way, 7 µs without.
 */
type Cells = { starts: Float64Array; path: Path }
type Path = { cell: number; nodes: Float64Array; left: Float64Array }

/** A line's draws never change, so they are made once a process. */
const known = new WeakMap<Drawn, Cells>()

function cellsOf(line: Drawn): Cells {
  const before = known.get(line)
  if (before) return before
  const starts = new Float64Array(cellsIn(line.duration) + 1)
  for (let cell = 0; cell + 1 < starts.length; cell++) {
    const arrivals = poisson(areaOf(rampOf(line, cell)), uniform(line.draws.seed, keyOf(line, cell), 0))
    starts[cell + 1] = (starts[cell] as number) + arrivals
  }
  const cells = { starts, path: { cell: -1, nodes: new Float64Array(DEEPEST), left: new Float64Array(DEEPEST) } }
  known.set(line, cells)
  return cells
}

/** 2⁵²: above the index of any arrival, so that cells and arrivals never share a draw. */
const CELLS = 4_503_599_627_370_496
const keyOf = ({ draws }: Drawn, cell: number): number => CELLS + draws.cell + cell

/** The cell that holds arrival j. */
function cellWith(starts: Float64Array, j: number): number {
  let low = 0
  let high = starts.length - 2
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((starts[middle + 1] as number) > j) high = middle
    else low = middle + 1
  }
  return low
}

/** λ over one cell. */
function rampOf({ startRate, endRate, duration }: Drawn, cell: number): Ramp {
  const to = Math.min(cell + 1, duration)
  const slope = (endRate - startRate) / duration
  return {
    startRate: startRate + slope * cell,
    endRate: to === duration ? endRate : startRate + slope * to,
    duration: to - cell,
  }
}

const areaOf = ({ startRate, endRate, duration }: Ramp): number => ((startRate + endRate) / 2) * duration

/** Halvings of a cell: two arrivals closer than 2⁻³⁰ of it are set side by side. */
const DEEPEST = 30
/** 2³¹: a node's number is below this, and what lies at its end draws above it. */
const LEAF = 2_147_483_648

/** Where the arrival of rank `rank` among those of a cell lies: a share of its area, in [0, 1). */
function position(path: Path, seed: Seed, cell: number, arrival: { among: number; rank: number }): number {
  let { among: here, rank } = arrival
  let node = 1
  let low = 0
  let width = 1
  for (let depth = 0; here > 1 && depth < DEEPEST; depth++) {
    if (path.nodes[depth] !== node) {
      path.nodes[depth] = node
      path.left[depth] = coins(here, uniform(seed, cell, node))
    }
    const left = path.left[depth] as number
    width /= 2
    node *= 2
    if (rank < left) {
      here = left
    } else {
      node++
      low += width
      here -= left
      rank -= left
    }
  }
  return low + (width * (rank + uniform(seed, cell, LEAF + node))) / here
}

/** A Poisson draw of this mean. Weights: P(k + 1) / P(k) = mean / (k + 1). */
export const poisson = (mean: number, u: number): number =>
  draw(
    u,
    Math.floor(mean),
    (k) => mean / (k + 1),
    (k) => k / mean,
  )

/** How many of `tossed` coins show heads. Weights: P(k + 1) / P(k) = (n − k) / (k + 1). */
export const coins = (tossed: number, u: number): number =>
  draw(
    u,
    Math.floor(tossed / 2),
    (k) => (tossed - k) / (k + 1),
    (k) => k / (tossed - k + 1),
  )

/** Weights below this share of the likeliest are under the 53 bits of `u`. */
const NOTHING = 1e-17

/**
 * The whole number that u, uniform in [0, 1), stands for, when weights fall off on both sides of `likeliest`:
 * `up(k)` = weight(k + 1) / weight(k), `down(k)` = weight(k − 1) / weight(k). Costs some 17 standard deviations.
 */
function draw(u: number, likeliest: number, up: (k: number) => number, down: (k: number) => number): number {
  let total = 1
  for (let k = likeliest, w = up(k); w > NOTHING; w *= up(++k)) total += w
  for (let k = likeliest, w = down(k); w > NOTHING; w *= down(--k)) total += w
  let rest = u * total - 1
  for (let k = likeliest, w = up(k); rest >= 0 && w > NOTHING; w *= up(++k)) {
    rest -= w
    if (rest < 0) return k + 1
  }
  for (let k = likeliest, w = down(k); rest >= 0 && w > NOTHING; w *= down(--k)) {
    rest -= w
    if (rest < 0) return k - 1
  }
  return likeliest
}
