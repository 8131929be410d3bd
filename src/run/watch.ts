/** Thresholds that end the load: each second of the fleet is judged as soon as all of it is there, or half a second later without the rest. */
import { readHead } from '../measure/frame.ts'
import { Totals } from '../measure/merge.ts'
import { Spans } from '../measure/spans.ts'
import type { OwnThreshold, Threshold } from '../measure/thresholds.ts'
import type { Seconds } from '../units.ts'
import type { RunState } from './state.ts'

/** How long after a second's end its frames are waited for. */
const GRACE: Seconds = 0.5

/** `threshold`: which of the run's. `at`: the end of the span over which it did not hold. */
export type Tripped = { threshold: number; at: Seconds }

export class ThresholdWatch {
  private readonly spans: Spans
  private readonly indices: number[]
  private readonly open = new Map<number, Totals>()
  private readonly spare: Totals[] = []
  private second = 0

  constructor(thresholds: readonly Threshold[], duration: Seconds) {
    const aborting = thresholds.filter((threshold) => threshold.kind === 'slsart').filter(({ abort }) => abort)
    this.indices = aborting.map((threshold) => thresholds.indexOf(threshold))
    this.spans = new Spans(aborting satisfies OwnThreshold[], Math.max(1, Math.floor(duration)))
  }

  /** A frame of a second that has been judged comes too late to end the load; the verdict looks at it all the same. */
  frame(bytes: Uint8Array): void {
    if (this.indices.length === 0) return
    const second = Math.max(0, readHead(bytes).second)
    if (second < this.second) return
    const totals = this.open.get(second) ?? this.spare.pop() ?? new Totals()
    this.open.set(second, totals)
    totals.add(bytes)
  }

  /** The first threshold that a second which is over by now has tripped. */
  look(state: RunState): Tripped | null {
    if (this.indices.length === 0 || state.t0 === null) return null
    while (this.second < Math.max(1, Math.floor(state.profile.duration)) && isOver(state, this.second)) {
      const totals = this.open.get(this.second) ?? new Totals()
      this.open.delete(this.second++)
      const [tripped] = this.spans.second(totals)
      totals.clear()
      this.spare.push(totals)
      if (tripped !== undefined) return { threshold: this.indices[tripped] as number, at: this.second }
    }
    return null
  }
}

const isOver = ({ at, workers }: RunState, second: number): boolean =>
  at >= second + 1 + GRACE ||
  (at >= second + 1 &&
    workers.every(({ is, condition: { heardOf } }) => is !== 'running' || (heardOf !== null && heardOf >= second)))
