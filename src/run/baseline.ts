/** An earlier run that this one is compared with: its numbers, and what the metrics of relative thresholds were there. */
import { usageErrors } from '../errors.ts'
import { type EndpointExchanges, type Exchanges, endpointsOf, exchanges } from '../measure/exchanges.ts'
import { baselineOf, isRelative, type OwnThreshold, type Selection, type Threshold } from '../measure/thresholds.ts'
import type { Plan } from '../plan/plan.ts'
import type { Profile } from '../plan/profile.ts'
import { loadOf } from './judging.ts'
import type { RunRecord } from './record.ts'

/** What is kept of it. */
export type Baseline = { id: string } & Exchanges & { endpoints: EndpointExchanges[] }

export const numbersOf = ({ id, state: { totals } }: RunRecord): Baseline => ({
  id,
  ...exchanges(totals, null),
  endpoints: endpointsOf(totals),
})

/** The number of a phase that the other run has not. */
const NOWHERE = '-1'

/** Throws a UsageError when one has nothing to compare with, or an earlier run nothing that it is compared with. */
export function withBaseline(
  thresholds: readonly Threshold[],
  { profile }: Plan,
  baseline: RunRecord | null,
): Threshold[] {
  return thresholds.map((threshold) => {
    if (!isRelative(threshold)) return threshold
    if (baseline === null) throw usageErrors.noBaseline(threshold.said)
    const { state, id } = baseline
    const there: OwnThreshold = { ...threshold, select: selectIn(state.plan.profile, profile, threshold.select) }
    const value = there.select?.value === NOWHERE ? null : baselineOf(there, state.totals, loadOf(state))
    if (value === null) throw usageErrors.baselineUnmeasured(id, threshold.said)
    return { ...threshold, baseline: value }
  })
}

/** Phases are known by their numbers, and compared by their names; one that is not there has measured nothing. */
function selectIn(there: Profile, here: Profile, select: Selection | null): Selection | null {
  if (select?.dimension !== 'phase') return select
  const name = here.pieces[Number(select.value)]?.name
  return { dimension: 'phase', value: String(there.pieces.findIndex((piece) => piece.name === name)) }
}
