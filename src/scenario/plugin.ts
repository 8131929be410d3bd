/** Artillery's plugins as modules: the first kind exports a function, the second a class named Plugin. */
import type { EventEmitter } from 'node:events'
import type { Millis } from '../units.ts'

type Constructor = new (...given: unknown[]) => PluginInstance
export type PluginInstance = { cleanup?: ((done: (problem?: unknown) => void) => unknown) | undefined }

/** A script as plugins see it. They change it: it must be their own. */
export type PluginScript = {
  config: Record<string, unknown> & { plugins: Record<string, unknown> }
  scenarios: Record<string, unknown>[]
}

export type PluginModule = {
  /** Whether it wants its statistics in the shape of Artillery 1. */
  legacy: boolean
  make(script: PluginScript, events: EventEmitter, options: object): PluginInstance
}

/** Throws a TypeError when the module is no plugin. */
export function pluginIn(namespace: Record<string, unknown>): PluginModule {
  const exported = namespace.default ?? namespace
  if (typeof exported === 'function') {
    return { legacy: true, make: (script, events) => new (exported as Constructor)(script.config, events) }
  }
  const holder = [exported as Record<string, unknown>, namespace].find(({ Plugin }) => typeof Plugin === 'function')
  if (holder === undefined) throw new TypeError('it exports neither a function nor a class named Plugin')
  const { Plugin, LEGACY_METRICS_FORMAT } = holder as { Plugin: Constructor; LEGACY_METRICS_FORMAT?: unknown }
  return {
    legacy: LEGACY_METRICS_FORMAT !== false,
    make: (script, events, options) => new Plugin(script, events, options),
  }
}

/** How long all plugins together may take to put away what they hold. */
const PATIENCE: Millis = 10_000

/** Ends plugins, one after the other; what goes wrong with one is told and does not keep the next from it. */
export async function cleanUp(instances: readonly PluginInstance[], log: (problem: unknown) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE)
  })
  for (const plugin of instances) {
    if (typeof plugin?.cleanup !== 'function') continue
    const cleaned = new Promise<void>((resolve, reject) => {
      const running = plugin.cleanup?.((problem) => (problem ? reject(problem) : resolve()))
      if (running instanceof Promise) running.catch(reject)
    })
    await Promise.race([cleaned.catch(log), over])
  }
  clearTimeout(timer)
}
