import type { Millis, Seconds } from '../units.ts'

/** The longest that a timer can wait: 2^31 − 1 ms, 24.8 days. */
export const LONGEST_THINK: Seconds = 2_147_483

const UNITS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 }
const FORM = /^(\d+(?:\.\d+)?|\.\d+)\s*(ms|s|sec|secs|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)?$/i

/** A number of seconds, "30", "90s", "5m", "1.5h" → seconds. null for anything else, and for what is not finite. */
export function parseDuration(value: unknown): Seconds | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'string') return null
  const match = FORM.exec(value.trim())
  if (!match) return null
  const unit = (match[2] ?? 's').toLowerCase()
  const scale = UNITS[unit.startsWith('ms') ? 'ms' : unit.charAt(0)] as number
  // 4.1 × 60 is 245.99999999999997: fifteen digits give back the decimal that was written.
  return Number((Number(match[1]) * scale).toPrecision(15))
}

/**
 * How long a virtual user thinks; null for what is no time to think. `strict`: as Artillery, which takes a number that is not
 * whole for milliseconds when it is a text, and for nothing otherwise.
 */
export function thinkTime(written: unknown, strict: boolean): Millis | null {
  const seconds = parseDuration(written)
  if (seconds === null || seconds < 0 || seconds > LONGEST_THINK) return null
  const number = Number(written)
  if (!strict || !Number.isFinite(number) || Number.isInteger(number)) return seconds * 1000
  return typeof written === 'string' ? number : 1
}
