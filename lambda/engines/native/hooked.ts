/** A request that hooks have had their hands on: filled in and read back from Artillery's shape, in Artillery's order. */
import { isObject } from '../../../src/scenario/objects.ts'
import { type Address, loopElement, urlIn } from './address.ts'
import {
  bodyAllowed,
  bodyContent,
  type Content,
  completed,
  type Draft,
  formContent,
  jsonContent,
  multipart,
  type Params,
  withCookies,
  withCredentials,
  withQuery,
} from './draft.ts'
import type { User } from './flow.ts'
import { credentials, lowCase, setCookies } from './maker.ts'
import { GotError, type Headers, headerLines, sendable, TOKEN } from './message.ts'
import type { RequestStep } from './request.ts'
import { compiled } from './templates.ts'
import { tlsOf } from './tls.ts'

export const hookedMaker = (step: RequestStep): ((user: User, request: Params) => Draft) => {
  const { params, compiling } = step
  const { target, addresses, defaultCookie, defaultHeaders, trace, jarOf } = compiling
  return (user, request) => {
    const { context } = user
    const fill = (value: unknown): unknown => compiled(value)(context)
    bareContent(request, fill)
    loopElement(context)
    for (const key of ['name', 'uri', 'url']) if (request[key]) request[key] = fill(request[key])
    request.followRedirect ??= true
    const qs = params.qs ? fill(params.qs) : undefined
    request.decompress = typeof params.gzip === 'boolean' ? params.gzip : true
    const parts = formed(request, params, fill)
    const combined = { ...defaultHeaders, ...lowCase(params.headers), ...lowCase(request.headers) }
    const headers: Headers = Object.fromEntries(Object.entries(combined).map(([name, value]) => [name, fill(value)]))
    request.headers = headers
    const tls = tlsOf(request.https)
    const url = urlIn(request.uri || request.url, context, target)
    delete request.uri
    request.url = url
    const place = addresses.of(url, tls)
    const jar = request.cookieJar || isObject(request.cookie) || defaultCookie ? jarOf(user) : null
    if (isObject(request.cookie) || defaultCookie) {
      setCookies({ ...defaultCookie, ...Object(request.cookie) }, context, jar, place)
    }
    const address = searched(qs === undefined ? place : withQuery(place, qs), request.searchParams)
    const [name, password] = isObject(request.auth)
      ? credentials(request.auth, context)
      : [address.user, address.password]
    if (trace !== null) headers.traceparent = trace()
    const method = methodOf(request)
    const decompress = request.decompress === true
    const content = contentOf(request, parts)
    if (content.body !== null) bodyAllowed(method)
    const { 'content-type': type, ...untyped } = headers
    const lines = completed(
      headerLines(sendable(content.type === null || typeof type === 'string' ? headers : untyped)),
      {
        ...{ method, content, decompress },
      },
    )
    return {
      ...{ method, address, body: content.body, bytes: null, jar, tls, decompress },
      lines: withCookies(withCredentials(lines, name, password), address, jar),
      follow: Boolean(request.followRedirect),
      timeout: Number(request.timeout) * 1000,
    }
  }
}

/** Throws node's error for what is none, and ours where a hook asks for what is Artillery's engine's. */
function methodOf({ method, http2 }: Params): string {
  const name = String(method).toUpperCase()
  if (!TOKEN.test(name)) {
    throw new GotError(`Method must be a valid HTTP token ["${name}"]`, { code: 'ERR_INVALID_HTTP_TOKEN' })
  }
  if (http2) {
    const message = 'A hook has asked for HTTP/2, which the native engine does not have: run with --engine artillery'
    throw new GotError(message, { code: 'ERR_HTTP2_NOT_NATIVE' })
  }
  return name
}

type Fill = (value: unknown) => unknown

/** Of json and body: json stands in for a body. */
function bareContent(request: Params, fill: Fill): void {
  if (request.json) {
    request.json = fill(request.json)
    delete request.body
  } else if (request.body) request.body = fill(request.body)
}

function contentOf({ json, body, form }: Params, parts: Content | null): Content {
  const isBody = parts !== null || body !== undefined
  if (Number(isBody) + Number(json !== undefined) + Number(form !== undefined) > 1) {
    throw new GotError('Expected value which is `undefined`: of `body`, `json` and `form` there may be one')
  }
  if (parts !== null) return parts
  if (json !== undefined) return jsonContent(json)
  if (form !== undefined) return formContent(form as Params)
  return bodyContent(body)
}

/** The parts of a form, if it has any; a plain one stays in the request. */
function formed(request: Params, { form, formData }: Params, fill: Fill): Content | null {
  const fields = (values: unknown): [string, unknown][] =>
    Object.entries(Object(values) as Params).map(([key, value]) => [key, fill(value)])
  if (form) request.form = Object.fromEntries(fields(request.form))
  return formData ? multipart(fields(request.formData)) : null
}

/** A query that a hook has set, in place of the URL's own. */
function searched(address: Address, search: unknown): Address {
  if (search === undefined) return address
  const query = typeof search === 'string' || search instanceof URLSearchParams ? search : Object(search)
  return withQuery(address, Object.fromEntries(new URLSearchParams(query)))
}
