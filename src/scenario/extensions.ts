/**
 * Plugins and engines from npm, found where Artillery finds them: in the script's project, among those that come with an
 * Artillery installed there, and in the folders of ARTILLERY_PLUGIN_PATH.
 */
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { scriptErrors } from '../errors.ts'
import { isObject } from './objects.ts'
import type { Path, Positions } from './positions.ts'
import { actions, plugins } from './schema.ts'
import type { Extension } from './script.ts'

type Where = { folder: string; cwd: string; env: Record<string, string | undefined>; positions: Positions }
type Config = {
  plugins?: Record<string, unknown> | undefined
  engines?: Record<string, unknown> | undefined
  pluginsScope?: string | undefined
}

export function findExtensions(config: Config, where: Where): Extension[] {
  const { env } = where
  const found: Extension[] = []
  for (const [name, options] of Object.entries(config.plugins ?? {})) {
    const scope = (isObject(options) ? options.scope : undefined) ?? config.pluginsScope
    if (scope === undefined && plugins.includes(name)) continue
    const module = `${scope ?? 'artillery-plugin-'}${name}`
    const more = (env.ARTILLERY_PLUGIN_PATH ?? '').split(':').filter((folder) => folder !== '')
    const path = find(module, where, more)
    if (path === null) throw notInstalled(['config', 'plugins', name], `the plugin "${name}"`, module, where)
    found.push({ kind: 'plugin', name, path })
  }
  for (const name of Object.keys(config.engines ?? {})) {
    if (Object.hasOwn(actions, name)) continue
    const at = ['config', 'engines', name]
    if (name === 'playwright') throw scriptErrors.browsers(where.positions.of(at))
    const module = `artillery-engine-${name}`
    const path = find(module, where, [])
    if (path === null) throw notInstalled(at, `the engine "${name}"`, module, where)
    found.push({ kind: 'engine', name, path })
  }
  return found
}

const notInstalled = (at: Path, what: string, module: string, { positions }: Where): Error =>
  scriptErrors.notInstalled(positions.of(at), what, module)

/** The file that `require` would load, or null. */
function find(module: string, { folder, cwd }: Where, more: readonly string[]): string | null {
  const homes = [folder, cwd]
  const builtIn = homes.flatMap((home) => {
    const artillery = resolveFrom(home, 'artillery/package.json')
    return artillery === null ? [] : [join(dirname(artillery), 'dist/builtin-packages', module)]
  })
  const tries = [
    ...homes.map((home): [string, string] => [home, module]),
    ...builtIn.map((path): [string, string] => [folder, path]),
    ...more.map((path): [string, string] => [cwd, resolve(cwd, path, module)]),
  ]
  for (const [home, name] of tries) {
    const path = resolveFrom(home, name)
    if (path !== null) return path
  }
  return null
}

function resolveFrom(home: string, name: string): string | null {
  try {
    return createRequire(join(home, 'script.js')).resolve(name)
  } catch {
    return null
  }
}
