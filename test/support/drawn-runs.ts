/** Runs by chance, cut into blocks as recorded ones are: with what makes a target slow for a while, and a worker for as long as it lives. */
import { type Block, type Cut, stretchOf } from '../../src/measure/blocks.ts'
import { Histogram } from '../../src/measure/histogram.ts'
import { Dice } from './answers.ts'

/**
 * Latencies are lognormal about `median` (µs), `spread` the deviation of their logarithm. Each second moves all of them by `second`, and
 * keeps `stays` of what moved the one before; each worker its own by `worker`. Once in `stall` seconds they take five times as long and a
 * third of the requests fails; 0: never.
 */
export type Model = {
  seconds: number
  workers: number
  /** Of each worker, a second. */
  rate: number
  median: number
  spread: number
  second: number
  stays: number
  worker: number
  stall: number
}

export const STEADY: Model = {
  ...{ seconds: 60, workers: 4, rate: 10, median: 100_000, spread: 0.4, second: 0, stays: 0, worker: 0, stall: 0 },
}

export class Chance {
  private readonly dice: Dice

  constructor(seed: number) {
    this.dice = new Dice(seed)
  }

  uniform(): number {
    return this.dice.below(2 ** 31) / 2 ** 31
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform())
  }
}

type Part = { latencies: Histogram; failures: number }
const parts = (length: number): Part[] => Array.from({ length }, () => ({ latencies: new Histogram(), failures: 0 }))

export function drawnRun(model: Model, chance: Chance): Cut {
  const { seconds, workers, rate, median, spread, second, stays, worker, stall } = model
  const length = stretchOf(seconds)
  const stretches = parts(Math.ceil(seconds / length))
  const fleet = parts(workers)
  const own = fleet.map(() => worker * chance.normal())
  let level = second * chance.normal()
  for (let at = 0; at < seconds; at++) {
    level = stays * level + Math.sqrt(1 - stays ** 2) * second * chance.normal()
    const stalls = stall > 0 && chance.uniform() * stall < 1
    const here = stretches[Math.floor(at / length)] as Part
    fleet.forEach((by, n) => {
      for (let i = 0; i < rate; i++) {
        const moved = level + (own[n] as number) + (stalls ? Math.log(5) : 0) + spread * chance.normal()
        const failed = stalls && chance.uniform() < 0.3
        for (const part of [here, by]) {
          if (failed) part.failures++
          else part.latencies.record(Math.round(median * Math.exp(moved)))
        }
      }
    })
  }
  return { stretches: stretches.map(blockOf), workers: fleet.map(blockOf) }
}

function blockOf({ latencies: { counts, lowest, highest, count, max }, failures }: Part): Block {
  const buckets = Array.from({ length: highest - lowest + 1 }, (_, i) => lowest + i).filter((bucket) => counts[bucket])
  const sparse = {
    ...{ buckets: Uint16Array.from(buckets), counts: Float64Array.from(buckets, (bucket) => counts[bucket] ?? 0) },
    ...{ count, max },
  }
  const counters = { requests: count + failures, responses: count, failures }
  return { latencies: new Map([['response', sparse]]), counters: new Map(Object.entries(counters)) }
}
