/**
 * The worker's engine: the script's plugins are applied once, then each scenario goes to the engine that the plan chose for it.
 * What that is, and why, is src/scenario/engine.ts's.
 */
import * as engineUtil from 'artillery-upstream/engine_util'
import { installGlobal, type Said } from '../../src/scenario/global.ts'
import { cleanUp, type PluginInstance } from '../../src/scenario/plugin.ts'
import { artilleryHook, artilleryScenarios } from './artillery/engine.ts'
import type { Env } from './context.ts'
import type { Engine, Scenarios } from './engine.ts'
import { pluggedIn } from './plugins.ts'

/** `said` hears what the user's code says of the run, from its loading on: the engine is made before that. */
export function engineFor(run: string, env: Env, said: Said): Engine {
  installGlobal(run, said, { util: { template: engineUtil.template } })
  let all: Scenarios[] = []
  let plugins: readonly PluginInstance[] = []
  return {
    async load(loaded) {
      const plugged = await pluggedIn(loaded)
      plugins = plugged.instances
      const artillery = await artilleryScenarios(
        loaded,
        plugged,
        loaded.script.scenarios.map((_, i) => i),
        env,
      )
      all = [artillery]
      return artillery.run
    },
    hook: (loaded, name, own) => artilleryHook(loaded, name, own, env),
    quit() {
      for (const scenarios of all) scenarios.quit()
    },
    async close() {
      for (const scenarios of all) await scenarios.close()
      await cleanUp(plugins, said.log)
    },
  }
}
