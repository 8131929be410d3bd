/**
 * Every text that a script is made of, in the order in which a later one wins: the script files in turn, the config file,
 * the chosen environment, --target and --insecure, --overrides, --variables, and the plugins of ARTILLERY_PLUGINS. Templates are filled in afterwards.
 */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { scriptErrors, usageErrors } from '../errors.ts'
import type { EngineWish } from './engine.ts'
import { fillTemplates, layOver, mergeOver } from './merge.ts'
import { isObject } from './objects.ts'
import { type Layer, Positions } from './positions.ts'

type Json = Record<string, unknown>

/** `overrides` and `variables` are JSON, as on the command line. */
export type ReadOptions = {
  paths: readonly string[]
  /** Scripts given as text, after those of files; their paths start from the current folder. */
  texts: readonly { from: string; text: string }[]
  /** A file whose `config` comes after the scripts'; its folder is where the processor is looked for. */
  config: string | null
  cwd: string
  env: Record<string, string | undefined>
  target: string | null
  environment: string | null
  overrides: string | null
  variables: string | null
  insecure: boolean
  /** Whether to keep what Artillery does where we mend it. */
  strict: boolean
  /** Whether the script may name files outside its project. */
  outside: boolean
  /** The only scenario to run: its name, or an expression that fits no other's. */
  scenarioName: string | null
  engine: EngineWish
}

/** `raw` is the script with all of them merged; `home` and `configHome` are the folders that its paths start from. */
export type Sources = { raw: Json; positions: Positions; file: string; home: string; configHome: string }

/** Where a script would be that is given as text: what it names is beside it. */
const NO_FILE = 'script.yml'

export async function readSources(options: ReadOptions): Promise<Sources> {
  const { paths, config, cwd, environment } = options
  const overrides = jsonFlag('--overrides', options.overrides)
  const variables = jsonFlag('--variables', options.variables)
  const plugins = jsonFlag('ARTILLERY_PLUGINS', options.env.ARTILLERY_PLUGINS ?? null)
  const read = (name: string): Promise<Layer> => readLayer(name, resolve(cwd, name))
  const layers = [
    ...(await Promise.all(paths.map(read))),
    ...options.texts.map(({ from, text }) => Positions.parse(from, text)),
    ...(config === null ? [] : [await read(config)]),
  ]
  const positions = new Positions(layers, environment, [
    { file: '--overrides', value: overrides },
    { file: '--variables', value: { config: { variables } } },
    { file: 'ARTILLERY_PLUGINS', value: { config: { plugins } } },
    ...(options.target === null ? [] : [{ file: '--target', value: { config: { target: options.target } } }]),
  ])
  const merged = layers.map(({ value }) => value).reduce(mergeOver)
  if (!isObject(merged))
    throw scriptErrors.syntax(positions.of([]), 'a script is a map with `config:` and `scenarios:`')
  if (merged.config === undefined) throw scriptErrors.wrong(positions.of([]), 'script', 'there is no `config:`')
  if (!isObject(merged.config)) throw scriptErrors.wrong(positions.of(['config']), 'config', 'must be a map')
  const set = withFlags(withEnvironment(merged.config, environment, positions), options)
  const over = layOver({ ...merged, config: set }, overrides) as Json & { config: Json }
  const file = resolve(cwd, paths[0] ?? NO_FILE)
  const configHome = dirname(config === null ? file : resolve(cwd, config))
  const given = isObject(over.config.variables) ? over.config.variables : {}
  const own = {
    ...over.config,
    ...(Object.keys(variables).length === 0 ? {} : { variables: { ...given, ...variables } }),
    ...(Object.keys(plugins).length === 0 ? {} : { plugins: { ...(over.config.plugins as Json), ...plugins } }),
  }
  const filled = fillTemplates(
    own,
    {
      env: options.env,
      fixed: {
        ...texts(variables),
        $environment: String(environment ?? undefined),
        $dirname: configHome,
        $scenarioFile: file,
      },
    },
    (name, path) => {
      throw scriptErrors.unsetVariable(positions.of(['config', ...path]), name)
    },
  )
  return { raw: { ...over, config: filled }, positions, file, home: dirname(file), configHome }
}

async function readLayer(name: string, file: string): Promise<Layer> {
  if (/\.[cm]?[jt]s$/.test(name)) {
    const { loadScript } = await import('./code.ts')
    return { file: name, value: await loadScript(file, name) }
  }
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw scriptErrors.missing(name, cause)
  })
  return Positions.parse(name, text)
}

function withEnvironment({ environments, ...base }: Json, environment: string | null, positions: Positions): Json {
  if (environment === null) return base
  const known = isObject(environments) ? environments : {}
  if (!Object.hasOwn(known, environment)) {
    throw scriptErrors.unknownEnvironment(positions.of(['config']), environment, Object.keys(known))
  }
  return mergeOver(base, known[environment] ?? {}) as Json
}

function withFlags(config: Json, { target, insecure }: ReadOptions): Json {
  const tls = isObject(config.tls) ? config.tls : {}
  return {
    ...config,
    ...(target === null ? {} : { target }),
    ...(insecure ? { tls: { ...tls, rejectUnauthorized: false } } : {}),
  }
}

function jsonFlag(flag: string, text: string | null): Json {
  if (text === null) return {}
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw usageErrors.json(flag, text, cause)
  }
  if (!isObject(value)) throw usageErrors.json(flag, text, null)
  return value
}

/** What can stand in a template in config. */
const texts = (variables: Json): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (isObject(value) ? [] : [[name, String(value)]])),
  )
