/**
 * How a monitoring round samples the scenarios: `config.slsart.monitoring`, and serverless-artillery's `sampling`, whose keys
 * mean the same here. Two that contradict each other are refused.
 */
import * as z from 'zod'
import { scriptErrors } from '../errors.ts'
import type { Sampling } from '../plan/sampling.ts'
import type { Path, Positions } from './positions.ts'

/** A round is one worker's, and every sample of it is told step by step. */
const MOST_SAMPLES = 1_000

export const samplingSchema = z.strictObject({
  size: z.int().min(1).max(MOST_SAMPLES).optional(),
  averagePause: z.number().positive().optional(),
  pauseVariance: z.number().min(0).optional(),
  errorBudget: z.int().min(0).optional(),
  warningThreshold: z.number().positive().max(1).optional(),
})

type Written = z.infer<typeof samplingSchema>
type Key = keyof Sampling

/** serverless-artillery's. Of those that would not fit what is written the nearest that does is taken. */
const DEFAULTS: Sampling = { size: 5, averagePause: 0.2, pauseVariance: 0.1, errorBudget: 4, warningThreshold: 0.9 }

const OWN = ['config', 'slsart', 'monitoring']
const THEIRS = ['sampling']

/** `scenarios`: how many may run. */
export function readSampling(
  { own = {}, theirs = {} }: { own: Written | undefined; theirs: Written | undefined },
  scenarios: number,
  positions: Positions,
): Sampling {
  const pathOf = (key: Key): Path => [...(own[key] === undefined ? THEIRS : OWN), key]
  const refuse = (key: Key, message: string): never => {
    throw scriptErrors.wrong(positions.of(pathOf(key)), positions.name(pathOf(key)), message)
  }
  for (const key of Object.keys(DEFAULTS) as Key[]) {
    const [a, b] = [theirs[key], own[key]]
    if (a !== undefined && b !== undefined && a !== b) {
      const [here, there] = [THEIRS, OWN].map((path) => positions.name([...path, key]))
      throw scriptErrors.contradiction(positions.of([...THEIRS, key]), String(here), String(there), [a, b])
    }
  }
  const written = { ...theirs, ...own }
  const { size = DEFAULTS.size, averagePause = DEFAULTS.averagePause, warningThreshold } = written
  const samples = size * scenarios
  const pauseVariance = written.pauseVariance ?? Math.min(DEFAULTS.pauseVariance, averagePause)
  const errorBudget = written.errorBudget ?? Math.min(DEFAULTS.errorBudget, samples - 1)
  if (pauseVariance > averagePause) refuse('pauseVariance', `must not be above averagePause, which is ${averagePause}`)
  if (errorBudget >= samples) {
    refuse('errorBudget', `must be below the ${samples} samples of a round: ${size} of each of ${scenarios} scenarios`)
  }
  return {
    ...{ size, averagePause, pauseVariance, errorBudget },
    warningThreshold: warningThreshold ?? DEFAULTS.warningThreshold,
  }
}
