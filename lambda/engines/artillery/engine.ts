/**
 * Artillery's own HTTP engine, driven by our dispatcher and measured by our recorder. It gives the requests, captures
 * and errors that Artillery gives; when virtual users start, and what is timed from where, is ours.
 */
import type { EventEmitter } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import * as engineUtil from 'artillery-upstream/engine_util'
import type { Context, Run } from 'artillery-upstream/step'
import type { Millis } from '../../../src/units.ts'
import type { HookName } from '../../../src/wire/start.ts'
import { contextFor, type Env, fixedFor } from '../context.ts'
import { learnCaptures, unrecorded } from '../emitted.ts'
import type { HookRun, Loaded, Scenarios, Vu, VuEnd } from '../engine.ts'
import { guarded, named, type Plugged } from '../plugins.ts'
import { Observer } from './observe.ts'
import { isStop, type StepTimes, StoppedError, untimed } from './steps.ts'
import { HOOK, TimedHttpEngine } from './timed.ts'
import { warmUp } from './warm.ts'

/** The scenarios that `only` names, by their numbers, on Artillery's engine. */
export async function artilleryScenarios(
  loaded: Loaded,
  plugged: Plugged,
  only: readonly number[],
  env: Env,
): Promise<Scenarios> {
  await warmUp(env, loaded.now)
  const observer = new Observer(loaded)
  const processor = { ...plugged.functions, [HOOK]: observer.beforeRequest }
  const { engineOf, allClosed } = engines(() => withProcessor(loaded, processor), loaded, observer)
  const { warmUp: warmUpPhases } = loaded.script
  const run: Run[] = []
  const warm: Run[] = []
  for (const scenario of only) {
    const spec = plugged.specs[scenario] as Record<string, unknown>
    const engine = await engineOf(spec)
    run[scenario] = engine.createScenario(withHook(spec), observer.events)
    if (warmUpPhases.length > 0) warm[scenario] = engine.createScenario(withHook(spec), observer.apart)
  }
  const context = contextFor(loaded, env)
  return {
    run(vu, ended) {
      const scenarios = warmUpPhases.includes(vu.phase) ? warm : run
      const own = context(vu, plugged.specs[vu.scenario])
      runVu(scenarios[vu.scenario] as Run, { vu, context: own, observer, ended })
    },
    quit: () => observer.quit(),
    async close() {
      await allClosed()
      observer.close()
    },
  }
}

/** Runs the script's `before` or `after` once. */
export async function artilleryHook(
  loaded: Loaded,
  name: HookName,
  { stopped, ...own }: HookRun,
  env: Env,
): Promise<Record<string, unknown>> {
  const spec = structuredClone(loaded.script.hooks[name] ?? { flow: [] })
  // What fails ends the flow too, and is told then.
  const events = unrecorded()
  learnCaptures(events, loaded.redactor)
  const isStopped = (): boolean => stopped.aborted
  const times = { ...untimed(loaded.script.strict, isStopped), events }
  const { engineOf, allClosed } = engines(() => withProcessor(loaded, guarded(loaded.functions)), loaded, times)
  const engine = await engineOf(spec)
  const context = contextFor(loaded, env)(own, spec)
  const run = engine.createScenario(spec, events)
  await new Promise<void>((resolve, reject) => {
    stopped.addEventListener('abort', () => reject(new StoppedError('stopped')))
    started(
      run(context, (error) => (error ? reject(error) : resolve())),
      reject,
    )
  })
  await allClosed()
  return kept(context.vars, fixedFor(loaded, env))
}

/** What a flow has set: not what every worker has by itself, and nothing that JSON cannot carry. */
function kept(vars: Record<string, unknown>, fixed: Record<string, unknown>): Record<string, unknown> {
  const own = Object.entries(vars).filter(([name]) => name !== '$uuid' && !Object.hasOwn(fixed, name))
  return JSON.parse(JSON.stringify(Object.fromEntries(own))) as Record<string, unknown>
}

type Started = { vu: Vu; context: Context; observer: Observer; ended: (end: VuEnd) => void }

function runVu(run: Run, { vu, context, observer, ended }: Started): void {
  observer.begin(context._uid, vu)
  const end = (error: unknown): void => {
    observer.end(context._uid, error)
    ended(isStop(error) ? 'unfinished' : error ? 'failed' : 'completed')
  }
  started(run(context, end), () => ended('failed'))
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
  times: StepTimes & { events: EventEmitter },
): { engineOf: (spec: Record<string, unknown>) => Promise<AnyEngine>; allClosed: () => Promise<void> } {
  const make: Record<string, () => Promise<AnyEngine>> = {
    http: async () => new TimedHttpEngine(script(), now, times),
    ws: async () => new (await import('./sockets.ts')).TimedWsEngine(script(), now, times),
    socketio: async () => new (await import('./sockets.ts')).TimedSocketIoEngine(script(), now, times),
  }
  const made = new Map<string, Promise<AnyEngine>>()
  const start = async (name: string): Promise<AnyEngine> => {
    const module = modules.engine.get(name)
    const engine = module ? timedFrom(name, module, { script, times }) : await make[name]?.()
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
  { script, times }: { script: () => Script; times: StepTimes & { events: EventEmitter } },
): AnyEngine {
  const Module = (module.default ?? module) as new (script: Script, events: EventEmitter, util: object) => AnyEngine
  const engine = named(`the engine "${name}"`, () => new Module(script(), times.events, engineUtil))
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

const withProcessor = (
  { script }: Loaded,
  processor: Record<string, unknown>,
): { config: Record<string, unknown> } => ({
  config: { ...structuredClone(script.config), target: script.target, processor },
})

/** Our hook first, so that it sees the URL before the user's hooks and templates change it. */
function withHook(spec: Record<string, unknown>): Record<string, unknown> {
  const own = structuredClone(spec)
  const hooks = own.beforeRequest === undefined ? [] : [own.beforeRequest].flat()
  return { ...own, beforeRequest: [HOOK, ...hooks] }
}
