import type { Seconds } from '../units.ts'

/** A straight line of λ: arrivals per second at its ends, and how long it is. */
export type Ramp = { startRate: number; endRate: number; duration: Seconds }

/**
 * The time into a ramp at which `fromStart` of its area is covered and `toEnd` is left. On r(x) = r₀ + s·x the area is
 * a = r₀·x + s·x²/2. The textbook root loses all digits when s is small; its conjugate x = 2a / (r₀ + √(r₀² + 2·s·a)) does
 * not. Falling ramps are solved from their end, where r is small and the same root would lose half its digits: 1.1/s → 0
 * over 1990 s was 27 µs early at its end.
 */
export function timeOnRamp({ startRate, endRate, duration }: Ramp, fromStart: number, toEnd: number): Seconds {
  // Nothing is covered and nothing is left of no area: the arrival that was due in the moment it became none.
  if (startRate === endRate) return startRate === 0 ? 0 : Math.min(fromStart / startRate, duration)
  const slope = Math.abs(endRate - startRate) / duration
  if (endRate > startRate) return Math.min(root(fromStart, startRate, slope), duration)
  return Math.max(duration - root(toEnd, endRate, slope), 0)
}

/** How long a rate that begins at `rate` and rises by `slope` takes to cover `area`. */
const root = (area: number, rate: number, slope: number): Seconds =>
  area === 0 ? 0 : (2 * area) / (rate + Math.sqrt(rate * rate + 2 * slope * area))
