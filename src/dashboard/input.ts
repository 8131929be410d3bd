/** What a screen follows from: the run's state, what is known beside it, and what the person at the terminal wants to see. */
import type { Totals } from '../measure/merge.ts'
import type { Recent } from '../run/recent.ts'
import type { RunState } from '../run/state.ts'
import type { LiveThresholds } from '../run/thresholds.ts'
import type { Seconds } from '../units.ts'
import type { Mode } from './keys.ts'
import type { Marks } from './marks.ts'
import type { Ui } from './ui.ts'

/** What stays the same in a run. `warmUp`: the numbers of its phases. `baseline`: of the run to compare with. */
export type About = {
  script: string
  target: string
  run: string
  fleet: string
  warmUp: readonly number[]
  baseline: Totals | null
}

/** As much of a run's state as is shown, so that a copy that stands still will do. */
export type Shown = Omit<RunState, 'totals' | 'recent' | 'thresholds'> & {
  totals: Pick<Totals, 'counters' | 'histograms' | 'failures' | 'counter' | 'histogram'>
  recent: Pick<Recent, 'seconds'>
  thresholds: Pick<LiveThresholds, 'now'>
}

type Size = { columns: number; rows: number }
/** `stopping`: whether the run has been told to end, if only a moment ago. */
export type Input = {
  about: About
  state: Shown
  ui: Ui
  size: Size
  marks: Marks
  mode: Mode
  stopping: boolean
  /** How long ago the run was as it is shown; 0 as a rule. */
  behind: Seconds
  /** How a record is played; null while a run goes on. */
  playing: { speed: number; held: boolean } | null
}

/** Without a new frame for so long, what is shown is not what is. */
const STALE: Seconds = 3

/** How old the newest frame is; null while none is expected. */
export function ageOf({ state }: Input): Seconds | null {
  const { at, freshAt, stage } = state
  return stage === 'running' && at > 0 ? at - Math.max(0, freshAt ?? 0) : null
}

export const isStale = (input: Input): boolean => (ageOf(input) ?? 0) > STALE

/** Seconds that one column of a chart stands for. */
export const eachColumn = ({ ui }: Input): Seconds => Math.max(1, Math.round(ui.span / 10))
