/**
 * Which engine runs a scenario, and why. Ours gets those in which everything is inside the proven set: what
 * test/differential holds it to doing as Artillery's engine does. The set is the tables below; what they do not name is
 * the author's own, and no engine looks at it. The sentences are in report/advice.ts.
 */
import type { Place } from '../errors.ts'
import { isObject } from './objects.ts'
import type { Path } from './positions.ts'
import { requests } from './schema.ts'
import type { Scenario, Script } from './script.ts'

export type EngineName = 'artillery' | 'native'
/** `auto`: ours where it is proven, Artillery's where not. */
export type EngineWish = 'auto' | EngineName

/** Of a whole run. */
export type EnginesUsed = EngineName | 'both'

/** What a value has to be. `never`: the key is outside the set, whatever it holds. */
const shapes = {
  never: () => false,
  text: (value: unknown) => typeof value === 'string',
  flag: (value: unknown) => typeof value === 'boolean',
  number: (value: unknown) => Number.isFinite(Number(value)),
  map: isObject,
  'map or list': (value: unknown) => isObject(value) || Array.isArray(value),
} as const
export type Shape = keyof typeof shapes
type Table = Readonly<Record<string, Shape>>

/**
 * `option` and `value`: what stands at the path is outside the set, or is not the shape that is inside. `order`: a request's
 * method is not the first key of its step, and Artillery takes that for the method. `target`: it is no address that requests
 * with a path alone could go to.
 */
export type EngineReason =
  | { kind: 'proven' | 'asked' | 'acceptance' }
  | { kind: 'proxy'; variable: string }
  | { kind: 'engine' | 'plugin'; name: string; path: Path }
  | { kind: 'option' | 'order' | 'target'; path: Path }
  | { kind: 'value'; path: Path; shape: Shape }

/** `at`: where in the script the reason stands. */
export type Why = EngineReason & { at: Place }
export type Choice = { engine: EngineName; reason: EngineReason }

/** The proxies that Artillery reads from the environment, by these names and no others. */
export const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY']

const STEP: Table = { function: 'text', limit: 'number' }

/** A request. What is `never` reaches got as an option, past everything that Artillery's engine sets itself. */
const REQUEST: Table = {
  ...{ url: 'text', uri: 'text', followRedirect: 'flag' },
  ...{ headers: 'map', cookie: 'map', auth: 'map', qs: 'map' },
  ...{ body: 'text', json: 'map or list', form: 'map', formData: 'map', setContentLengthHeader: 'never' },
  ...{ agent: 'never', allowGetBody: 'never', cookieJar: 'never', decompress: 'never', encoding: 'never' },
  ...{ http2: 'never', https: 'never', maxRedirects: 'never', method: 'never', password: 'never', retry: 'never' },
  ...{ searchParams: 'never', throwHttpErrors: 'never', username: 'never' },
}

/** Headers by which a connection is led, in small letters: node has its own ways with them. */
const HEADERS = new Set(['connection', 'content-length', 'expect', 'te', 'trailer', 'transfer-encoding', 'upgrade'])

/** A request has one of these; Artillery prefers json to body, and got refuses the other pairs. */
const BODIES = ['json', 'body', 'form', 'formData']

/** A part of a form. */
const PART: Table = { fromFile: 'never' }

/** `config.tls`, by got's names; of these alone a connection is made as got makes it. */
const TLS: Table = {
  rejectUnauthorized: 'flag',
  ...{ certificateAuthority: 'text', certificate: 'text', key: 'text', passphrase: 'text', pfx: 'text' },
  serverName: 'text',
}

const CONFIG: Table = { timeout: 'number' }
const HTTP: Table = { timeout: 'number', pool: 'number', cookieJarOptions: 'never' }
const DEFAULTS: Table = { headers: 'map' }

type Chosen = Pick<Script, 'target' | 'config' | 'extensions'> & {
  scenarios: readonly { spec: Record<string, unknown> }[]
}

/** The engine of each scenario. `env` is the environment that the workers get. */
export function chooseEngines(script: Chosen, wish: EngineWish, env: Record<string, string | undefined>): Choice[] {
  return script.scenarios.map(({ spec }, i) => {
    const path = ['scenarios', i]
    const [reason] = wish === 'artillery' ? [asked] : outside(script, spec, path, env)
    return reason === undefined ? { engine: 'native', reason: { kind: 'proven' } } : { engine: 'artillery', reason }
  })
}

/** Which engines a script's virtual users run on; who has no weight is never run. */
export function enginesOf(scenarios: readonly Pick<Scenario, 'weight' | 'engine'>[]): EnginesUsed {
  const used = scenarios.flatMap(({ weight, engine }) => (weight > 0 ? [engine] : []))
  if (used.every((engine) => engine === 'artillery')) return 'artillery'
  return used.includes('artillery') ? 'both' : 'native'
}

const asked: EngineReason = { kind: 'asked' }

/** Everything about a scenario that is outside the set, what concerns the whole script first. */
function* outside(
  { target, config, extensions }: Chosen,
  spec: Record<string, unknown>,
  path: Path,
  env: Record<string, string | undefined>,
): Generator<EngineReason> {
  if (spec.engine !== 'http') yield { kind: 'engine', name: String(spec.engine), path: [...path, 'engine'] }
  for (const variable of PROXIES) if (env[variable]) yield { kind: 'proxy', variable }
  for (const { kind, name } of extensions) {
    if (kind === 'plugin') yield { kind, name, path: ['config', 'plugins', name] }
  }
  yield* outsideConfig(config)
  const flow = spec.flow as readonly unknown[]
  yield* outsideFlow(flow, [...path, 'flow'])
  const relative = [...requestsIn(flow)].some(({ url, uri }) => !isAddress(url ?? uri))
  if (!isAddress(target) && relative) yield { kind: 'target', path: ['config', 'target'] }
}

function* outsideConfig(config: Record<string, unknown>): Generator<EngineReason> {
  const { tls, http, defaults } = config
  const allowed = isObject(tls) ? Object.fromEntries(Object.keys(tls).map((key) => [key, TLS[key] ?? 'never'])) : {}
  yield* outsideTable(config, CONFIG, ['config'])
  yield* outsideTable(tls, allowed, ['config', 'tls'])
  yield* outsideTable(http, HTTP, ['config', 'http'])
  yield* outsideTable(defaults, DEFAULTS, ['config', 'defaults'])
  const own = isObject(http) ? http.defaults : undefined
  yield* outsideTable(own, DEFAULTS, ['config', 'http', 'defaults'])
  yield* outsideHeaders(isObject(own) ? own.headers : undefined, ['config', 'http', 'defaults', 'headers'])
  yield* outsideHeaders(isObject(defaults) ? defaults.headers : undefined, ['config', 'defaults', 'headers'])
}

function* outsideFlow(flow: readonly unknown[], path: Path): Generator<EngineReason> {
  for (const [i, step] of flow.entries()) {
    const at = [...path, i]
    if (!isObject(step)) continue
    yield* outsideTable(step, STEP, at)
    for (const inner of ['loop', 'parallel']) {
      if (Array.isArray(step[inner])) yield* outsideFlow(step[inner], [...at, inner])
    }
    const keys = Object.keys(step)
    const method = keys.find((key) => requests.includes(key))
    if (method === undefined) continue
    if (keys[0] !== method) yield { kind: 'order', path: [...at, method] }
    const request = step[method]
    yield* outsideTable(request, REQUEST, [...at, method])
    if (!isObject(request)) continue
    yield* outsideHeaders(request.headers, [...at, method, 'headers'])
    const [, second] = BODIES.filter((body) => request[body] !== undefined)
    if (second !== undefined) yield { kind: 'option', path: [...at, method, second] }
    const parts = isObject(request.formData) ? request.formData : {}
    for (const [name, part] of Object.entries(parts)) {
      yield* outsideTable(part, PART, [...at, method, 'formData', name])
    }
  }
}

function* outsideHeaders(headers: unknown, path: Path): Generator<EngineReason> {
  for (const name of Object.keys(isObject(headers) ? headers : {})) {
    if (HEADERS.has(name.toLowerCase())) yield { kind: 'option', path: [...path, name] }
  }
}

function* outsideTable(value: unknown, table: Table, path: Path): Generator<EngineReason> {
  if (!isObject(value)) return
  for (const [key, shape] of Object.entries(table)) {
    const found = value[key]
    if (found === undefined || shapes[shape](found)) continue
    const at = [...path, key]
    yield shape === 'never' ? { kind: 'option', path: at } : { kind: 'value', path: at, shape }
  }
}

function* requestsIn(flow: readonly unknown[]): Generator<Record<string, unknown>> {
  for (const step of flow) {
    if (!isObject(step)) continue
    for (const inner of [step.loop, step.parallel]) if (Array.isArray(inner)) yield* requestsIn(inner)
    for (const method of requests) if (isObject(step[method])) yield step[method]
  }
}

const isAddress = (url: unknown): boolean => /^https?:\/\//i.test(String(url))
