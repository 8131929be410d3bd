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
import { type Piece, type Profile, rateInto } from './profile.ts'
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

/** What a window needs, given the highest arrival rate in it and the least maxVusers of its phases. */
export type NeedFor = (peak: number, maxVusers: number | null) => Need

export type SizedWindow = Window & { decidedBy: DecidedBy }

export function cutWindows(profile: Profile, { startUp, drain, longest }: Lifetime, needFor: NeedFor): SizedWindow[] {
  const times = candidates(profile, longest)
  const peaks = times.slice(1).map((to, i) => peakIn(profile, times[i] as number, to))
  const best: { cost: number; from: number; need: Need | null }[] = [{ cost: 0, from: 0, need: null }]
  for (let b = 1; b < times.length; b++) {
    let found = { cost: Number.POSITIVE_INFINITY, from: b - 1, need: null as Need | null }
    let peak: Peak = { rate: 0, maxVusers: null }
    for (let a = b - 1; a >= 0; a--) {
      const length = (times[b] as number) - (times[a] as number)
      if (length > longest) break
      peak = higher(peak, peaks[a] as Peak)
      const need = needFor(peak.rate, peak.maxVusers)
      const cost = (best[a]?.cost as number) + need.workers * (length + startUp + drain)
      if (cost < found.cost) found = { cost, from: a, need }
    }
    best.push(found)
  }
  const windows: SizedWindow[] = []
  for (let b = times.length - 1; b > 0; ) {
    const { from, need } = best[b] as (typeof best)[number]
    windows.unshift({ from: times[from] as number, to: times[b] as number, ...(need as Need) })
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

type Peak = { rate: number; maxVusers: number | null }

/** The highest rate between two times, and the least cap of the phases that they touch. */
function peakIn({ pieces }: Profile, from: Seconds, to: Seconds): Peak {
  let peak: Peak = { rate: 0, maxVusers: null }
  for (const piece of pieces) {
    const a = Math.max(from, piece.from)
    const b = Math.min(to, piece.from + piece.duration)
    if (a >= b) continue
    const rate = Math.max(rateInto(piece, a - piece.from), rateInto(piece, b - piece.from))
    peak = higher(peak, { rate, maxVusers: piece.maxVusers })
  }
  return peak
}

const higher = (a: Peak, b: Peak): Peak => ({
  rate: Math.max(a.rate, b.rate),
  maxVusers:
    a.maxVusers === null ? b.maxVusers : b.maxVusers === null ? a.maxVusers : Math.min(a.maxVusers, b.maxVusers),
})

/** The share of the paid window time in which workers had less to do than their number could: for the docs and the plan. */
export function idleShare(profile: Profile, windows: readonly Window[], ratePerWorker: number): number {
  const paid = windows.reduce((sum, { from, to, workers }) => sum + workers * (to - from), 0)
  const used = profile.pieces.reduce((sum, piece) => sum + busy(piece, ratePerWorker), 0)
  return paid === 0 ? 0 : Math.max(0, 1 - used / paid)
}

const busy = (piece: Piece, ratePerWorker: number): number =>
  (((rateInto(piece, 0) + rateInto(piece, piece.duration)) / 2) * piece.duration) / ratePerWorker
