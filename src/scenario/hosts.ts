/** The hosts that a script names: its target, and the whole addresses in its flows. What virtual users fill in only they will know. */
import type { Place } from '../errors.ts'
import { allowErrors } from '../target-errors.ts'
import { kindOf } from '../wire/addresses.ts'
import { entryOf, hostIn } from '../wire/targets.ts'
import { fillFrom } from './merge.ts'
import { isObject } from './objects.ts'
import type { Path, Positions } from './positions.ts'
import { requests } from './schema.ts'

export type NamedHost = { host: string; at: Place }

type Named = { path: Path; url: unknown }

/** Each once, where it stands first. `flows`: those that are run. */
export function hostsIn(
  config: { target: string; variables?: Record<string, unknown> | undefined; ws?: unknown },
  flows: readonly { path: Path; flow: readonly unknown[] }[],
  positions: Positions,
): NamedHost[] {
  const { target, variables = {}, ws } = config
  const proxy = isObject(ws) && isObject(ws.proxy) ? ws.proxy.url : undefined
  const named = [
    { path: ['config', 'target'], url: target },
    { path: ['config', 'ws', 'proxy', 'url'], url: proxy },
    ...flows.flatMap(({ path, flow }) => flow.flatMap((step, i) => urlsIn(step, [...path, i]))),
  ]
  const hosts = new Map<string, NamedHost>()
  for (const { path, url } of named) {
    const host = hostIn(typeof url === 'string' ? filled(url, variables) : '')
    if (host !== null && !hosts.has(host)) hosts.set(host, { host, at: positions.of(path) })
  }
  return [...hosts.values()]
}

/** Throws a ScriptError for what is no entry of the list. */
export const allowOf = (written: readonly string[], positions: Positions): string[] =>
  written.map((text, i) => {
    const path = ['config', 'slsart', 'allow', i]
    return allowEntry(text, { from: positions.name(path), at: positions.of(path) })
  })

/** Throws when it is none, or could never hold. */
export function allowEntry(text: string, said: { from: string; at: Place | null }): string {
  const entry = entryOf(text.trim())
  if (entry === null) throw allowErrors.none(text, said)
  if (kindOf(entry) === 'refused') throw allowErrors.never(text, said)
  return entry
}

/** Its beginning, when the script's own variables are all that is in it. */
function filled(url: string, variables: Record<string, unknown>): string {
  const [start = ''] = /^(?:\{\{.*?\}\}|[^/?#{]|\/\/)*/.exec(url) ?? []
  return fillFrom(variables, start) ?? ''
}

function urlsIn(step: unknown, path: Path): Named[] {
  if (!isObject(step)) return []
  const inner = ['loop', 'parallel'].flatMap((key) =>
    Array.isArray(step[key]) ? step[key].flatMap((one, i) => urlsIn(one, [...path, key, i])) : [],
  )
  const own = requests.flatMap((method) => {
    const request = step[method]
    return isObject(request) ? ['url', 'uri'].map((key) => ({ path: [...path, method, key], url: request[key] })) : []
  })
  const { connect } = step
  const target = isObject(connect)
    ? { path: [...path, 'connect', 'target'], url: connect.target }
    : { path: [...path, 'connect'], url: connect }
  return [...inner, ...own, target]
}
