/** What a run on Lambda cost by what it was billed for, beside what its plan estimated. List prices, without the free tier. */
import { isPriced, priceFor, priceOf } from '../plan/price.ts'
import type { Seconds, Usd } from '../units.ts'
import type { Platform } from './platform.ts'
import { besideOf } from './prepare.ts'
import type { RunState } from './state.ts'

/**
 * In USD; null in a region whose price is not known. `actual` is also null when Lambda has not said of every worker what it bills:
 * `atLeast` is what the others cost. `unknown`: how many of the launched workers these are.
 */
export type Cost = {
  estimated: Usd | null
  actual: Usd | null
  atLeast: Usd | null
  billed: { seconds: Seconds; workers: number; unknown: number }
}

export function costOf({ plan, workers }: RunState, machine: Platform): Cost {
  const launched = workers.flatMap(({ attempts }) => attempts)
  const known = launched.flatMap(({ billed }) => billed ?? [])
  const seconds = known.reduce((sum, millis) => sum + millis, 0) / 1000
  const unknown = launched.length - known.length
  const atLeast = isPriced(machine) ? priceFor(seconds, known.length, machine).usd : null
  return {
    estimated: priceOf(plan.windows, machine, besideOf(plan))?.expected.usd ?? null,
    actual: unknown === 0 ? atLeast : null,
    atLeast,
    billed: { seconds, workers: known.length, unknown },
  }
}
