/**
 * The load profile: what a script's phases ask for, as a curve.
 *
 *   λ(t)  arrivals per second at virtual time t (t = 0 at the start of the first phase, D at the end of the last)
 *   A(t)  the area under λ from 0 to t: how many arrivals are due by then
 *
 * Arrival k is due at t_k, the first t with A(t) ≥ k + ½, so the number due never differs from the curve by more
 * than half an arrival, and the whole run has round(A(D)) of them, halves up. Held by test/property/plan.test.ts.
 * Phases with `mode: poisson` are drawn instead (poisson.ts); the even phases around them are counted without them.
 *
 * This room keeps two laws. Only + − × ÷ and sqrt, which IEEE 754 fixes exactly, touch a due time, so workers on
 * different processors agree to the bit. And counts are never read off a floating-point sum: 0.7/s for 45 s is 31.5
 * although 0.7 × 45 is 31.499999999999996, so the areas at the phases' ends are summed as exact decimals.
 */
import type { ArrivalIndex, Seconds, Seed } from '../units.ts'
import { add, type Exact, exact, floor, half, over, subtract, times, toNumber, zero } from './exact.ts'
import { arrivalsBefore, arrivalsDrawn, cellsIn, type Drawn, timeDrawn } from './poisson.ts'
import { timeOnRamp } from './ramp.ts'

/**
 * A phase's load: arrivals per second at its ends (equal when constant), the same drawn at random around them, a fixed
 * count spread evenly, or none.
 */
export type Load =
  | { kind: 'rate' | 'poisson'; from: number; to: number }
  | { kind: 'count'; arrivals: number }
  | { kind: 'pause' }

export type Phase = { name: string; duration: Seconds; load: Load; maxVusers: number | null }

/**
 * A straight line of λ over `duration`, and which arrivals lie on it. Even ones by area: `first` is due once `lead` of
 * it is covered, `last` when only `tail` is left, one arrival for each 1 between. Both are exact until they are rounded,
 * once. Drawn ones by their `draws` (null: even arrivals), from `first` on; then lead and tail are 0.
 */
export type Curve = {
  startRate: number
  endRate: number
  duration: Seconds
  first: ArrivalIndex
  lead: number
  last: ArrivalIndex
  tail: number
  draws: Drawn['draws'] | null
}

/**
 * A stretch of the profile, from `into` seconds on its curve: a whole phase, unless steering cut it (epochs.ts).
 * `first` and `arrivals` are its own.
 */
export type Piece = {
  phase: number
  name: string
  maxVusers: number | null
  from: Seconds
  duration: Seconds
  first: ArrivalIndex
  arrivals: number
  into: Seconds
  curve: Curve
}

/** Plain data, a few numbers a phase: it crosses to the workers as it is. */
export type Profile = { duration: Seconds; arrivals: number; pieces: readonly Piece[] }

/** Phases to the curve. Times and counts at the seams are exact; phases must be valid (scenario/read checks them). */
export function profileOf(phases: readonly Phase[], seed: Seed): Profile {
  let cell = 0
  const stretches = phases.map((phase, index): Stretch => {
    const { name, maxVusers, duration, load } = phase
    const draws = load.kind === 'poisson' ? { seed, cell } : null
    cell += cellsIn(duration)
    const line = { ...ratesOf(phase), duration, draws }
    return { phase: index, name, maxVusers, line, into: 0, before: zero, area: phaseArea(phase) }
  })
  return lay(stretches, { from: zero, first: 0, owed: zero })
}

/** What phases ask for, before any draw: seconds, and arrivals on the ideal curve, rounded. */
export function asksFor(phases: readonly Phase[]): { duration: Seconds; arrivals: number } {
  const duration = phases.reduce((sum, phase) => add(sum, exact(phase.duration)), zero)
  const area = phases.reduce((sum, phase) => add(sum, phaseArea(phase)), zero)
  return { duration: toNumber(duration), arrivals: Number(floor(add(area, half))) }
}

/** What is left of a phase from `into` on: its line, the exact area of it that lies before and after that. */
export type Stretch = Pick<Piece, 'phase' | 'name' | 'maxVusers' | 'into'> & {
  line: Pick<Curve, 'startRate' | 'endRate' | 'duration' | 'draws'>
  before: Exact
  area: Exact
}

/** Where laying begins: `owed` is the area of even arrivals so far that no arrival stands for yet, in [−½, ½). */
export type Start = { from: Exact; first: ArrivalIndex; owed: Exact }

/** Puts stretches on the time line one after the other, and numbers their arrivals. */
export function lay(stretches: readonly Stretch[], start: Start): Profile {
  let { from, first, owed } = start
  const pieces = stretches.map((stretch): Piece => {
    const { line, before: _before, area: _area, ...of } = stretch
    const duration = subtract(exact(line.duration), exact(of.into))
    const laid = isDrawn(line) ? drawn(line, of.into, first) : even(stretch, first, owed)
    const piece = { ...of, from: toNumber(from), duration: toNumber(duration), first, ...laid.piece }
    from = add(from, duration)
    first += piece.arrivals
    owed = laid.owed ?? owed
    return piece
  })
  return { duration: toNumber(from), arrivals: first, pieces }
}

type Laid = { piece: Pick<Piece, 'arrivals' | 'curve'>; owed: Exact | null }

function even({ line, before, area }: Stretch, first: ArrivalIndex, owed: Exact): Laid {
  const end = add(owed, area)
  const whole = floor(add(end, half))
  const left = subtract(end, { n: whole, d: 1n })
  // What is owed after steering is read off rounded times: it may be a hair over ½.
  const lead = Math.max(toNumber(add(before, subtract(half, owed))), 0)
  const arrivals = Number(whole)
  const curve = { ...line, first, lead, last: first + arrivals - 1, tail: toNumber(add(left, half)) }
  return { piece: { arrivals, curve }, owed: left }
}

/** The curve is whole even when only its rest is laid: its first arrival then has an index before `first`. */
function drawn(line: Drawn, into: Seconds, first: ArrivalIndex): Laid {
  const curve = { ...line, first, lead: 0, last: first, tail: 0 }
  const before = arrivalsBefore(curve, into)
  const all = arrivalsDrawn(curve)
  curve.first = first - before
  curve.last = curve.first + all - 1
  return { piece: { arrivals: all - before, curve }, owed: null }
}

/** The time from the start of a curve to its arrival k. */
export function timeOnCurve(curve: Curve, k: ArrivalIndex): Seconds {
  if (isDrawn(curve)) return timeDrawn(curve, k - curve.first)
  return timeOnRamp(curve, k - curve.first + curve.lead, curve.last - k + curve.tail)
}

const isDrawn = <Line extends Stretch['line']>(line: Line): line is Line & Drawn => line.draws !== null

/** λ of a piece, arrivals per second, `x` seconds into it. */
export function rateInto({ into, curve }: Piece, x: Seconds): number {
  const { startRate, endRate, duration } = curve
  return startRate + (endRate - startRate) * Math.min((into + x) / duration, 1)
}

/** λ(t), arrivals per second; at a seam the later phase's. 0 outside the pieces. */
export function rate(profile: Profile, t: Seconds): number {
  const piece = profile.pieces.findLast((p) => p.from <= t && p.duration > 0)
  return !piece || t > piece.from + piece.duration ? 0 : rateInto(piece, t - piece.from)
}

/** Sums of decimals end a hair beside each other: less than a microsecond is no stretch of time. */
export const DUST: Seconds = 1e-6

/** The highest λ of the whole profile, arrivals per second. */
export const peakRate = (profile: Profile): number => peakIn(profile, { from: 0, to: profile.duration })

/** The highest λ between two times, arrivals per second. */
export function peakIn({ pieces }: Profile, { from, to }: { from: Seconds; to: Seconds }): number {
  let peak = 0
  for (const piece of pieces) {
    const a = Math.max(from - piece.from, 0)
    const b = Math.min(to - piece.from, piece.duration)
    if (b - a >= DUST) peak = Math.max(peak, rateInto(piece, a), rateInto(piece, b))
  }
  return peak
}

/** The exact area under a line from its start to `x`: r₀·x + (r₁ − r₀)·x² / 2D. */
export function areaInto({ startRate, endRate, duration }: Stretch['line'], x: Exact): Exact {
  const change = over(times(subtract(exact(endRate), exact(startRate)), times(x, x)), times(exact(2), exact(duration)))
  return add(times(exact(startRate), x), change)
}

function ratesOf({ load, duration }: Phase): { startRate: number; endRate: number } {
  switch (load.kind) {
    case 'rate':
    case 'poisson':
      return { startRate: load.from, endRate: load.to }
    case 'count':
      return { startRate: load.arrivals / duration, endRate: load.arrivals / duration }
    case 'pause':
      return { startRate: 0, endRate: 0 }
  }
}

function phaseArea({ load, duration }: Phase): Exact {
  if (load.kind === 'pause') return zero
  if (load.kind === 'count') return exact(load.arrivals)
  return times(over(add(exact(load.from), exact(load.to)), exact(2)), exact(duration))
}
