/**
 * Where to cut time. A worker lives only so long, and it is paid for from its start to its end; a ramp should not pay for its
 * peak from the start, nor a test for more seams than it needs. Of all ways to cut at the candidate times this finds the one
 * that costs the fewest worker-seconds:
 *
 *   cost of a window = workers(peak in it) × (its length + overhead),   overhead = start-up + drain
 *   least(b) = min over a < b, b − a ≤ longest, of least(a) + cost(a, b)
 *
 * Candidates are the ends of phases, even cuts of ramps, and steps that let a long phase be cut at its longest.
 */
import type { Seconds } from '../units.ts'
import type { DecidedBy, Need } from './capacity.ts'
import { DUST, type Piece, type Profile, rateInto } from './profile.ts'
import type { Window } from './slices.ts'

/** How long a worker lives, and what of that is not window: time to start before it, time to drain after it. */
export type Lifetime = { startUp: Seconds; drain: Seconds; longest: Seconds }

const START_UP: Seconds = 30
const DRAIN: Seconds = 60
const RAMP_CUTS = 24
const STEPS = 8

/**
 * A lifetime of `seconds` divided up; `longestWait` is the script's longest think time plus timeout, which the drain must
 * cover. Short lifetimes get a tenth for each allowance. `longest` is 0 or less when nothing is left for a window.
 */
export function divide(seconds: Seconds, longestWait: Seconds): Lifetime {
  const startUp = Math.min(START_UP, seconds / 10)
  const drain = Math.max(Math.min(DRAIN, seconds / 10), longestWait)
  return { startUp, drain, longest: seconds - startUp - drain }
}

/** What a stretch needs, given its highest arrival rate and its maxVusers. */
export type NeedFor = (peak: number, maxVusers: number | null) => Need

export type SizedWindow = Window & { decidedBy: DecidedBy }

/**
 * Phases that leave no number of workers that suits them both never share a window: one with `maxVusers: 2` takes two
 * workers at most, whatever its neighbour needs.
 */
export function cutWindows(profile: Profile, { startUp, drain, longest }: Lifetime, needFor: NeedFor): SizedWindow[] {
  const times = candidates(profile, longest)
  const demands = times.slice(1).map((to, i) => demandIn(profile, { from: times[i] as number, to }, needFor))
  const best: { cost: number; from: number; need: Need }[] = [{ cost: 0, from: 0, need: NONE.need }]
  for (let b = 1; b < times.length; b++) {
    let found = { cost: Number.POSITIVE_INFINITY, from: b - 1, need: NONE.need }
    let demand = NONE
    for (let a = b - 1; a >= 0; a--) {
      const length = (times[b] as number) - (times[a] as number)
      if (length > longest) break
      demand = both(demand, demands[a] as Demand)
      const { need, most } = demand
      if (need.workers > most) break
      const cost = (best[a]?.cost as number) + need.workers * (length + startUp + drain)
      if (cost < found.cost) found = { cost, from: a, need }
    }
    best.push(found)
  }
  const windows: SizedWindow[] = []
  for (let b = times.length - 1; b > 0; ) {
    const { from, need } = best[b] as (typeof best)[number]
    windows.unshift({ from: times[from] as number, to: times[b] as number, ...need })
    b = from
  }
  return windows
}

/** Sorted times from 0 to the end, no two further apart than `longest`. */
function candidates({ pieces, duration }: Profile, longest: Seconds): Seconds[] {
  const times = new Set([0, duration])
  for (const { from, duration: length, curve } of pieces) {
    const { startRate, endRate } = curve
    const step = Math.min(longest / STEPS, startRate === endRate ? length : length / RAMP_CUTS)
    for (let i = 0; i * step < length; i++) times.add(Math.round((from + i * step) * 1000) / 1000)
    for (let t = longest; t < length; t += longest) times.add(Math.round((from + t) * 1000) / 1000)
  }
  return [...times].filter((t) => t <= duration).toSorted((a, b) => a - b)
}

/** The workers that a stretch needs, and the most that it can be dealt to. */
type Demand = { need: Need; most: number }
const NONE: Demand = { need: { workers: 0, decidedBy: 'least' }, most: Number.POSITIVE_INFINITY }

const both = (a: Demand, b: Demand): Demand => ({
  need: a.need.workers >= b.need.workers ? a.need : b.need,
  most: Math.min(a.most, b.most),
})

function demandIn({ pieces }: Profile, { from, to }: { from: Seconds; to: Seconds }, needFor: NeedFor): Demand {
  const demands = pieces.flatMap((piece) => {
    const a = Math.max(from, piece.from)
    const b = Math.min(to, piece.from + piece.duration)
    if (b - a < DUST) return []
    const peak = Math.max(rateInto(piece, a - piece.from), rateInto(piece, b - piece.from))
    return [{ need: needFor(peak, piece.maxVusers), most: piece.maxVusers ?? Number.POSITIVE_INFINITY }]
  })
  const { need, most } = demands.length === 0 ? { ...NONE, need: needFor(0, null) } : demands.reduce(both, NONE)
  // Times are whole milliseconds: a seam between two of them lies inside a stretch and cannot be cut at.
  return { need: need.workers > most ? { workers: most, decidedBy: 'max-vusers' } : need, most }
}

/** The share of the paid window time in which workers had less to do than their number could: for the docs and the plan. */
export function idleShare(profile: Profile, windows: readonly Window[], ratePerWorker: number): number {
  const paid = windows.reduce((sum, { from, to, workers }) => sum + workers * (to - from), 0)
  const used = profile.pieces.reduce((sum, piece) => sum + busy(piece, ratePerWorker), 0)
  return paid === 0 ? 0 : Math.max(0, 1 - used / paid)
}

const busy = (piece: Piece, ratePerWorker: number): number =>
  (((rateInto(piece, 0) + rateInto(piece, piece.duration)) / 2) * piece.duration) / ratePerWorker
