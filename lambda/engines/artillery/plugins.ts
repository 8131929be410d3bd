/**
 * The plugins of Artillery that work inside a worker: they add hooks to scenarios and functions to the processor. `ensure`
 * is judged on the merged fleet, by the conductor.
 */
import type { EventEmitter } from 'node:events'

type Json = Record<string, unknown>
/** A script as plugins see it. They change it: it must be their own. */
export type PluginScript = { config: Json & { plugins: Json; processor: Json }; scenarios: Json[] }
type Module = { Plugin: new (script: object, events: EventEmitter) => unknown }

const known: Record<string, () => Promise<Module>> = {
  'metrics-by-endpoint': () => import('artillery-upstream/plugin_metrics'),
  expect: () => import('artillery-upstream/plugin_expect'),
  apdex: () => import('artillery-upstream/plugin_apdex'),
  'fake-data': () => import('artillery-upstream/plugin_fake'),
}

/** Artillery always loads this one. */
const always = { 'metrics-by-endpoint': { suppressOutput: true, stripQueryString: true } }

export async function applyPlugins(script: PluginScript, events: EventEmitter): Promise<void> {
  const { config } = script
  config.plugins = { ...always, ...config.plugins }
  // `config.apdex` is the plugin's other place.
  if (config.apdex !== undefined) config.plugins.apdex ??= config.apdex
  for (const name of Object.keys(config.plugins)) {
    const module = await known[name]?.()
    if (module) new module.Plugin(script, events)
  }
}
