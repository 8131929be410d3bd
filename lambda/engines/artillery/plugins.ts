/**
 * The plugins of Artillery that work inside a worker: they add hooks to scenarios and functions to the processor. `ensure`
 * is judged on the merged fleet, by the conductor.
 */
import { EventEmitter } from 'node:events'
import { type PluginInstance, type PluginScript, pluginIn } from '../../../src/scenario/plugin.ts'
import type { WorkerScript } from '../../../src/wire/start.ts'
import { type Modules, placeIn, ScriptFault } from '../../parts.ts'

const known: Record<string, () => Promise<Record<string, unknown>>> = {
  'metrics-by-endpoint': () => import('artillery-upstream/plugin_metrics'),
  expect: () => import('artillery-upstream/plugin_expect'),
  apdex: () => import('artillery-upstream/plugin_apdex'),
  'fake-data': () => import('artillery-upstream/plugin_fake'),
}

/** Artillery always loads this one. */
const always = { 'metrics-by-endpoint': { suppressOutput: true, stripQueryString: true } }

/** The plugins' own halves in this worker, in the order in which the script names them. */
export async function applyPlugins(
  script: PluginScript,
  modules: Modules['plugin'],
  { source, environment }: WorkerScript,
): Promise<PluginInstance[]> {
  const { config } = script
  config.plugins = { ...always, ...config.plugins }
  // `config.apdex` is the plugin's other place.
  if (config.apdex !== undefined) config.plugins.apdex ??= config.apdex
  const options = { environment, scriptPath: source.file, absoluteScriptPath: source.file }
  const instances: PluginInstance[] = []
  for (const name of Object.keys(config.plugins)) {
    // What plugins hear of the run, they hear at the conductor; the hooks that they add get the engine's own emitter.
    const events = new EventEmitter()
    const module = modules.get(name) ?? (await known[name]?.())
    if (!module) continue
    instances.push(named(`the plugin "${name}"`, () => pluginIn(module).make(script, events, options)))
  }
  return instances
}

/** What the user's code throws while it is made, with whose code it is. */
export function named<T>(what: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error))
    throw new ScriptFault(`${what}: ${cause.name}: ${cause.message}`, placeIn(cause.stack ?? ''))
  }
}
