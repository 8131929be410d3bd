/**
 * The slow and obvious answers that the product is held to: BigInt fractions, bisection, sorted arrays. Written from
 * the design alone; imports nothing of the program but the type of a phase, and the program never imports it.
 */
import type { Phase } from '../../src/plan/profile.ts'

// Fractions: n / d, d > 0, never reduced.

type Fraction = { n: bigint; d: bigint }

/** The decimal that a number prints as: 0.7 is 7/10. */
function decimal(x: number): Fraction {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(x))
  if (!match) throw new Error(`${x} is not a decimal number`)
  const [, sign, whole = '', digits = '', power = '0'] = match
  const n = BigInt(`${sign}${whole}${digits}`)
  const shift = Number(power) - digits.length
  return shift < 0 ? { n, d: 10n ** BigInt(-shift) } : { n: n * 10n ** BigInt(shift), d: 1n }
}

const ZERO: Fraction = { n: 0n, d: 1n }
const HALF: Fraction = { n: 1n, d: 2n }
const plus = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.d + b.n * a.d, d: a.d * b.d })
const minus = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.d - b.n * a.d, d: a.d * b.d })
const times = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.n, d: a.d * b.d })
const over = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.d, d: a.d * b.n })
const atLeast = (a: Fraction, b: Fraction): boolean => a.n * b.d >= b.n * a.d
const floor = ({ n, d }: Fraction): bigint => n / d - (n < 0n && n % d !== 0n ? 1n : 0n)
/** Good to 1e-12 for any size of whole part that a double holds. */
const toNumber = (a: Fraction): number => {
  const whole = floor(a)
  return Number(whole) + Number(((a.n - whole * a.d) * 10n ** 18n) / a.d) / 1e18
}

// The plan

/** The area of one phase from its start to x seconds into it: r₀·x + (r₁ − r₀)·x² / 2D. */
function areaInto({ load, duration }: Phase, x: Fraction): Fraction {
  if (load.kind === 'pause') return ZERO
  const D = decimal(duration)
  if (load.kind === 'count') return over(times(decimal(load.arrivals), x), D)
  const change = minus(decimal(load.to), decimal(load.from))
  return plus(times(decimal(load.from), x), over(times(change, times(x, x)), times(D, { n: 2n, d: 1n })))
}

/** Start and end of each phase in time, and the area under the curve at both. */
export type Seam = { from: Fraction; to: Fraction; areaFrom: Fraction; areaTo: Fraction }

export function seamsOf(phases: readonly Phase[]): Seam[] {
  let from = ZERO
  let areaFrom = ZERO
  return phases.map((phase) => {
    const length = decimal(phase.duration)
    const seam = { from, to: plus(from, length), areaFrom, areaTo: plus(areaFrom, areaInto(phase, length)) }
    from = seam.to
    areaFrom = seam.areaTo
    return seam
  })
}

/** How many k have k + ½ ≤ area: the area rounded, halves up. */
const arrivalsBy = (area: Fraction): number => Number(floor(plus(area, HALF)))

export const arrivalsOf = (phases: readonly Phase[]): number => arrivalsBy(seamsOf(phases).at(-1)?.areaTo ?? ZERO)

/** Arrivals of each phase, by rounding the area at both of its ends. */
export const arrivalsPerPhase = (phases: readonly Phase[]): number[] =>
  seamsOf(phases).map(({ areaFrom, areaTo }) => arrivalsBy(areaTo) - arrivalsBy(areaFrom))

/** A(t), exact but for the last conversion. */
export function areaAt(phases: readonly Phase[], t: number): number {
  const at = decimal(t)
  let area = ZERO
  seamsOf(phases).forEach(({ from, to, areaFrom, areaTo }, i) => {
    const phase = phases[i]
    if (phase === undefined || !atLeast(at, from)) return
    area = atLeast(at, to) ? areaTo : plus(areaFrom, areaInto(phase, minus(at, from)))
  })
  return toNumber(area)
}

/** The phase whose (A(start), A(end)] holds k + ½. */
export const phaseHolding = (seams: readonly Seam[], k: number): number => {
  const wanted = plus(decimal(k), HALF)
  return seams.findIndex(({ areaTo }) => atLeast(areaTo, wanted))
}

const NANO = 1_000_000_000n

/** The first whole nanosecond t with A(t) ≥ k + ½, in seconds, by bisection. */
export function dueAt(phases: readonly Phase[], seams: readonly Seam[], k: number): number {
  const index = phaseHolding(seams, k)
  const phase = phases[index]
  const seam = seams[index]
  if (phase === undefined || seam === undefined) throw new Error(`there is no arrival ${k}`)
  const wanted = minus(plus(decimal(k), HALF), seam.areaFrom)
  let low = 0n
  // One more than the phase has, so that an arrival at its very end is found there.
  let high = floor(times(decimal(phase.duration), { n: NANO, d: 1n })) + 1n
  while (low < high) {
    const middle = (low + high) / 2n
    if (atLeast(areaInto(phase, { n: middle, d: NANO }), wanted)) high = middle
    else low = middle + 1n
  }
  return toNumber(plus(seam.from, { n: low, d: NANO }))
}

// Measurements

/** Nearest rank: the least value that at least `percent` % of the values do not exceed. 0 for none. */
export function percentileOf(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const { n, d } = times(decimal(percent), { n: BigInt(sorted.length), d: 100n })
  const rank = Number((n + d - 1n) / d)
  return sorted[Math.max(rank, 1) - 1] ?? 0
}

/** Counters and samples of frames that may have come twice, in any order: a map by identity, then a plain sum. */
export function mergeOf<
  Frame extends {
    slice: number
    seq: number
    counters: Record<string, number>
    samples: Record<string, readonly number[]>
  },
>(frames: readonly Frame[]): { counters: Record<string, number>; samples: Record<string, number[]> } {
  const different = new Map(frames.map((frame) => [`${frame.slice}/${frame.seq}`, frame]))
  const counters: Record<string, number> = {}
  const samples: Record<string, number[]> = {}
  for (const frame of different.values()) {
    for (const [name, value] of Object.entries(frame.counters)) counters[name] = (counters[name] ?? 0) + value
    for (const [name, values] of Object.entries(frame.samples)) samples[name] = [...(samples[name] ?? []), ...values]
  }
  return { counters, samples }
}
