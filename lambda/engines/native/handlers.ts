/**
 * What else happens around a request: the script's and its plugins' hooks. Where there are none but those of metrics-by-endpoint, the
 * request never takes Artillery's shape; where there are, they see what they would see in Artillery.
 */
import { randomUUID } from 'node:crypto'
import { template } from 'artillery-upstream/engine_util'
import { AFTER, BEFORE, ByEndpoint, ON_ERROR } from './by-endpoint.ts'
import type { Compiling } from './compile.ts'
import type { Params } from './draft.ts'
import type { Exchange } from './exchange.ts'
import type { User } from './flow.ts'
import { hookedMaker } from './hooked.ts'
import type { RequestStep } from './request.ts'
import { responseOf } from './response.ts'

export type Handlers = {
  /** Null: the request is sent as it was compiled. */
  before: ((user: User) => void) | null
  /** `held`: whether everything was there that had to be captured or matched. */
  after(exchange: Exchange, held: boolean): void
  /** `request`: as hooks have seen it, null when it came to nothing before. */
  failed(user: User, error: Error & { code: string }, request: Params | null): void
  /** Whether hooks may look at an answer. */
  readAnswer: boolean
}

type Names = readonly unknown[]

export function handlersOf(step: RequestStep): Handlers {
  const { params, compiling } = step
  const { hooks } = compiling
  const all = {
    before: [...hooks.beforeRequest, ...[params.beforeRequest ?? []].flat()],
    after: [...hooks.afterResponse, ...[params.afterResponse ?? []].flat()],
    failed: hooks.onError,
  }
  const own = (names: Names, but: string): boolean => names.some((name) => name !== but)
  const metric = metricOf(step)
  const isPlain = !own(all.before, BEFORE) && !own(all.after, AFTER) && !own(all.failed, ON_ERROR)
  return isPlain && metric !== undefined ? plain(step, metric) : hooked(step, all)
}

/** Null: it is not measured by itself. Undefined: only the plugin knows its name, when it comes to it. */
function metricOf({ params, compiling }: RequestStep): ByEndpoint | null | undefined {
  const { byEndpoint, functions, target, recorder } = compiling
  const name = functions[BEFORE]
  if (byEndpoint === null || typeof name !== 'function' || byEndpoint.groupDynamicURLs === false) return undefined
  const url = String(params.url || params.uri)
  const request: Params = { url: url.startsWith('/') ? target + url : url, name: params.name }
  try {
    name(request, { vars: { target } }, null, () => {})
  } catch {
    return undefined
  }
  const { metricsNamespace } = byEndpoint
  const { defaultName } = request
  if (defaultName === '') return null
  return new ByEndpoint(recorder, String(metricsNamespace || 'plugins.metrics-by-endpoint'), String(defaultName))
}

const plain = (step: RequestStep, metric: ByEndpoint | null): Handlers => ({
  before: null,
  after(exchange, held) {
    if (!exchange.user.apart) metric?.answered(exchange)
    step.finish(exchange, held)
  },
  failed(user, error) {
    if (!user.apart) metric?.failed(error)
    user.fail(error)
  },
  readAnswer: false,
})

function hooked(step: RequestStep, names: { before: Names; after: Names; failed: Names }): Handlers {
  const { compiling } = step
  const make = hookedMaker(step)
  return {
    before(user) {
      const request = requestOf(step, user)
      const call = (hook: Hook, done: Done): unknown => hook(request, user.context, user.events, done)
      inTurn(names.before, { compiling, user, call }, (error) => {
        if (error) user.fail(error)
        else if (user.shared.over) user.stop()
        else step.send(user, request, (sender) => make(sender, request))
      })
    },
    after(exchange, held) {
      const { user, request } = exchange
      const response = responseOf(exchange)
      const call = (hook: Hook, done: Done): unknown => hook(request, response, user.context, user.events, done)
      inTurn(names.after, { compiling, user, call }, (error) => {
        if (error) user.fail(error)
        else step.finish(exchange, held, user.shared.now())
      })
    },
    failed(user, error, request) {
      const call = (hook: Hook, done: Done): unknown => hook(error, request, user.context, user.events, done)
      inTurn(names.failed, { compiling, user, call }, () => user.fail(error))
    },
    readAnswer: names.after.length > 0,
  }
}

/** As hooks see it before it is filled in: what the script says, and the rest. */
const requestOf = ({ params, method, compiling }: RequestStep, user: User): Params => {
  const url = String(params.url || params.uri)
  return {
    ...params,
    url: url.startsWith('/') ? compiling.target + url : url,
    method,
    timeout: compiling.timeout / 1000,
    uuid: randomUUID(),
    ...(user.context._enableCookieJar ? { cookieJar: user.context._jar } : {}),
    https: { ...compiling.https },
  }
}

type Done = (error?: unknown) => void
type Hook = (...given: unknown[]) => unknown
type Turn = { compiling: Compiling; user: User; call: (hook: Hook, done: Done) => unknown }

/** One after the other, until one says what is wrong. An asynchronous one says it by what it resolves to, too, as in Artillery. */
function inTurn(names: Names, turn: Turn, done: Done): void {
  const { compiling, user, call } = turn
  const next = (i: number): void => {
    if (i === names.length) return done()
    let answered = false
    const after: Done = (error) => {
      // Who says twice that he is done would have the request sent twice.
      if (answered) return
      answered = true
      if (error) done(error)
      else next(i + 1)
    }
    try {
      const name = String(template(names[i], user.context))
      const hook = compiling.functions[name]
      if (typeof hook !== 'function') {
        compiling.log(`WARNING: custom function ${name} could not be found`)
        after()
      } else if (hook.constructor.name === 'Function') call(hook as Hook, after)
      else (call(hook as Hook, () => {}) as Promise<unknown>).then(after, after)
    } catch (error) {
      // Behind a hook that answered later nobody else would catch it.
      if (answered) throw error
      after(error)
    }
  }
  next(0)
}
