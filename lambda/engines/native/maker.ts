/** A request without hooks, compiled into what makes it. */
import { isObject } from '../../../src/scenario/objects.ts'
import { type Address, loopElement, urlIn } from './address.ts'
import type { Compiling } from './compile.ts'
import {
  bodyAllowed,
  bodyContent,
  type Content,
  type Draft,
  FORM_TYPE,
  formContent,
  JSON_TYPE,
  jsonContent,
  multipart,
  NOTHING,
  type Params,
  withCookies,
  withCredentials,
  withQuery,
} from './draft.ts'
import type { User, UserContext } from './flow.ts'
import { CompiledHeaders } from './headers.ts'
import { GotError, type Headers, headerLine, message } from './message.ts'
import { asText, compiled, isConstant, type Template } from './templates.ts'

/** What never changes is put together once. Throws GotErrors, and what Artillery's filling in throws. */
export function maker(method: string, params: Params, compiling: Compiling): (user: User) => Draft {
  const { addresses, defaultCookie, timeout, jarOf } = compiling
  const url = urlOf(params, compiling)
  const content = contentOf(params)
  const name = typeof params.name === 'string' && !isConstant(params.name) ? compiled(params.name) : null
  const qs = params.qs ? compiled(params.qs) : null
  const cookies = isObject(params.cookie) || defaultCookie ? { ...defaultCookie, ...Object(params.cookie) } : null
  const auth = isObject(params.auth) ? params.auth : null
  const decompress = typeof params.gzip === 'boolean' ? params.gzip : true
  const follow = params.followRedirect === undefined ? true : Boolean(params.followRedirect)
  const isForm = !params.json && Boolean(params.form || params.formData)
  const given = typed({ ...compiling.defaultHeaders, ...lowCase(params.headers) }, params)
  const compiledHeaders = new CompiledHeaders(given, { method, type: typeOf(params), decompress })
  const isMultipart = !params.json && Boolean(params.formData) && given['content-type'] === undefined
  const make = (user: User): Draft => {
    const { context } = user
    // Functions in templates draw from the virtual user's stream: in the order in which Artillery fills them in.
    const early = isForm ? NOTHING : content(context)
    loopElement(context)
    name?.(context)
    let address = url(context)
    if (qs !== null) address = withQuery(address, qs(context))
    const { body, type } = isForm ? content(context) : early
    if (body !== null) bodyAllowed(method)
    const headers = compiledHeaders.of(context)
    let lines = headers.lines(context, body === null ? null : Buffer.byteLength(body))
    if (isMultipart && type !== null) lines += headerLine('content-type', type)
    const jar = cookies === null && !context._enableCookieJar ? null : jarOf(user)
    if (cookies !== null) setCookies(cookies, context, jar, address)
    if (compiling.trace !== null) lines += headerLine('traceparent', compiling.trace())
    const [userName, password] = auth === null ? [address.user, address.password] : credentials(auth, context)
    lines = withCookies(withCredentials(lines, userName, password), address, jar)
    const head = `${method} ${address.path} HTTP/1.1\r\n${lines}${headers.closing(address.origin, body !== null)}`
    const bytes = message(head, body)
    return { method, address, lines, body, bytes, jar, tls: addresses.tls, follow, decompress, timeout }
  }
  const constant =
    compiling.trace === null &&
    cookies === null &&
    isConstant(withoutHooks(params)) &&
    isConstant(compiling.defaultHeaders)
  return constant ? once(make) : make
}

/** The same request each time, but for the cookies of who sends it. */
function once(make: (user: User) => Draft): (user: User) => Draft {
  let kept: Draft | null = null
  return (user) => {
    loopElement(user.context)
    if (user.context._enableCookieJar) return make(user)
    kept ??= make(user)
    return kept
  }
}

const withoutHooks = ({ capture: _capture, match: _match, ...rest }: Params): Params => rest

function urlOf(params: Params, { addresses, target }: Compiling): (context: UserContext) => Address {
  const written = String(params.uri || params.url)
  const whole = written.startsWith('/') ? target + written : written
  // Artillery fills in both, the one that it does not go by too.
  const other = params.uri ? String(params.url || params.uri) : ''
  if (isConstant(whole) && isConstant(other)) {
    let kept: Address | null = null
    return (context) => {
      kept ??= addresses.of(urlIn(whole, context, target))
      return kept
    }
  }
  const fill = compiled(whole)
  const fillOther = compiled(other)
  return (context) => {
    const url = fill(context)
    fillOther(context)
    return addresses.of(urlIn(url, context, target))
  }
}

/** A request has one of them, but for a hook's doing. */
function contentOf({ json, body, form, formData }: Params): (context: UserContext) => Content {
  if (json) {
    const fill = compiled(json)
    return (context) => jsonContent(fill(context))
  }
  if (formData || form) {
    const entries = Object.entries(Object(formData || form)).map(([key, value]): [string, Template] => [
      key,
      compiled(value),
    ])
    const make = formData
      ? multipart
      : (fields: [string, unknown][]): Content => formContent(Object.fromEntries(fields))
    return (context) => make(entries.map(([key, fill]) => [key, fill(context)]))
  }
  if (body === undefined) return () => NOTHING
  const fill = compiled(body)
  return (context) => bodyContent(fill(context))
}

/** Of the type that comes with a body got leaves a text alone, and nothing else. */
function typed(headers: Headers, { json, form, formData }: Params): Headers {
  const { 'content-type': type, ...rest } = headers
  return typeof type === 'string' || !(json || form || formData) ? headers : rest
}

/** Of the body, when it is known beforehand: not that of a form with a boundary of its own. */
const typeOf = ({ json, form, formData }: Params): string | null =>
  json ? JSON_TYPE : form && !formData ? FORM_TYPE : null

export const lowCase = (headers: unknown): Headers =>
  Object.fromEntries(Object.entries(Object(headers) as Headers).map(([name, value]) => [name.toLowerCase(), value]))

/** Into the jar, as if the address had set them. */
export function setCookies(cookies: Params, context: UserContext, jar: Draft['jar'], { href }: Address): void {
  for (const [name, value] of Object.entries(cookies)) {
    jar?.setCookieSync(`${name}=${asText(compiled(value)(context))}`, href)
  }
}

export const credentials = ({ user, pass }: Params, context: UserContext): [string, string] => [
  credential(compiled(user)(context)),
  credential(compiled(pass)(context)),
]

function credential(value: unknown = ''): string {
  if (typeof value === 'string') return value
  throw new GotError('Expected value which is `string`: of `auth`')
}
