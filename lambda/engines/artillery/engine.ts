/**
 * Artillery's own HTTP engine, driven by our dispatcher and measured by our recorder. It gives the requests, captures
 * and errors that Artillery gives; when virtual users start, and what is timed from where, is ours.
 */
import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { dirname } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import * as engineUtil from 'artillery-upstream/engine_util'
import type { Context, Run } from 'artillery-upstream/step'
import { installGlobal, type Said } from '../../../src/scenario/global.ts'
import { cleanUp, type PluginInstance, type PluginScript } from '../../../src/scenario/plugin.ts'
import type { Millis } from '../../../src/units.ts'
import type { Engine, Loaded, Vu, VuEnd } from '../engine.ts'
import { Observer } from './observe.ts'
import { applyPlugins, named } from './plugins.ts'
import { type StepTimes, StoppedError, untimed } from './steps.ts'
import { HOOK, TimedHttpEngine } from './timed.ts'
import { warmUp } from './warm.ts'

/** `said` hears what the user's code says of the run, from its loading on: the engine is made before that. */
export function artilleryEngine(run: string, env: Record<string, string | undefined>, said: Said): Engine {
  installGlobal(run, said, { util: { template: engineUtil.template } })
  let observer: Observer | null = null
  let plugins: readonly PluginInstance[] = []
  let closed: () => Promise<void> = async () => {}
  return {
    async load(loaded) {
      await warmUp(env, loaded.now)
      const [events, apart] = [new EventEmitter(), new EventEmitter()]
      observer = new Observer(loaded, events, apart)
      const { script, specs, instances } = await pluggedIn(loaded, observer)
      plugins = instances
      const { engineOf, allClosed } = engines(script, loaded, { times: observer, events })
      closed = allClosed
      const { warmUp: warmUpPhases } = loaded.script
      const run: Run[] = []
      const warm: Run[] = []
      for (const spec of specs) {
        const engine = await engineOf(spec)
        run.push(engine.createScenario(withHook(spec), events))
        if (warmUpPhases.length > 0) warm.push(engine.createScenario(withHook(spec), apart))
      }
      const context = contextFor(loaded, env)
      return (vu) =>
        runVu(
          vu,
          warmUpPhases.includes(vu.phase) ? warm : run,
          context({ ...vu, spec: specs[vu.scenario] }),
          observer as Observer,
        )
    },
    async hook(loaded, name, own) {
      const spec = structuredClone(loaded.script.hooks[name] ?? { flow: [] })
      // What fails ends the flow too, and is told then.
      const events = new EventEmitter().on('error', () => {})
      const { engineOf, allClosed } = engines(() => hookScript(loaded), loaded, {
        times: untimed(loaded.script.strict),
        events,
      })
      const engine = await engineOf(spec)
      const context = contextFor(loaded, env)({ ...own, spec })
      const run = engine.createScenario(spec, events)
      await new Promise<void>((resolve, reject) => {
        started(
          run(context, (error) => (error ? reject(error) : resolve())),
          reject,
        )
      })
      await allClosed()
      return kept(context.vars, fixedFor(loaded, env))
    },
    quit: () => observer?.quit(),
    async close() {
      await closed()
      observer?.close()
      await cleanUp(plugins, said.log)
    },
  }
}

/** What a flow has set: not what every worker has by itself, and nothing that JSON cannot carry. */
function kept(vars: Record<string, unknown>, fixed: Record<string, unknown>): Record<string, unknown> {
  const own = Object.entries(vars).filter(([name]) => name !== '$uuid' && !Object.hasOwn(fixed, name))
  return JSON.parse(JSON.stringify(Object.fromEntries(own))) as Record<string, unknown>
}

function runVu(vu: Vu, scenarios: readonly Run[], context: Context, observer: Observer): Promise<VuEnd> {
  const run = scenarios[vu.scenario] as (typeof scenarios)[number]
  observer.begin(context._uid, vu)
  return new Promise((resolve, reject) => {
    const end = (error: unknown): void => {
      observer.end(context._uid, error)
      resolve(error instanceof StoppedError ? 'unfinished' : error ? 'failed' : 'completed')
    }
    started(run(context, end), reject)
  })
}

/** The HTTP engine's scenarios are asynchronous, and reject with what their hooks throw; the others' are not. */
const started = (running: unknown, reject: (error: unknown) => void): void => {
  if (running instanceof Promise) running.catch(reject)
}

type AnyEngine = {
  createScenario(spec: Record<string, unknown>, events: EventEmitter): Run
  init?(): Promise<void>
  /** When the connections of virtual users that have ended are closed. */
  closed?(): Promise<void>
}
type Script = { config: Record<string, unknown> }

/** Each engine is loaded when a scenario wants it, once. The engine adds to the script it gets, so it gets its own. */
function engines(
  script: () => Script,
  { now, modules }: Loaded,
  { times, events }: { times: StepTimes; events: EventEmitter },
): { engineOf: (spec: Record<string, unknown>) => Promise<AnyEngine>; allClosed: () => Promise<void> } {
  const make: Record<string, () => Promise<AnyEngine>> = {
    http: async () => new TimedHttpEngine(script(), now, times),
    ws: async () => new (await import('./sockets.ts')).TimedWsEngine(script(), now, times),
    socketio: async () => new (await import('./sockets.ts')).TimedSocketIoEngine(script(), now, times),
  }
  const made = new Map<string, Promise<AnyEngine>>()
  const start = async (name: string): Promise<AnyEngine> => {
    const module = modules.engine.get(name)
    const engine = module ? timedFrom(name, module, { script, times, events }) : await make[name]?.()
    if (!engine) throw new Error(`there is no engine "${name}"`)
    await engine.init?.()
    return engine
  }
  return {
    engineOf({ engine = 'http' }) {
      const name = String(engine)
      const known = made.get(name) ?? start(name)
      made.set(name, known)
      return known
    },
    async allClosed() {
      const all = Promise.all([...made.values()].map(async (engine) => (await engine).closed?.()))
      // A peer that never closes its side must not hold the worker.
      await Promise.race([all, setTimeout(CLOSING)])
    },
  }
}

const CLOSING: Millis = 1_000

/** Nobody can say what a step of an engine from npm is: its whole session is the one exchange, timed from when it was due. */
function timedFrom(
  name: string,
  module: Record<string, unknown>,
  { script, times, events }: { script: () => Script; times: StepTimes; events: EventEmitter },
): AnyEngine {
  const Module = (module.default ?? module) as new (script: Script, events: EventEmitter, util: object) => AnyEngine
  const engine = named(`the engine "${name}"`, () => new Module(script(), events, engineUtil))
  return {
    // Artillery waits for it only when it says that it is asynchronous; to wait for anything else is no loss.
    init: async () => engine.init?.(),
    createScenario(spec, ee) {
      const run = engine.createScenario(spec, ee)
      return (context, callback) => {
        const answer = times.asked(context._uid, `${name} session`)
        if (answer === null) return callback(new StoppedError('stopped'), context)
        return run(context, (error, next) => {
          if (!error) answer()
          callback(error, next)
        })
      }
    },
  }
}

/** The script after the plugins have had it: each engine gets a copy of its own, since it adds to what it gets. */
async function pluggedIn(
  loaded: Loaded,
  observer: Observer,
): Promise<{ script: () => Script; specs: Record<string, unknown>[]; instances: PluginInstance[] }> {
  const { config, scenarios } = loaded.script
  const functions: Record<string, unknown> = { ...loaded.functions }
  const script: PluginScript = {
    config: { ...structuredClone(config), plugins: { ...(config.plugins as object) }, processor: functions },
    scenarios: scenarios.map(({ spec }) => structuredClone(spec)),
  }
  const instances = await applyPlugins(script, loaded.modules.plugin, loaded.script)
  const processor = { ...guarded(script.config.processor as Record<string, unknown>), [HOOK]: observer.beforeRequest }
  return { script: () => withProcessor(loaded, processor), specs: script.scenarios, instances }
}

const hookScript = (loaded: Loaded): { config: Record<string, unknown> } =>
  withProcessor(loaded, guarded(loaded.functions))

const withProcessor = (
  { script }: Loaded,
  processor: Record<string, unknown>,
): { config: Record<string, unknown> } => ({
  config: { ...structuredClone(script.config), target: script.target, processor },
})

/** afterResponse and onError take five arguments; what they throw would end the whole worker, not their virtual user. */
const HOOK_ARGUMENTS = 5

function guarded(functions: Record<string, unknown>): Record<string, unknown> {
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

/** Our hook first, so that it sees the URL before the user's hooks and templates change it. */
function withHook(spec: Record<string, unknown>): Record<string, unknown> {
  const own = structuredClone(spec)
  const hooks = own.beforeRequest === undefined ? [] : [own.beforeRequest].flat()
  return { ...own, beforeRequest: [HOOK, ...hooks] }
}

type Env = Record<string, string | undefined>

/** The variables that are the same for all. */
const fixedFor = ({ run, script }: Loaded, env: Env): Record<string, unknown> => ({
  target: script.target,
  $environment: script.environment ?? undefined,
  $processEnvironment: env,
  $env: env,
  $testId: run,
  $dirname: dirname(script.source.file),
  $scenarioFile: script.source.file,
})

/** What Artillery's runner puts into a virtual user's context: data rows and variables come over what `before` has set. */
function contextFor(loaded: Loaded, env: Env): (vu: Pick<Vu, 'vars' | 'random'> & { spec: unknown }) => Context {
  const shared = { ...fixedFor(loaded, env), ...loaded.vars }
  return ({ vars, spec, random }) => {
    const uid = randomUUID()
    const all: Record<string, unknown> = { ...shared, ...vars, $uuid: uid }
    const funcs = { $randomNumber: randomNumber(random), $randomString: randomString(random) }
    return {
      vars: all,
      funcs: { ...funcs, $template: (input: unknown) => engineUtil.template(input, { vars: all, funcs }) },
      scenario: spec,
      _uid: uid,
      _random: random,
    }
  }
}

/** As Artillery's: from 0 to 1 without arguments, from 0 with one; whole unless a bound is not. */
const randomNumber =
  (random: () => number) =>
  (first?: number, second?: number): number => {
    const bounds = first === undefined ? [0, 1] : [first, second ?? 0]
    const min = Math.min(...bounds)
    const max = Math.max(...bounds)
    return bounds.every(Number.isInteger) ? min + Math.floor(random() * (max - min + 1)) : min + random() * (max - min)
  }

const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const randomString =
  (random: () => number) =>
  (length = 10): string =>
    Array.from({ length }, () => ALPHABET.charAt(Math.floor(random() * ALPHABET.length))).join('')
