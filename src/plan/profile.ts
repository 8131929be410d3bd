/**
 * The load profile: what a script's phases ask for, as a curve.
 *
 *   λ(t)  arrivals per second at virtual time t (t = 0 at the start of the first phase, D at the end of the last)
 *   A(t)  the area under λ from 0 to t: how many arrivals are due by then
 *
 * Arrival k is due at t_k, the first t with A(t) ≥ k + ½, so the number due never differs from the curve by more
 * than half an arrival, and the whole run has round(A(D)) of them, halves up. Held by test/property/plan.test.ts.
 *
 * This room keeps two laws. Only + − × ÷ and sqrt, which IEEE 754 fixes exactly, touch a due time, so workers on
 * different processors agree to the bit. And counts are never read off a floating-point sum: 0.7/s for 45 s is 31.5
 * although 0.7 × 45 is 31.499999999999996, so the areas at the phases' ends are summed as exact decimals.
 */
import type { Seconds } from '../units.ts'

/** A phase's load: arrivals per second at its ends (equal when constant), a fixed count spread evenly, or none. */
export type Load = { kind: 'rate'; from: number; to: number } | { kind: 'count'; arrivals: number } | { kind: 'pause' }

export type Phase = { name: string; duration: Seconds; load: Load; maxVusers: number | null }

/**
 * One phase on the curve. `lead` is the area from its start to its first arrival's k + ½, in (0, 1]; `tail` from its last
 * arrival's to its end, in [0, 1). Both are exact until they are rounded, once.
 */
export type Piece = {
  name: string
  from: Seconds
  duration: Seconds
  startRate: number
  endRate: number
  first: number
  arrivals: number
  lead: number
  tail: number
  maxVusers: number | null
}

/** Plain data, a few numbers a phase: it crosses to the workers as it is. */
export type Profile = { duration: Seconds; arrivals: number; pieces: readonly Piece[] }

/** Phases to the curve. Times and counts at the seams are exact; phases must be valid (scenario/read checks them). */
export function profileOf(phases: readonly Phase[]): Profile {
  const pieces: Piece[] = []
  let from: Exact = zero
  let area: Exact = zero
  for (const phase of phases) {
    const duration = exact(phase.duration)
    const until = add(from, duration)
    const end = add(area, phaseArea(phase, duration))
    const first = wholeArrivals(area)
    const next = wholeArrivals(end)
    pieces.push({
      name: phase.name,
      from: toNumber(from),
      duration: phase.duration,
      ...ratesOf(phase),
      first,
      arrivals: next - first,
      lead: toNumber(subtract(half(2 * first + 1), area)),
      tail: toNumber(subtract(end, half(2 * next - 1))),
      maxVusers: phase.maxVusers,
    })
    from = until
    area = end
  }
  return { duration: toNumber(from), arrivals: wholeArrivals(area), pieces }
}

/** λ(t), arrivals per second; at a seam the later phase's. 0 outside the profile. */
export function rate(profile: Profile, t: Seconds): number {
  const piece = profile.pieces.findLast((p) => p.from <= t && p.duration > 0)
  if (!piece || t < 0 || t > profile.duration) return 0
  const into = Math.min(t - piece.from, piece.duration) / piece.duration
  return piece.startRate + (piece.endRate - piece.startRate) * into
}

/** The highest λ of the whole profile, arrivals per second. */
export const peakRate = (profile: Profile): number =>
  profile.pieces.reduce((peak, p) => Math.max(peak, p.startRate, p.endRate), 0)

/** A(t): arrivals due by t on the ideal curve, a real number. */
export function area(profile: Profile, t: Seconds): number {
  const piece = profile.pieces.findLast((p) => p.from <= t)
  if (!piece) return 0
  const x = Math.min(t - piece.from, piece.duration)
  const slope = piece.duration > 0 ? (piece.endRate - piece.startRate) / piece.duration : 0
  return piece.first + 0.5 - piece.lead + piece.startRate * x + (slope * x * x) / 2
}

/**
 * The time into a piece at which its arrival k is due. On a ramp r(x) = r₀ + s·x the area is a = r₀·x + s·x²/2. The textbook
 * root loses all digits when s is small; its conjugate x = 2a / (r₀ + √(r₀² + 2·s·a)) does not. Falling ramps are solved from
 * their end, where r is small and the same root would lose half its digits: 1.1/s → 0 over 1990 s was 27 µs early at its end.
 */
export function timeInto(piece: Piece, k: number): Seconds {
  const { startRate, endRate, duration, first, arrivals, lead, tail } = piece
  const sinceStart = k - first + lead
  if (startRate === endRate) return Math.min(sinceStart / startRate, duration)
  const slope = Math.abs(endRate - startRate) / duration
  if (endRate > startRate) return Math.min(root(sinceStart, startRate, slope), duration)
  return Math.max(duration - root(first + arrivals - 1 - k + tail, endRate, slope), 0)
}

/** How long a rate that begins at `rate` and rises by `slope` takes to cover `area`. */
const root = (area: number, rate: number, slope: number): Seconds =>
  area === 0 ? 0 : (2 * area) / (rate + Math.sqrt(rate * rate + 2 * slope * area))

function ratesOf({ load, duration }: Phase): { startRate: number; endRate: number } {
  switch (load.kind) {
    case 'rate':
      return { startRate: load.from, endRate: load.to }
    case 'count':
      return { startRate: load.arrivals / duration, endRate: load.arrivals / duration }
    case 'pause':
      return { startRate: 0, endRate: 0 }
  }
}

function phaseArea({ load }: Phase, duration: Exact): Exact {
  if (load.kind === 'pause') return zero
  if (load.kind === 'count') return exact(load.arrivals)
  const sum = add(exact(load.from), exact(load.to))
  return { n: sum.n * duration.n, d: 2n * sum.d * duration.d }
}

/** An exact decimal or fraction: n / d with d > 0. Used once a phase, never per arrival. */
type Exact = { n: bigint; d: bigint }
const zero: Exact = { n: 0n, d: 1n }
const add = (a: Exact, b: Exact): Exact =>
  a.d === b.d ? { n: a.n + b.n, d: a.d } : { n: a.n * b.d + b.n * a.d, d: a.d * b.d }

const subtract = (a: Exact, b: Exact): Exact => add(a, { n: -b.n, d: b.d })
const half = (n: number): Exact => ({ n: BigInt(n), d: 2n })

/** The decimal that the user wrote: 0.7 is seven tenths, not the nearest double. */
function exact(x: number): Exact {
  const [digits = '0', exponent = '0'] = String(x).split('e')
  const [whole = '0', fraction = ''] = digits.split('.')
  const power = Number(exponent) - fraction.length
  const n = BigInt(whole + fraction)
  return power >= 0 ? { n: n * 10n ** BigInt(power), d: 1n } : { n, d: 10n ** BigInt(-power) }
}

/** How many k have k + ½ ≤ A: round(A), halves up. */
const wholeArrivals = ({ n, d }: Exact): number => Number((2n * n + d) / (2n * d))

/** The nearest double, for values whose whole part fits in one: whole part and rest are converted apart. */
function toNumber({ n, d }: Exact): number {
  const whole = n / d
  return Number(whole) + Number(((n - whole * d) * 10n ** 20n) / d) / 1e20
}
