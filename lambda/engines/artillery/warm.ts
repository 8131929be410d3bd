/** Warm-up of Artillery's engine. */
import { randomUUID } from 'node:crypto'
import type { Micros } from '../../../src/units.ts'
import type { Env } from '../context.ts'
import { unrecorded } from '../emitted.ts'
import { onWarmTarget, WARM_FLOW } from '../warm-target.ts'
import { untimed } from './steps.ts'
import { TimedHttpEngine } from './timed.ts'

const ROUNDS = 60

export async function warmUp(env: Env, now: () => Micros): Promise<void> {
  // Through a proxy the warm-up would leave this machine.
  if (env.HTTP_PROXY || env.HTTPS_PROXY) return
  await onWarmTarget(async (target) => {
    const engine = new TimedHttpEngine(
      { config: { target, processor: {} } },
      now,
      untimed(false, () => false),
    )
    await engine.init()
    const run = engine.createScenario({ flow: structuredClone(WARM_FLOW) }, unrecorded())
    for (let round = 0; round < ROUNDS; round++) {
      const context = { vars: { target, a: round }, funcs: {}, scenario: {}, _uid: randomUUID(), _random: () => 0 }
      await new Promise<void>((resolve) => void run(context, () => resolve()))
    }
  })
}
