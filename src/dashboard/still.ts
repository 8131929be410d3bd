/** What a frozen screen is made from: accumulators go on, so they are copied. */
import { Totals } from '../measure/merge.ts'
import type { RunState } from '../run/state.ts'
import type { Shown } from './input.ts'

export function still(state: RunState): Shown {
  const { counters, histograms, failures } = state.totals
  const totals = new Totals()
  for (const [name, value] of counters) totals.counters.set(name, value)
  for (const [code, failure] of failures) totals.failures.set(code, failure)
  for (const [name, { counts, count, min, max, sum, lowest, highest }] of histograms) {
    Object.assign(totals.histogram(name), { counts: counts.slice(), count, min, max, sum, lowest, highest })
  }
  const workers = [...state.workers]
  return {
    ...state,
    workers,
    totals,
    recent: { seconds: [...state.recent.seconds] },
    thresholds: { now: state.thresholds.now },
  }
}
