/**
 * Nothing is lost silently: workers are killed and frozen at random moments of real runs. Their slices go on within seconds, the ledger balances
 * against what the target saw, and no arrival comes twice. The moments are drawn by a seed: `SLSART_CHAOS_SEED` draws others.
 */
import { afterAll, beforeAll, describe, test } from 'vitest'
import { type Blow, holds, trial, WORKERS } from './support/losses.ts'
import { local } from './support/runs.ts'
import { type CountingTarget, startCountingTarget } from './support/target.ts'
import { TRIALS } from './support/trials.ts'

let target: CountingTarget
/** Of all runs. */
const gaps: number[] = []

beforeAll(async () => {
  target = await startCountingTarget()
})
afterAll(async () => {
  const sorted = gaps.toSorted((a, b) => a - b)
  const [median, worst] = [sorted[sorted.length >> 1] ?? 0, sorted.at(-1) ?? 0]
  console.log(`${gaps.length} slices went on after ${Math.round(median)} ms (median), ${Math.round(worst)} ms (worst)`)
  await target.close()
})

/** Numbers from 0 to 1, always the same ones for a seed. */
function chance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** One or two, from before anybody is ready until the drain. */
function blowsOf(seed: number): Blow[] {
  const random = chance(seed * 7_919 + Number(process.env.SLSART_CHAOS_SEED ?? 1))
  for (let i = 0; i < 5; i++) random()
  return Array.from({ length: random() < 0.6 ? 1 : 2 }, () => {
    const kills = random() < 0.6
    const thawsAfter = kills || random() < 0.4 ? null : 1_000 + random() * 8_000
    // Who stands still for good before it is ready is waited for, two minutes.
    const from = !kills && thawsAfter === null ? 'load' : 'launch'
    const after = from === 'load' ? random() * 9_000 : 200 + random() * 11_500
    return { signal: kills ? 'SIGKILL' : 'SIGSTOP', victim: Math.floor(random() * WORKERS), from, after, thawsAfter }
  })
}

const schedules = Array.from({ length: TRIALS === null ? 6 : TRIALS }, (_, i) => i + 1)

// Mostly they wait for the ten seconds of their load. With six at once on two processors, and other files beside them, one slice went on after 5.1 s.
const AT_ONCE = 2
describe.each(schedules.filter((seed) => seed % AT_ONCE === 1))(
  'workers of this machine, killed and frozen',
  (first) => {
    test.concurrent.each(schedules.slice(first - 1, first - 1 + AT_ONCE))('by schedule %i', async (seed) => {
      gaps.push(...(await holds(target, await trial(target, local, blowsOf(seed)))))
    })
  },
)
