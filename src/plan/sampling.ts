/**
 * A monitoring round as phases: each scenario `size` times, with a pause before each time. The pauses are drawn from the run's seed, evenly
 * within `pauseVariance` around their average:
 *
 *   pause 1 | one of each scenario within a second | pause 2 | one of each …
 *
 * The k-th arrival is that of scenario k mod their number. The keys are serverless-artillery's, which paused for each scenario by itself.
 */
import type { Seconds, Seed } from '../units.ts'
import { stream, uniform } from './choose.ts'
import type { Phase } from './profile.ts'

/** `errorBudget`: how many errors a round may have. `warningThreshold`: a share of what the script lets a run last. */
export type Sampling = {
  size: number
  averagePause: Seconds
  pauseVariance: Seconds
  errorBudget: number
  warningThreshold: number
}

/** One of each scenario, spread over it. */
const SPREAD: Seconds = 1
/** No phase is shorter. */
const LEAST: Seconds = 0.001

export const samplePhases = (sampling: Sampling, scenarios: number, seed: Seed): Phase[] =>
  Array.from({ length: sampling.size }, (_, i): Phase[] => [
    { name: `pause ${i + 1}`, duration: pauseBefore(sampling, i, seed), load: { kind: 'pause' }, maxVusers: null },
    { name: `samples ${i + 1}`, duration: SPREAD, load: { kind: 'count', arrivals: scenarios }, maxVusers: null },
  ]).flat()

/** In whole milliseconds. */
function pauseBefore({ averagePause, pauseVariance }: Sampling, i: number, seed: Seed): Seconds {
  const drawn = averagePause + pauseVariance * (2 * uniform(seed, i, stream.pause) - 1)
  return Math.max(LEAST, Math.round(drawn * 1000) / 1000)
}

/** The longest that the draws can make a round. */
export const longestRound = ({ size, averagePause, pauseVariance }: Sampling): Seconds =>
  size * (averagePause + pauseVariance + SPREAD)
