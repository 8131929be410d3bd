/**
 * What a user of Artillery should know of this script before it runs: where its outcome here is not Artillery's, because
 * Artillery is wrong there, and what Artillery does that few expect. The sentences are in report/advice.ts.
 */
import type { Threshold } from '../measure/thresholds.ts'
import { isObject } from './objects.ts'
import type { Script } from './script.ts'

/** `parallel` is Artillery's way and ours; all others are mended here. */
export type Note = 'arrivals' | 'ramps' | 'rows' | 'weights' | 'think' | 'probability' | 'never' | 'parallel'

/** `strict`: `--strict-compat` keeps Artillery's ways, but for arrivals: docs/decisions/003. */
export function notesOn(script: Omit<Script, 'notes'>): Note[] {
  const { phases, scenarios, feeds, thresholds, hooks, strict, config } = script
  const specs = [...scenarios.map(({ spec }) => spec), hooks.before, hooks.after]
  const steps = [...stepsIn(specs.flatMap((spec) => (spec?.flow ?? []) as unknown[]))]
  const rates = phases.flatMap(({ duration, load }) => (load.kind === 'rate' ? [{ duration, ...load }] : []))
  const weighted = scenarios.filter(({ spec }) => spec.weight !== undefined)
  const pool = isObject(config.http) ? config.http.pool : undefined
  const found: Record<Note, boolean> = {
    arrivals: rates.some(
      ({ from, to, duration }) => from === to && countedByArtillery(from, duration) !== from * duration,
    ),
    ramps: rates.some(({ from, to }) => from !== to),
    rows: !strict && weighted.length > 0 && feeds.some(({ order, loadAs }) => order === 'sequence' && loadAs === null),
    weights: !strict && weighted.some(({ weight }) => !Number.isInteger(weight)),
    think: !strict && steps.some(({ think }) => think !== undefined && isFraction(think)),
    probability:
      !strict && steps.some((step) => Object.values(step).some((value) => isObject(value) && 'probability' in value)),
    never: !strict && thresholds.some(isOfRareThings),
    parallel: pool === undefined && steps.some((step) => 'parallel' in step),
  }
  return (Object.keys(found) as Note[]).filter((note) => found[note])
}

/** Its timer ticks in whole microseconds; a fraction of a virtual user a second it cannot do at all. */
const countedByArtillery = (rate: number, duration: number): number =>
  Number.isInteger(rate) ? Math.floor((duration * 1e6) / Math.floor(1e6 / rate)) : Number.NaN

/** What Artillery takes for a number of seconds only when it is whole. */
const isFraction = (think: unknown): boolean =>
  think !== '' && Number.isFinite(Number(think)) && !Number.isInteger(Number(think))

/** A limit on what may well never happen. */
const isOfRareThings = ({ kind, expression }: Threshold): boolean =>
  kind === 'ensure' && /\berrors\.|\.codes\.[345]|\bvusers\.skipped/.test(expression)

function* stepsIn(flow: readonly unknown[]): Generator<Record<string, unknown>> {
  for (const step of flow) {
    if (!isObject(step)) continue
    yield step
    for (const inner of [step.loop, step.parallel]) if (Array.isArray(inner)) yield* stepsIn(inner)
  }
}
