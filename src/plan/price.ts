/**
 * What a plan costs on Lambda before it runs. Lambda bills a worker from its start to its end:
 *
 *   worker-seconds = Σ over windows of workers × (start + window + drain)
 *   GB-seconds     = worker-seconds × memory / 1,024 MB
 *
 * `low` counts 2 s to start and no drain; `expected` counts the whole start-up allowance, in which workers wait for their
 * window, and the length of one virtual user's session to drain. Beside it the store: a claim and a checkpoint every 30 s are
 * written, the orders are read every second.
 */
import type { Seconds, Usd } from '../units.ts'
import type { Beside } from './preflight.ts'
import { type Arch, FREE, PER_GB_SECOND, PER_INVOCATION, PER_STORE_GET, PER_STORE_PUT, REGIONS } from './prices.ts'
import type { Window } from './slices.ts'

export type Machine = { region: string; arch: Arch; memoryMb: number }

export type Price = {
  gbSeconds: number
  invocations: number
  usd: Usd
  /** If nothing else of the account's month has used the free tier. */
  usdAfterFreeTier: Usd
}

const LEAST_START: Seconds = 2
const CHECKPOINT: Seconds = 30

export const isPriced = ({ region }: Machine): boolean => REGIONS.includes(region)

/** null for a region whose price is not known. */
export function priceOf(
  windows: readonly Window[],
  machine: Machine,
  { startUp, session }: Beside,
): { low: Price; expected: Price } | null {
  if (!isPriced(machine)) return null
  return {
    low: billed(windows, machine, Math.min(LEAST_START, startUp + session)),
    expected: billed(windows, machine, startUp + session),
  }
}

/** The price when each worker lives `beside` seconds outside its window. */
export function billed(windows: readonly Window[], machine: Machine, beside: Seconds): Price {
  let seconds = 0
  let invocations = 0
  for (const { from, to, workers } of windows) {
    seconds += workers * (to - from + beside)
    invocations += workers
  }
  return priceFor(seconds, invocations, machine)
}

/** Of so many workers that live so many seconds together. */
export function priceFor(seconds: Seconds, invocations: number, { arch, memoryMb }: Machine): Price {
  const gbSeconds = (seconds * memoryMb) / 1024
  const store = seconds * PER_STORE_GET + (invocations + seconds / CHECKPOINT) * PER_STORE_PUT
  const compute = (billedGb: number, calls: number): Usd => billedGb * PER_GB_SECOND[arch] + calls * PER_INVOCATION
  return {
    gbSeconds,
    invocations,
    usd: compute(gbSeconds, invocations) + store,
    usdAfterFreeTier:
      compute(Math.max(0, gbSeconds - FREE.gbSeconds), Math.max(0, invocations - FREE.invocations)) + store,
  }
}
