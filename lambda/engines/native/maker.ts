/** A request without hooks, compiled into what makes it. */
import { isObject } from '../../../src/scenario/objects.ts'
import { type Address, addressIn, loopElement } from './address.ts'
import type { Compiling } from './compile.ts'
import {
  bytesOf,
  type Content,
  completed,
  type Draft,
  formContent,
  jsonContent,
  multipart,
  NOTHING,
  type Params,
  withCookies,
  withCredentials,
  withQuery,
} from './draft.ts'
import type { User, UserContext } from './flow.ts'
import { type Headers, headerLine, headerLines } from './message.ts'
import { asText, compiled, isConstant, type Template } from './templates.ts'

/** What never changes is put together once. Throws what got throws. */
export function maker(method: string, params: Params, compiling: Compiling): (user: User) => Draft {
  const { addresses, defaultCookie, timeout, jarOf } = compiling
  const url = urlOf(params, compiling)
  const content = contentOf(params)
  const name = typeof params.name === 'string' && !isConstant(params.name) ? compiled(params.name) : null
  const qs = params.qs ? compiled(params.qs) : null
  const headers = headersOf({ ...compiling.defaultHeaders, ...lowCase(params.headers) })
  const cookies = isObject(params.cookie) || defaultCookie ? { ...defaultCookie, ...Object(params.cookie) } : null
  const auth = isObject(params.auth) ? params.auth : null
  const decompress = typeof params.gzip === 'boolean' ? params.gzip : true
  const follow = params.followRedirect === undefined ? true : Boolean(params.followRedirect)
  const isForm = !params.json && Boolean(params.form || params.formData)
  const make = (user: User): Draft => {
    const { context } = user
    // Functions in templates draw from the virtual user's stream: in the order in which Artillery fills them in.
    const early = isForm ? NOTHING : content(context)
    loopElement(context)
    name?.(context)
    let address = url(context)
    if (qs !== null) address = withQuery(address, qs(context))
    const given = isForm ? content(context) : early
    const lines = headers(context)
    const jar = cookies === null && !context._enableCookieJar ? null : jarOf(user)
    if (cookies !== null) setCookies(cookies, context, jar, address)
    const traced = compiling.trace === null ? lines : lines + headerLine('traceparent', compiling.trace())
    const [userName, password] = auth === null ? [address.user, address.password] : credentials(auth, context)
    const all = completed(traced, { method, content: given, decompress })
    const whole = withCookies(withCredentials(all, userName, password), address, jar)
    return {
      ...{ method, address, lines: whole, body: given.body, bytes: null },
      ...{ jar, tls: addresses.tls, follow, decompress, timeout },
    }
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
    if (kept === null) {
      kept = make(user)
      kept.bytes = bytesOf(kept)
    }
    return kept
  }
}

const withoutHooks = ({ capture: _capture, match: _match, ...rest }: Params): Params => rest

function urlOf(params: Params, { addresses, target }: Compiling): (context: UserContext) => Address {
  const written = String(params.uri || params.url)
  const fill = compiled(written.startsWith('/') ? target + written : written)
  return (context) => addressIn(fill(context), context, { addresses, target })
}

/** Of json and body, what is not empty; a form stands in for a body, and json for both. */
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
  return (context) => ({ body: asText(fill(context)), type: null })
}

export const lowCase = (headers: unknown): Headers =>
  Object.fromEntries(Object.entries(Object(headers) as Headers).map(([name, value]) => [name.toLowerCase(), value]))

/** What does not change of them is written once, and looked at once. */
function headersOf(headers: Headers): (context: UserContext) => string {
  if (isConstant(headers)) return () => headerLines(headers)
  const entries = Object.entries(headers).map(([name, value]): [string, Template] => [name, compiled(value)])
  return (context) => headerLines(Object.fromEntries(entries.map(([name, fill]) => [name, fill(context)])))
}

/** Into the jar, as if the address had set them. */
export function setCookies(cookies: Params, context: UserContext, jar: Draft['jar'], { href }: Address): void {
  for (const [name, value] of Object.entries(cookies)) {
    jar?.setCookieSync(`${name}=${asText(compiled(value)(context))}`, href)
  }
}

export const credentials = ({ user, pass }: Params, context: UserContext): [string, string] => [
  asText(compiled(user)(context) ?? ''),
  asText(compiled(pass)(context) ?? ''),
]
