/** Screens for tests: an input with everything that is not said left as it is in a quiet run of four workers. */
import type { About, Input, Shown } from '../../src/dashboard/input.ts'
import { unicode } from '../../src/dashboard/marks.ts'
import { firstUi, type Order, type Situation, type Ui } from '../../src/dashboard/ui.ts'
import type { OwnThreshold } from '../../src/measure/thresholds.ts'
import { type Epoch, steer } from '../../src/plan/epochs.ts'
import type { RunState } from '../../src/run/state.ts'
import { runOf } from './fleet.ts'

export const threshold = (expression: string, more: Partial<OwnThreshold> = {}): OwnThreshold => ({
  ...{ kind: 'slsart', said: expression, expression, strict: true, select: null, span: null, abort: false },
  ...{ baseline: null, ...more },
})

/** A run with a bit of everything: 40 s in, one worker late, one silent, one lost, some failures and a slow spell. */
export const eventful: RunState = runOf({
  ...{ workers: 12, seconds: 40, late: { 3: 20 }, silent: { 5: 30 }, lost: { 8: 25 } },
  ...{ failing: [22, 23, 24], slow: [28, 29, 30, 31] },
  thresholds: [
    threshold('p99 < 40', { abort: true }),
    threshold('failures / requests < 0.01', { span: 10 }),
    threshold('throughput > 20', { span: 5 }),
  ],
}).state

export const about: About = {
  ...{ script: 'shop.yml', target: 'http://127.0.0.1:8080', run: '20261120-221530-1a2b3c', fleet: 'local' },
  ...{ warmUp: [0], baseline: null },
}

export const inputOf = (
  state: Shown,
  more: Partial<Omit<Input, 'ui' | 'size'>> & {
    ui?: Partial<Ui>
    size?: readonly [columns: number, rows: number]
  } = {},
): Input => {
  const { ui, size: [columns, rows] = [80, 24], ...rest } = more
  return {
    ...{
      about,
      state,
      marks: unicode,
      mode: 'run' as const,
      playing: null,
      stopping: state.endedAt !== null,
      behind: 0,
      ...rest,
    },
    ...{ ui: { ...firstUi, ...ui }, size: { columns, rows } },
  }
}

/** How a run is steered by an order. */
export const steeredBy = (before: Pick<Situation, 'paused' | 'scale'>, order: Order | null): typeof before => {
  if (order?.kind !== 'steer') return before
  const { act } = order
  return {
    paused: act.kind === 'pause' || (act.kind !== 'resume' && before.paused),
    scale: act.kind === 'scale' ? act.scale : before.scale,
  }
}

/** The state as epochs make it. */
export const steered = (state: RunState, ...epochs: Epoch[]): RunState => ({
  ...state,
  epochs,
  profile: steer(state.plan.profile, epochs),
})
