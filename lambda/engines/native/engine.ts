/**
 * The native HTTP engine: the scenarios of a script whose every feature it is proven to carry, compiled once, over sockets of its own.
 * What it sends, captures and counts is what Artillery's engine would; test/differential holds the two against each other.
 */
import { CookieJar } from 'artillery-upstream/cookies'
import type { Context } from 'artillery-upstream/step'
import { isObject } from '../../../src/scenario/objects.ts'
import type { Millis } from '../../../src/units.ts'
import { contextFor, type Env } from '../context.ts'
import { failureOf, recorded, unrecorded } from '../emitted.ts'
import type { Loaded, Scenarios } from '../engine.ts'
import type { Plugged } from '../plugins.ts'
import { jitterOf } from '../think.ts'
import { Addresses } from './address.ts'
import { Agent, Transport } from './agent.ts'
import { AFTER, BEFORE, ON_ERROR } from './by-endpoint.ts'
import { type Compiling, type Spec, stepsOf, tracing } from './compile.ts'
import { HttpCounts } from './count.ts'
import { type Shared, type Step, User, type UserContext } from './flow.ts'
import { lowCase } from './maker.ts'
import { tlsOf } from './tls.ts'

const USER_AGENT = 'Artillery (https://artillery.io)'
/** Of Artillery, to an answer's headers. */
const TIMEOUT: Millis = 10_000
/** Its connections give up after so long a silence, or after the timeout, if that is longer. */
const INACTIVITY: Millis = 8_000

type Config = Spec & { http?: Spec & { defaults?: Spec }; defaults?: Spec }

/** The scenarios that `only` names, by their numbers. */
/** `log` writes to the worker's log. */
export type Around = { env: Env; log: (...words: unknown[]) => void }

export function nativeScenarios(
  loaded: Loaded,
  plugged: Plugged,
  only: readonly number[],
  { env, log }: Around,
): Scenarios {
  const { script, recorder, now, targets } = loaded
  const config = plugged.config as Config
  const shared: Shared = { recorder, now, over: false }
  const transport = new Transport({ now, inactivity: inactivityOf(config), targets })
  const events = recorded(recorder, () => false)
  const apart = unrecorded()
  const general: General = { ...generalOf(loaded, plugged), log }
  const compiled: Compiled[] = []
  for (const scenario of only) {
    compiled[scenario] = compiledOf(plugged.specs[scenario] as Spec, nameOf(loaded, scenario), general)
  }
  const most = config.http?.pool
  const pool = most === undefined ? null : new Agent(transport, Number(most) || Number.POSITIVE_INFINITY)
  const context = contextFor(loaded, env)
  const opened = contexts(config)
  return {
    run(vu, ended) {
      const { steps, hasCode } = compiled[vu.scenario] as Compiled
      const agent = pool ?? new Agent(transport, 1)
      const isApart = script.warmUp.includes(vu.phase)
      const user: User = new User({
        ...{ vu, shared, agent, apart: isApart, events: isApart ? apart : events, steps },
        context: opened(context(vu, plugged.specs[vu.scenario], hasCode), hasCode),
        ended(end, error) {
          if (pool === null) agent.close()
          if (end === 'failed') user.events.emit('error', codeOf(error))
          if (end === 'failed' && !isApart) {
            const { endpoint, status } = user
            recorder.failure(
              failureOf(error, { scenario: nameOf(loaded, vu.scenario), endpoint, status, arrival: vu.k }),
            )
          }
          ended(end)
        },
      })
      user.resume()
    },
    quit() {
      shared.over = true
      transport.isStopped = true
    },
    async close() {
      transport.close()
    },
  }
}

/** As Artillery counts it. */
function codeOf(error: unknown): unknown {
  const { code, message } = Object(error) as { code?: unknown; message?: unknown }
  return code || message
}

const nameOf = ({ script }: Loaded, scenario: number): string => script.scenarios[scenario]?.name ?? String(scenario)

/** `hasCode`: whether the user's code, or a plugin's, runs in it and may look at everything; conditions are such code. */
type Compiled = { steps: Step[]; hasCode: boolean }
const CODE = /"(?:function|ifTrue|whileTrue|onError|(?:before|after)(?:Request|Response|Scenario))":/

function compiledOf(spec: Spec, scenario: string, general: General): Compiled {
  const names = (key: string): unknown[] => [spec[key] ?? []].flat()
  const hooks = {
    beforeRequest: names('beforeRequest'),
    afterResponse: names('afterResponse'),
    onError: names('onError'),
  }
  const written = JSON.stringify(spec, (key, value) => (isOwnHook(key, value) ? undefined : value))
  return { steps: stepsOf(spec, { ...general, scenario, hooks }), hasCode: CODE.test(written) }
}

/** What metrics-by-endpoint, which is always there, puts into a scenario. */
const isOwnHook = (key: string, value: unknown): boolean =>
  OWN.get(key) !== undefined && [value].flat().every((name) => name === OWN.get(key))
const OWN = new Map([
  ['beforeRequest', BEFORE],
  ['afterResponse', AFTER],
  ['onError', ON_ERROR],
])

type General = Omit<Compiling, 'scenario' | 'hooks'>

function generalOf({ script, recorder }: Loaded, { config: given, functions, options }: Plugged): Omit<General, 'log'> {
  const config = given as Config
  const { http = {}, defaults: old = {} } = config
  const defaults = http.defaults ?? {}
  const cookie = defaults.cookie || old.cookie
  const https = isObject(config.tls) ? config.tls : {}
  return {
    ...{ recorder, functions, https, warmUp: script.warmUp, strict: script.strict, target: script.target },
    http: new HttpCounts(recorder, http.extendedMetrics === true),
    addresses: new Addresses(script.target, tlsOf(https)),
    timeout: Number(config.timeout || http.timeout || TIMEOUT / 1000) * 1000,
    defaultHeaders: lowCase(defaults.headers || old.headers || { 'user-agent': USER_AGENT }),
    defaultCookie: isObject(cookie) ? cookie : null,
    jitter: jitterOf(config),
    trace: tracing(http.distributedTracing),
    byEndpoint: isObject(options['metrics-by-endpoint']) ? options['metrics-by-endpoint'] : null,
    jarOf({ context }) {
      context._jar ??= new CookieJar(null, http.cookieJarOptions ?? {})
      return context._jar
    },
  }
}

/** A context as Artillery's HTTP engine opens it. */
function contexts({ http = {}, defaults = {} }: Config): (context: Context, hasCode: boolean) => UserContext {
  const cookie = http.defaults?.cookie || defaults.cookie
  const isStrict = http.defaults?.strictCapture !== false && defaults.strictCapture !== false
  const preset = isObject(cookie) ? { _defaultCookie: cookie } : {}
  return (context, hasCode) => ({
    ...context,
    _successCount: 0,
    _defaultStrictCapture: isStrict,
    _jar: hasCode ? new CookieJar(null, http.cookieJarOptions ?? {}) : null,
    _enableCookieJar: isObject(cookie),
    ...preset,
    _httpAgent: null,
    _httpsAgent: null,
  })
}

function inactivityOf({ timeout, http }: Config): Millis {
  const seconds = timeout || http?.timeout
  return typeof seconds === 'number' ? Math.max(INACTIVITY, seconds * 1000) : INACTIVITY
}
