/** Warm-up of the native engine: its own code is compiled by the time the first real virtual user comes. */
import { Recorder } from '../../recorder.ts'
import type { Loaded } from '../engine.ts'
import { pluggedIn } from '../plugins.ts'
import { onWarmTarget, WARM_FLOW } from '../warm-target.ts'
import { nativeScenarios } from './engine.ts'

/** Few enough to take a tenth of a second, enough for the compiler to have seen all of it. */
const ROUNDS = 300

export async function warmUp(loaded: Loaded): Promise<void> {
  await onWarmTarget(async (target) => {
    const recorder = new Recorder({ slice: 0, attempt: 1 }, false)
    const spec = { flow: WARM_FLOW }
    const scenarios: Loaded['script']['scenarios'] = [{ name: 'warm-up', weight: 1, spec, engine: 'native' }]
    const script = { ...loaded.script, target, scenarios, warmUp: [], config: {} }
    const own = {
      ...loaded,
      script,
      recorder,
      vars: {},
      functions: {},
      modules: { ...loaded.modules, plugin: new Map() },
    }
    // With the plugin that is always there: without it requests go another way, by which few of a script go.
    const { run, close } = nativeScenarios(own, await pluggedIn(own), [0], { env: {}, log() {} })
    for (let round = 0; round < ROUNDS; round++) {
      const vu = { k: round, phase: 0, due: loaded.now(), started: loaded.now(), scenario: 0 }
      await new Promise<void>((resolve) => {
        run({ ...vu, vars: { a: round }, random: () => 0 }, () => resolve())
      })
    }
    await close()
  })
}
