/**
 * Everything random hangs on (seed, k): which scenario virtual user k runs, which row it reads, which of a list's
 * values it gets. A pure function, so one worker and a thousand choose the same, with nothing shared between them.
 */
import type { ArrivalIndex, Seed } from '../units.ts'

/** Independent draws for one virtual user; `feed` and `variable` are offset by their position in the script. */
export const stream = { scenario: 0, feed: 0x1000, variable: 0x2000, pause: 0x3000 } as const

/** A uniform number in [0, 1) for (seed, k, draw): 53 bits from two chains of an integer mixer, no state. */
export const uniform = (seed: Seed, k: ArrivalIndex, draw: number): number =>
  ((chain(0x9e3779b9, seed, k, draw) >>> 5) * 67108864 + (chain(0x27d4eb2f, seed, k, draw) >>> 6)) / 9007199254740992

const HIGH = 4294967296

function chain(start: number, seed: Seed, k: ArrivalIndex, draw: number): number {
  let h = mix((seed >>> 0) ^ start)
  h = mix(h ^ Math.floor(seed / HIGH))
  h = mix((h + Math.imul(draw, 0x85ebca6b)) | 0)
  h = mix(h ^ (k >>> 0))
  return mix(h ^ Math.imul(Math.floor(k / HIGH) + 1, 0xc2b2ae35))
}

/** The index of one of `count` equally likely things; 0 when there is at most one. */
export const chooseOne = (count: number, seed: Seed, k: ArrivalIndex, draw: number): number =>
  count > 1 ? Math.floor(uniform(seed, k, draw) * count) : 0

/** The index of the scenario that virtual user k runs. Weights are ≥ 0 with a sum above 0; 0 is never chosen. */
export function chooseScenario(weights: readonly number[], seed: Seed, k: ArrivalIndex): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let rest = uniform(seed, k, stream.scenario) * total
  let last = 0
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i] as number
    if (weight === 0) continue
    if (rest < weight) return i
    rest -= weight
    last = i
  }
  return last // rest rounded up to the total: the last scenario that has a weight
}

/** The data row that virtual user k reads. In sequence, rows go out once across all workers before any repeats. */
export const chooseRow = (
  order: 'sequence' | 'random',
  rows: number,
  { seed, k, feed }: { seed: Seed; k: ArrivalIndex; feed: number },
): number => (order === 'sequence' ? k % rows : chooseOne(rows, seed, k, stream.feed + feed))

/** MurmurHash3's 32-bit finaliser: every input bit reaches every output bit. */
function mix(x: number): number {
  let h = x
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
