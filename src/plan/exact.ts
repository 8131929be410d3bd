/** Exact decimals and fractions, for what must not be read off a floating-point sum. Used once a phase, never per arrival. */

/** n / d with d > 0, never reduced. */
export type Exact = { n: bigint; d: bigint }

export const zero: Exact = { n: 0n, d: 1n }
export const half: Exact = { n: 1n, d: 2n }

/** The decimal that the user wrote: 0.7 is seven tenths, not the nearest double. */
export function exact(x: number): Exact {
  const sign = x < 0 ? -1n : 1n
  const [digits = '0', exponent = '0'] = String(Math.abs(x)).split('e')
  const [whole = '0', fraction = ''] = digits.split('.')
  const power = Number(exponent) - fraction.length
  const n = sign * BigInt(whole + fraction)
  return power >= 0 ? { n: n * 10n ** BigInt(power), d: 1n } : { n, d: 10n ** BigInt(-power) }
}

export const add = (a: Exact, b: Exact): Exact =>
  a.d === b.d ? { n: a.n + b.n, d: a.d } : { n: a.n * b.d + b.n * a.d, d: a.d * b.d }

export const subtract = (a: Exact, b: Exact): Exact => add(a, { n: -b.n, d: b.d })
export const times = (a: Exact, b: Exact): Exact => ({ n: a.n * b.n, d: a.d * b.d })
export const over = (a: Exact, b: Exact): Exact => ({ n: a.n * b.d, d: a.d * b.n })

/** The greatest whole number that is not above it. */
export function floor({ n, d }: Exact): bigint {
  const whole = n / d
  return n < 0n && whole * d !== n ? whole - 1n : whole
}

/** The nearest double, for values whose whole part fits in one: whole part and rest are converted apart. */
export function toNumber({ n, d }: Exact): number {
  const whole = n / d
  return Number(whole) + Number(((n - whole * d) * 10n ** 20n) / d) / 1e20
}
