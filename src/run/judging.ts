/** The script's own thresholds on a run that is over: on all that was measured, or on every span of it. */
import { Totals } from '../measure/merge.ts'
import { foldSpans } from '../measure/series.ts'
import { Spans } from '../measure/spans.ts'
import { isRelative, judgeOf, type OwnThreshold } from '../measure/thresholds.ts'
import type { Judged } from '../measure/verdict.ts'
import { DUST } from '../plan/profile.ts'
import type { Seconds } from '../units.ts'
import type { RunState } from './state.ts'

/** How long the load lasted. */
export const loadOf = ({ profile, endedAt }: RunState): Seconds =>
  Math.max(1, Math.floor(Math.min(profile.duration, endedAt ?? profile.duration)))

/** Whether the load was on for all of a second: neither over, nor told to end, nor paused by the script or by a person. */
export function isOn({ profile, endedAt }: Pick<RunState, 'profile' | 'endedAt'>, second: number): boolean {
  if (endedAt !== null && second + 1 > endedAt) return false
  const covered = profile.pieces
    .filter(({ curve }) => curve.startRate > 0 || curve.endRate > 0)
    .map(({ from, duration }) => Math.max(0, Math.min(second + 1, from + duration) - Math.max(second, from)))
    .reduce((sum, part) => sum + part, 0)
  return covered >= Math.min(1, profile.duration) - DUST
}

export function judgeOwn(
  thresholds: readonly OwnThreshold[],
  state: RunState,
  frames: () => Iterable<Uint8Array>,
): Judged[] {
  const spanning = thresholds.filter(({ span }) => span !== null)
  const judged = spanning.length === 0 ? [] : overSpans(spanning, state, frames())
  return thresholds.map((threshold) => {
    const found = judged[spanning.indexOf(threshold)]
    return found ?? overRun(threshold, state)
  })
}

/** Also a threshold of a span that never came about: the load was never on for so long. */
function overRun(threshold: OwnThreshold, state: RunState): Judged {
  const { said, strict, span } = threshold
  const { ok, measured, observed } = judgeOf(threshold).judge(state.totals, loadOf(state))
  const judged = { said, strict, at: null, relative: isRelative(threshold) }
  if (span === null || state.endedAt === null) return { ...judged, ok: ok && measured, observed }
  // A run that ended early has only not come to it.
  return { ...judged, ok: false, observed: Object.fromEntries(Object.keys(observed).map((name) => [name, null])) }
}

function overSpans(
  thresholds: readonly OwnThreshold[],
  state: RunState,
  frames: Iterable<Uint8Array>,
): (Judged | null)[] {
  const spans = new Spans(thresholds, Math.max(1, Math.floor(state.profile.duration)))
  const nothing = new Totals()
  let next = 0
  const add = (totals: Totals): void => void spans.second(totals, isOn(state, next++))
  foldSpans(frames, [
    {
      startOf: (second) => Math.max(0, second),
      visit(second, totals) {
        while (next < second) add(nothing)
        add(totals)
      },
    },
  ])
  while (next < loadOf(state)) add(nothing)
  return spans.judged()
}
