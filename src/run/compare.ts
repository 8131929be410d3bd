/** Two runs from their records, and whether the later one is worse. */
import { basename } from 'node:path'
import type { ExitCode } from '../errors.ts'
import { type Block, blocksOf, type Cut, groupOf, stretchOf } from '../measure/blocks.ts'
import { type Comparison, compareRuns } from '../measure/compare.ts'
import { uniform } from '../plan/choose.ts'
import { loadOf } from './judging.ts'
import { framesBySecond, framesBySlice } from './log.ts'
import { eventsPath, type RunRecord } from './record.ts'

/** What makes two runs no runs of the same thing. */
export type Difference = {
  what: 'script' | 'target' | 'arrivals' | 'seconds' | 'engine' | 'fleet'
  baseline: string | number
  run: string | number
}

/** `unsure`: those of the two that are inconclusive themselves. */
export type Answer = Comparison & {
  baseline: RunRecord
  run: RunRecord
  effect: number
  differences: Difference[]
  unsure: RunRecord[]
  result: 'regression' | 'no-regression' | 'inconclusive'
  exit: ExitCode
}

const EXIT: Record<Answer['result'], ExitCode> = { regression: 14, 'no-regression': 0, inconclusive: 12 }

/** The same two records have the same answer each time. */
const SEED = 0

/** `effect`: what a latency must move by to matter, as a share of the baseline's. */
export function compare(baseline: RunRecord, run: RunRecord, effect: number): Answer {
  const draw = (replicate: number, n: number): number => uniform(SEED, replicate, n)
  const comparison = compareRuns(cutOf(baseline), cutOf(run), { effect, draw })
  const unsure = [baseline, run].filter(({ verdict }) => verdict.result === 'inconclusive')
  const result = resultOf(comparison, unsure)
  return {
    ...comparison,
    baseline,
    run,
    effect,
    differences: differencesOf(baseline, run),
    unsure,
    result,
    exit: EXIT[result],
  }
}

function resultOf({ compared }: Comparison, unsure: readonly RunRecord[]): Answer['result'] {
  if (unsure.length > 0 || compared.length === 0) return 'inconclusive'
  return compared.some(({ answer }) => answer === 'worse') ? 'regression' : 'no-regression'
}

function cutOf({ folder, state }: RunRecord): Cut {
  const events = eventsPath(folder)
  const stretch = stretchOf(loadOf(state))
  const stretches: Block[] = blocksOf(framesBySecond(events), ({ second }) => Math.floor(Math.max(0, second) / stretch))
  const group = groupOf(state.workers.length)
  return { stretches, workers: blocksOf(framesBySlice(events), ({ slice }) => Math.floor(slice / group)) }
}

function differencesOf(baseline: RunRecord, run: RunRecord): Difference[] {
  const [there, here] = [traitsOf(baseline), traitsOf(run)]
  return Object.keys(there).flatMap((key) => {
    const what = key as Difference['what']
    return there[what] === here[what] ? [] : [{ what, baseline: there[what], run: here[what] }]
  })
}

const traitsOf = ({ script, state, engine, fleet }: RunRecord): Record<Difference['what'], string | number> => ({
  ...{ script: basename(script.file), target: script.target, arrivals: state.plan.arrivals },
  ...{ seconds: state.plan.profile.duration, engine, fleet },
})
