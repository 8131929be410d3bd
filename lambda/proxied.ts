/**
 * Requests through a proxy: the connection is one to the proxy, and where it goes from there stands in the request. The proxy looks names
 * up by itself, so that they are judged by what they are called.
 */
import { subscribe } from 'node:diagnostics_channel'
import http, { type ClientRequest, type RequestOptions } from 'node:http'
import https from 'node:https'
import { syncBuiltinESMExports } from 'node:module'
import type { LookupFunction } from 'node:net'
import { hostIn, hostOf } from '../src/wire/targets.ts'
import { errorOf, type TargetError } from './targets.ts'

type Judge = (host: string) => TargetError | null
type Ask = (...given: unknown[]) => ClientRequest

/** `judge` says why not to have a proxy connect to a host. */
export function guardProxies(judge: Judge): void {
  subscribe('http.client.request.created', (message) => {
    const { request } = message as { request: ClientRequest }
    const refusal = refusalOf(request, judge)
    if (refusal !== null) request.destroy(errorOf(refusal))
  })
  for (const module of [http, https] as { request: unknown; get: unknown }[]) {
    module.request = guarded(module.request as Ask, judge)
    module.get = guarded(module.get as Ask, judge)
  }
  // Those who have imported them by name get them too.
  syncBuiltinESMExports()
}

/** A request for a tunnel, or for a whole address, says where it goes. */
function refusalOf({ method, path }: ClientRequest, judge: Judge): TargetError | null {
  if (method === 'CONNECT') return judge(hostIn(`http://${path}`) ?? path)
  const host = path.startsWith('/') ? null : hostIn(path)
  return host === null ? null : judge(host)
}

/** An agent that knows of a proxy may write to it before anybody could look at the request. */
const guarded =
  (ask: Ask, judge: Judge): Ask =>
  (...given) => {
    const { host, agent } = askedIn(given)
    const refusal = agent?.proxy === undefined ? null : judge(hostOf(host) ?? host)
    if (refusal === null) return ask(...given)
    const lookup: LookupFunction = (_name, _options, done) => void setImmediate(done, errorOf(refusal), '')
    return ask({ host: 'refused.invalid', agent: false, protocol: null, lookup }, given.findLast(isFunction))
  }

const isFunction = (value: unknown): boolean => typeof value === 'function'

/** As node reads its arguments: a URL or its text, and options over it. */
function askedIn(given: readonly unknown[]): { host: string; agent: { proxy?: unknown } | null } {
  const [first, second] = given
  const url = typeof first === 'string' ? URL.parse(first) : first instanceof URL ? first : null
  const options = Object(url === null ? first : second) as RequestOptions
  const host = options.hostname ?? url?.hostname ?? options.host ?? 'localhost'
  return { host, agent: Object(options.agent) as { proxy?: unknown } }
}
