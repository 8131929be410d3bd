/**
 * A script's text to a Script, or a ScriptError with file, line, column and the near key. Reads the script and its
 * data files, nothing else; the processor's code is packed by pack.ts and first runs in a worker.
 */
import { createRequire } from 'node:module'
import { scriptErrors } from '../errors.ts'
import type { EnsureThreshold } from '../measure/ensure.ts'
import { asksFor, type Phase } from '../plan/profile.ts'
import type { Seconds } from '../units.ts'
import { type Choice, chooseEngines } from './engine.ts'
import { ensureSchema, readEnsure } from './ensure.ts'
import { findExtensions } from './extensions.ts'
import { checkFlow } from './flow.ts'
import { allowOf, hostsIn } from './hosts.ts'
import { readLimits } from './limits.ts'
import { fillFrom } from './merge.ts'
import { near, SLIP, SUGGESTION } from './near.ts'
import { notesOn } from './notes.ts'
import { readFeed } from './payload.ts'
import { readPhase } from './phase.ts'
import type { Path, Positions } from './positions.ts'
import { readPrice } from './price.ts'
import { commonRoot, includedFiles, named, type Project, rootOf } from './project.ts'
import { readSampling } from './sampling.ts'
import { actions, knownKeys, scriptSchema } from './schema.ts'
import type { Hook, Scenario, Script } from './script.ts'
import { type ReadOptions, readSources } from './sources.ts'
import { readThresholds } from './thresholds.ts'

/** 31 days. */
const LONGEST_RUN: Seconds = 2_678_400

export async function readScript(options: ReadOptions): Promise<Script> {
  const { raw, positions, file, home, configHome } = await readSources(options)
  refuseKeys(raw, [], knownKeys.script, positions)
  refuseKeys(raw.config as Record<string, unknown>, ['config'], knownKeys.config, positions)
  const { config, scenarios, before, after, _split: split = {}, sampling } = checked(raw, positions)
  if (config.target === undefined || config.target === '') throw scriptErrors.noTarget(positions.of(['config']))
  checkTarget(config.target, positions)

  checkVariables(config.variables ?? {}, positions)

  const phases = readPhases(config, positions)
  const payloads = [config.payload ?? []].flat()
  const project: Project = { root: rootOf(home), outside: options.outside, positions }
  const { cwd, env } = options
  const engines = { fallback: config.engine ?? 'http', own: Object.keys(config.engines ?? {}) }
  const reading = { engines, variables: config.variables ?? {}, strict: options.strict, positions }
  const warmUp = warmUpPhases(config.slsart?.warmup ?? [], phases, positions)
  const read = chosen(
    scenarios.map((spec, i) => readScenario(spec, i, reading)),
    options.scenarioName,
    positions,
  )
  const parts = { phases, warmUp, scenarios: read.map(({ name }) => name) }
  const { target } = config
  const processor = config.processor === undefined ? null : processorOf(config.processor, configHome, project)
  const files = includedFiles(config.includeFiles ?? [], flowsOf({ before, after, scenarios }), home, project)
  const extensions = findExtensions(config, { folder: home, cwd, env, positions })
  const engineOf = chooseEngines({ target, config, extensions, scenarios: read }, options.engine, env)
  const script: Omit<Script, 'notes'> = {
    target,
    phases,
    warmUp,
    scenarios: read.map((scenario, i) => withEngine(scenario, engineOf[i] as Choice, ['scenarios', i], positions)),
    hooks: { before: readHook(before, 'before', reading), after: readHook(after, 'after', reading) },
    feeds: await Promise.all(payloads.map((payload, i) => readFeed(payload, i, home, project))),
    variables: config.variables ?? {},
    config,
    environment: options.environment,
    processor,
    extensions,
    files,
    external: config.bundling?.external ?? [],
    thresholds: [...ensureOf(config, positions), ...readThresholds(config.slsart?.thresholds ?? [], parts, positions)],
    quorum: config.slsart?.quorum ?? 1,
    strict: options.strict,
    wishes: wishesIn(config),
    hosts: hostsIn({ ...config, target }, runFlows(read, { before, after, scenarios }), positions),
    allow: allowOf(config.slsart?.allow ?? [], positions),
    limits: readLimits(config.slsart?.limits ?? {}, checkSplit(split, positions), positions),
    sampling: readSampling(
      { own: config.slsart?.monitoring, theirs: sampling },
      Math.max(1, read.filter(({ weight }) => weight > 0).length),
      positions,
    ),
    account: {
      concurrency: config.slsart?.account?.concurrency ?? null,
      startsPer10s: config.slsart?.account?.startsPer10s ?? null,
    },
    source: {
      file,
      folder: home,
      root: commonRoot(home, [file, ...files, ...(processor === null ? [] : [processor])]),
    },
  }
  if (script.scenarios.every(({ weight }) => weight === 0)) {
    throw scriptErrors.wrong(positions.of(['scenarios']), 'scenarios', 'every weight is 0, so none could ever run')
  }
  return { ...script, notes: notesOn(script) }
}

type Config = ReturnType<typeof checked>['config']

const wishesIn = ({ slsart: { workers, seed, maxCost, price } = {} }: Config): Script['wishes'] => ({
  workers: workers ?? null,
  seed: seed ?? null,
  maxCost: maxCost ?? null,
  price: readPrice(price),
})

/** Without phases one virtual user arrives, as with Artillery. */
function readPhases(
  { phases: written = [{ duration: 1, arrivalCount: 1 }], mode }: Config,
  positions: Positions,
): Phase[] {
  const phases = written.map((phase, i) => readPhase({ mode, ...phase }, i, positions))
  const { arrivals, duration } = asksFor(phases)
  if (arrivals > Number.MAX_SAFE_INTEGER || duration > LONGEST_RUN) {
    const message = `${arrivals} arrivals over ${duration} s: no run is longer than ${LONGEST_RUN} s or has more than 2^53 arrivals`
    throw scriptErrors.wrong(positions.of(['config', 'phases']), 'config.phases', message)
  }
  if (arrivals === 0) {
    throw scriptErrors.wrong(
      positions.of(['config', 'phases']),
      'config.phases',
      'the phases ask for no arrivals at all',
    )
  }
  return phases
}

/** Where it is found may lie elsewhere than what was named: a link has its own end. */
function processorOf(path: string, home: string, project: Project): string {
  const at = ['config', 'processor']
  return named(resolveModule(named(path, home, at, project)), home, at, project)
}

/** As `require` finds a module: by its path, without its extension, or by its folder. */
function resolveModule(path: string): string {
  try {
    return createRequire(path).resolve(path)
  } catch {
    return path
  }
}

/** An unknown key close to a known one is a slip; others are the author's own. */
function refuseKeys(value: Record<string, unknown>, path: Path, known: readonly string[], positions: Positions): void {
  const where = path.length === 0 ? 'the script' : positions.name(path)
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue
    const meant = near(key, known, SLIP)
    if (meant !== null) {
      throw scriptErrors.unknownKey(positions.of([...path, key]), { key, where, allowed: known, near: meant })
    }
  }
}

function checked(raw: Record<string, unknown>, positions: Positions): ReturnType<typeof scriptSchema.parse> {
  const result = scriptSchema.safeParse(raw)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const path = (issue?.path ?? []) as Path
  if (issue?.code === 'unrecognized_keys') {
    const key = issue.keys[0] as string
    const allowed = positions.allowedAt(path)
    throw scriptErrors.unknownKey(positions.of([...path, key]), {
      key,
      where: positions.name(path),
      allowed,
      near: near(key, allowed, SUGGESTION),
    })
  }
  throw scriptErrors.wrong(positions.of(path), positions.name(path), issue?.message ?? 'is not valid')
}

/** serverless-artillery passed unknown keys over; a limit that limits nothing is worse than none. */
function checkSplit(split: Record<string, unknown>, positions: Positions): Record<string, unknown> {
  for (const key of Object.keys(split)) {
    if (knownKeys.split.includes(key)) continue
    const found = { key, where: '_split', allowed: knownKeys.split, near: near(key, knownKeys.split, SUGGESTION) }
    throw scriptErrors.unknownKey(positions.of(['_split', key]), found)
  }
  return split
}

function checkTarget(target: string, positions: Positions): void {
  const url = URL.parse(target)
  if (url === null || !['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol)) {
    throw scriptErrors.wrong(
      positions.of(['config', 'target']),
      'config.target',
      `"${target}" is not an http, https, ws or wss address`,
      'For example: http://127.0.0.1:8080',
    )
  }
}

/** By name; a phase without one cannot be named. */
function warmUpPhases(names: readonly string[], phases: readonly Phase[], positions: Positions): number[] {
  const path = ['config', 'slsart', 'warmup']
  names.forEach((name, i) => {
    if (phases.some((phase) => phase.name === name)) return
    const known = phases.map((phase) => phase.name)
    throw scriptErrors.noPhase(positions.of([...path, i]), name, known, near(name, known, SUGGESTION))
  })
  const warm = phases.flatMap(({ name }, i) => (names.includes(name) ? [i] : []))
  if (warm.length === phases.length) {
    const message = 'every phase is a warm-up, so nothing would be measured'
    throw scriptErrors.wrong(positions.of(path), positions.name(path), message)
  }
  return warm
}

/** Artillery would draw one value for the whole run, without a seed. */
function checkVariables(variables: Record<string, unknown>, positions: Positions): void {
  for (const [name, value] of Object.entries(variables)) {
    if (typeof value !== 'string' || !/\{\{\s*\$\w+\s*\(/.test(value)) continue
    const path = ['config', 'variables', name]
    throw scriptErrors.wrong(
      positions.of(path),
      positions.name(path),
      'functions are not called in config',
      'Write the function where the variable is used: each virtual user draws its own value.',
    )
  }
}

function ensureOf(
  config: { ensure?: unknown; plugins?: Record<string, unknown> | undefined },
  positions: Positions,
): EnsureThreshold[] {
  const path = config.ensure === undefined ? ['config', 'plugins', 'ensure'] : ['config', 'ensure']
  const result = ensureSchema.safeParse(config.ensure ?? config.plugins?.ensure ?? {})
  if (result.success) return readEnsure(result.data, path, positions)
  const issue = result.error.issues[0]
  const at = [...path, ...((issue?.path ?? []) as Path)]
  throw scriptErrors.wrong(positions.of(at), positions.name(at), issue?.message ?? 'is not valid')
}

type Spec = Record<string, unknown> & { name?: string | undefined; engine?: string | undefined }

/** `fallback`: the engine of a scenario that names none. `own`: those under `config.engines`. */
type Reading = {
  engines: { fallback: string; own: readonly string[] }
  variables: Record<string, unknown>
  strict: boolean
  positions: Positions
}

/** A scenario before it is known on which engine it runs. */
type Entry = Omit<Scenario, 'engine' | 'why'>

const withEngine = (entry: Entry, { engine, reason }: Choice, path: Path, positions: Positions): Scenario => ({
  ...entry,
  engine,
  why: { ...reason, at: positions.of('path' in reason ? reason.path : path) },
})

function readScenario(spec: Spec, i: number, { engines, variables, strict, positions }: Reading): Entry {
  const path = ['scenarios', i]
  refuseKeys(spec, path, knownKeys.scenario, positions)
  const own = spec.engine ?? engines.fallback
  const flow = readFlow(spec, own, path, { engines, positions })
  const exact = weightOf(spec.weight, variables)
  const weight = strict ? Math.trunc(exact) : exact
  if (!(weight >= 0 && Number.isFinite(weight))) {
    throw scriptErrors.wrong(
      positions.of([...path, 'weight']),
      positions.name([...path, 'weight']),
      'must be a number ≥ 0, or a template of `config.variables` that comes to one',
    )
  }
  return { name: spec.name ?? String(i), weight, spec: { ...spec, engine: own, flow } }
}

/** A number, or a template of the script's variables that comes to one. */
function weightOf(weight: unknown, variables: Record<string, unknown>): number {
  if (typeof weight !== 'string') return weight === undefined ? 1 : Number(weight)
  const filled = fillFrom(variables, weight)
  return filled === null || filled.trim() === '' ? Number.NaN : Number(filled)
}

function readHook(spec: Spec | undefined, name: string, reading: Reading): Hook | null {
  return spec === undefined ? null : { ...spec, flow: readFlow(spec, spec.engine ?? 'http', [name], reading) }
}

function readFlow(
  spec: Spec,
  engine: string,
  path: Path,
  { engines, positions }: Pick<Reading, 'engines' | 'positions'>,
): unknown[] {
  // Lists inside a flow come from YAML anchors; Artillery flattens them one level.
  const flow = (spec.flow as unknown[]).flat()
  if (Object.hasOwn(actions, engine)) checkFlow(flow, engine, [...path, 'flow'], positions)
  else if (!engines.own.includes(engine)) {
    const known = Object.keys(actions)
    throw scriptErrors.noEngine(positions.of([...path, 'engine']), engine, known, near(engine, known, SUGGESTION))
  }
  return flow
}

type Flows = { before: Spec | undefined; after: Spec | undefined; scenarios: readonly Spec[] }

const flowsOf = ({ before, after, scenarios }: Flows): { path: Path; flow: readonly unknown[] }[] => [
  ...Object.entries({ before, after }).map(([name, spec]) => ({
    path: [name, 'flow'],
    flow: (spec?.flow ?? []) as unknown[],
  })),
  ...scenarios.map(({ flow }, i) => ({ path: ['scenarios', i, 'flow'], flow: flow as unknown[] })),
]

/** Of hooks, and of scenarios that may be chosen. */
const runFlows = (read: readonly Entry[], flows: Flows): ReturnType<typeof flowsOf> =>
  flowsOf({ ...flows, scenarios: flows.scenarios.map((spec, i) => (read[i]?.weight === 0 ? { flow: [] } : spec)) })

/** All, or the one that `name` is the name of or fits as an expression. It keeps its own number: others are never run. */
function chosen(scenarios: Entry[], name: string | null, positions: Positions): Entry[] {
  if (name === null) return scenarios
  const pattern = toPattern(name)
  const fits = scenarios.filter((scenario) => scenario.name === name || pattern?.test(scenario.name))
  if (fits.length !== 1) {
    const names = (list: readonly Entry[]): string[] => list.map((scenario) => scenario.name)
    throw scriptErrors.noScenario(positions.of(['scenarios']), name, names(fits), names(scenarios))
  }
  return scenarios.map((scenario) => ({ ...scenario, weight: scenario === fits[0] ? 1 : 0 }))
}

function toPattern(text: string): RegExp | null {
  try {
    return new RegExp(text)
  } catch {
    return null
  }
}
