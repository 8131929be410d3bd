/** The script's own thresholds on a run that is over: on all that was measured, or on every span of it. */

import { Totals } from '../measure/merge.ts'
import { foldSpans } from '../measure/series.ts'
import { Spans } from '../measure/spans.ts'
import { isRelative, judgeOf, type OwnThreshold } from '../measure/thresholds.ts'
import type { Judged } from '../measure/verdict.ts'
import type { Seconds } from '../units.ts'
import type { RunState } from './state.ts'

/** How long the load lasted: nothing can be said of a span in which it was not on. */
export const loadOf = ({ profile, endedAt }: RunState): Seconds =>
  Math.max(1, Math.floor(Math.min(profile.duration, endedAt ?? profile.duration)))

export function judgeOwn(
  thresholds: readonly OwnThreshold[],
  state: RunState,
  frames: () => Iterable<Uint8Array>,
): Judged[] {
  const spans = new Map<OwnThreshold, Judged | null>()
  const spanning = thresholds.filter(({ span }) => span !== null)
  if (spanning.length > 0) {
    const judged = overSpans(spanning, state, frames())
    for (const [i, threshold] of spanning.entries()) spans.set(threshold, judged[i] ?? null)
  }
  return thresholds.map((threshold) => {
    const { said, strict, span } = threshold
    const relative = isRelative(threshold)
    if (span !== null) {
      // Not one span had what it looks at.
      const nothing = {
        said,
        strict,
        ok: false,
        observed: judgeOf(threshold).judge(new Totals(), 1).observed,
        at: null,
      }
      return spans.get(threshold) ?? { ...nothing, relative }
    }
    const { ok, measured, observed } = judgeOf(threshold).judge(state.totals, loadOf(state))
    return { said, strict, ok: ok && measured, observed, at: null, relative }
  })
}

function overSpans(
  thresholds: readonly OwnThreshold[],
  state: RunState,
  frames: Iterable<Uint8Array>,
): (Judged | null)[] {
  const until = loadOf(state)
  const spans = new Spans(thresholds, Math.max(1, Math.floor(state.profile.duration)))
  const nothing = new Totals()
  let next = 0
  const upTo = (second: number): void => {
    for (; next < Math.min(second, until); next++) spans.second(nothing)
  }
  foldSpans(frames, [
    {
      startOf: (second) => Math.max(0, second),
      visit(second, totals) {
        upTo(second)
        if (second >= until) return
        spans.second(totals)
        next++
      },
    },
  ])
  upTo(until)
  return spans.judged()
}
