/**
 * The plugins of Artillery that work inside a worker: they add hooks to scenarios and functions to the processor. `ensure`
 * is judged on the merged fleet, by the conductor.
 */
import { EventEmitter } from 'node:events'
import { type PluginInstance, type PluginScript, pluginIn } from '../../src/scenario/plugin.ts'
import type { WorkerScript } from '../../src/wire/start.ts'
import { type Modules, placeIn, ScriptFault } from '../parts.ts'
import type { Loaded } from './engine.ts'

const known: Record<string, () => Promise<Record<string, unknown>>> = {
  'metrics-by-endpoint': () => import('artillery-upstream/plugin_metrics'),
  expect: () => import('artillery-upstream/plugin_expect'),
  apdex: () => import('artillery-upstream/plugin_apdex'),
  'fake-data': () => import('artillery-upstream/plugin_fake'),
}

/** Artillery always loads this one. */
const always = { 'metrics-by-endpoint': { suppressOutput: true, stripQueryString: true } }

/** The script after the plugins have had it. Engines change what they are given: `config` and `specs` are to be cloned by whoever does. */
export type Plugged = {
  config: Record<string, unknown>
  specs: Record<string, unknown>[]
  /** The processor's functions, and those that plugins have added. */
  functions: Record<string, unknown>
  instances: PluginInstance[]
  /** Of each plugin, its options. */
  options: Record<string, unknown>
}

export async function pluggedIn({
  script: { config, scenarios, ...script },
  functions,
  modules,
}: Loaded): Promise<Plugged> {
  const own: PluginScript = {
    config: { ...structuredClone(config), plugins: { ...(config.plugins as object) }, processor: { ...functions } },
    scenarios: scenarios.map(({ spec }) => structuredClone(spec)),
  }
  const instances = await applyPlugins(own, modules.plugin, script)
  return {
    config,
    specs: own.scenarios,
    functions: guarded(own.config.processor as Record<string, unknown>),
    instances,
    options: own.config.plugins,
  }
}

/** The plugins' own halves in this worker, in the order in which the script names them. */
async function applyPlugins(
  script: PluginScript,
  modules: Modules['plugin'],
  { source, environment }: Pick<WorkerScript, 'source' | 'environment'>,
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

/** afterResponse and onError take five arguments; what they throw would end the whole worker, not their virtual user. */
const HOOK_ARGUMENTS = 5

export function guarded(functions: Record<string, unknown>): Record<string, unknown> {
  const guard = (hook: (...given: unknown[]) => unknown) =>
    function guardedHook(...given: unknown[]): unknown {
      try {
        return hook(...given)
      } catch (error) {
        const done = given.at(-1)
        if (given.length !== HOOK_ARGUMENTS || typeof done !== 'function') throw error
        return done(error)
      }
    }
  // Asynchronous functions reject, and the engine hears of that.
  const plain = (value: unknown): value is () => unknown =>
    typeof value === 'function' && value.constructor.name === 'Function'
  return Object.fromEntries(
    Object.entries(functions).map(([name, value]) => [name, plain(value) ? guard(value) : value]),
  )
}
