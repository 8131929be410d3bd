/**
 * The worker's engine: the script's plugins are applied once, then each scenario goes to the engine that the plan chose for it.
 * What that is, and why, is src/scenario/engine.ts's.
 */
import * as engineUtil from 'artillery-upstream/engine_util'
import { installGlobal, type Said } from '../../src/scenario/global.ts'
import { cleanUp, type PluginInstance } from '../../src/scenario/plugin.ts'
import { artilleryHook, artilleryScenarios } from './artillery/engine.ts'
import type { Env } from './context.ts'
import type { Engine, Loaded, RunVu, Scenarios } from './engine.ts'
import { type Around, nativeScenarios } from './native/engine.ts'
import { warmUp } from './native/warm.ts'
import { type Plugged, pluggedIn } from './plugins.ts'

/** `said` hears what the user's code says of the run, from its loading on: the engine is made before that. */
export function engineFor(run: string, env: Env, said: Said): Engine {
  installGlobal(run, said, { util: { template: engineUtil.template } })
  let all: Scenarios[] = []
  let plugins: readonly PluginInstance[] = []
  return {
    async load(loaded) {
      const plugged = await pluggedIn(loaded)
      plugins = plugged.instances
      const runs: RunVu[] = []
      for (const { only, scenarios } of await compiled(loaded, plugged, { env, log: said.log })) {
        all = [...all, scenarios]
        for (const scenario of only) runs[scenario] = scenarios.run
      }
      return (vu, ended) => (runs[vu.scenario] as RunVu)(vu, ended)
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

/** `only`: the scenarios, by their numbers, that these are. */
type Part = { only: number[]; scenarios: Scenarios }

async function compiled(loaded: Loaded, plugged: Plugged, around: Around): Promise<Part[]> {
  const named = (engine: string): number[] =>
    loaded.script.scenarios.flatMap((scenario, i) => (scenario.engine === engine ? [i] : []))
  const [native, artillery] = [named('native'), named('artillery')]
  const parts: Part[] = []
  if (native.length > 0) {
    await warmUp(loaded)
    parts.push({ only: native, scenarios: nativeScenarios(loaded, plugged, native, around) })
  }
  if (artillery.length > 0) {
    parts.push({ only: artillery, scenarios: await artilleryScenarios(loaded, plugged, artillery, around.env) })
  }
  return parts
}
