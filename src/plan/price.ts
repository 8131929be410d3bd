/**
 * What a plan costs before it runs. Lambda bills a worker from its start to its end:
 *
 *   worker-seconds = Σ over windows of workers × (start + window + drain)
 *   GB-seconds     = worker-seconds × memory / 1,024 MB
 *
 * `expected` is what one should expect: the first window's workers go as soon as all are ready, those of later windows are launched the
 * whole start-up allowance early, and wait; then one virtual user's session to drain, and what a worker takes to end. `low` is less than a
 * run to its end can cost. Beside it the store: a claim and a checkpoint every 30 s are written, the orders are read every second.
 */
import type { Seconds, Usd } from '../units.ts'
import type { Beside } from './preflight.ts'
import type { Window } from './slices.ts'
import { afterFreeTier, type Tariff } from './tariff.ts'

export type Price = {
  gbSeconds: number
  invocations: number
  usd: Usd
  /** If nothing else of the account's month has used the free tier. */
  usdAfterFreeTier: Usd
}

/** No worker is told to go less than this before T0 (the headstart of the local fleet, and what passes until workers ask). */
const LEAST_START: Seconds = 0.75
/** From a worker's start to T0, when all are launched at once. */
export const FIRST_START: Seconds = 3
/** From a worker's last answer to its end: its last batch, its plugins' ends. */
const LAST_WORDS: Seconds = 0.3
const CHECKPOINT: Seconds = 30

export function priceOf(
  windows: readonly Window[],
  tariff: Tariff,
  { startUp, session }: Beside,
): { low: Price; expected: Price } {
  const least = Math.min(LEAST_START, startUp + session)
  return {
    low: billed(windows, tariff, () => least),
    expected: billed(windows, tariff, (i) => (i === 0 ? FIRST_START : startUp) + session + LAST_WORDS),
  }
}

/** The price when each worker of the i-th window lives `beside(i)` seconds outside it. */
export function billed(windows: readonly Window[], tariff: Tariff, beside: (i: number) => Seconds): Price {
  let seconds = 0
  let invocations = 0
  for (const [i, { from, to, workers }] of windows.entries()) {
    seconds += workers * (to - from + beside(i))
    invocations += workers
  }
  return priceFor(seconds, invocations, tariff)
}

/** Of so many workers that live so many seconds together. */
export function priceFor(seconds: Seconds, invocations: number, tariff: Tariff): Price {
  const { second, start, put, get, gb } = tariff
  const store = seconds * get + (invocations + seconds / CHECKPOINT) * put
  const [paidSeconds, paidStarts] = afterFreeTier(tariff, seconds, invocations)
  return {
    gbSeconds: seconds * gb,
    invocations,
    usd: seconds * second + invocations * start + store,
    usdAfterFreeTier: paidSeconds * second + paidStarts * start + store,
  }
}

/** The most that a run is charged for. */
export type Rates = {
  /** Of each worker: its start, each second of it, and each of those in which it waits for T0. */
  start: Usd
  second: Usd
  waiting: Usd
  /** Each second of the run, however many workers there are. */
  run: Usd
}

/** What a worker asks of the store beside its seconds: its claim, its last batch, that it has ended; and what it is to run. */
const WRITES = 3
const READS = 20
/** Until they are told to go workers look for orders four times a second. */
const LOOKS = 4
/** The conductor writes its orders every 5 s, and when they change; and looks every second whether somebody wants it stopped. */
const ORDERS = 0.25

/** Every request to the store counted that there can be. `batches`: how often workers write theirs. */
export const ratesOf = ({ second, start, put, get }: Tariff, batches: Seconds | null = CHECKPOINT): Rates => ({
  start: start + WRITES * put + READS * get,
  second: second + get + (batches === null ? 0 : put / batches),
  waiting: (LOOKS - 1) * get,
  run: ORDERS * put + get,
})
