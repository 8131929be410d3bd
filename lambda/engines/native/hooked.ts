/** A request that hooks have had their hands on: filled in and read back from Artillery's shape, in Artillery's order. */
import { isObject } from '../../../src/scenario/objects.ts'
import { type Address, addressIn, loopElement } from './address.ts'
import {
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
import type { User } from './flow.ts'
import { credentials, lowCase, setCookies } from './maker.ts'
import { type Headers, headerLines } from './message.ts'
import type { RequestStep } from './request.ts'
import { compiled } from './templates.ts'
import { tlsOf } from './tls.ts'

export const hookedMaker = (step: RequestStep): ((user: User, request: Params) => Draft) => {
  const { params, compiling } = step
  const { target, addresses, defaultCookie, defaultHeaders, trace, jarOf } = compiling
  return (user, request) => {
    const { context } = user
    const fill = (value: unknown): unknown => compiled(value)(context)
    const bare = bareContent(request, fill)
    loopElement(context)
    for (const key of ['name', 'uri', 'url']) if (request[key]) request[key] = fill(request[key])
    request.followRedirect ??= true
    const qs = params.qs ? fill(params.qs) : undefined
    request.decompress = typeof params.gzip === 'boolean' ? params.gzip : true
    const content = formed(request, params, fill) ?? bare
    const combined = { ...defaultHeaders, ...lowCase(params.headers), ...lowCase(request.headers) }
    const headers: Headers = Object.fromEntries(Object.entries(combined).map(([name, value]) => [name, fill(value)]))
    request.headers = headers
    const tls = tlsOf(request.https)
    const place = addressIn(request.uri || request.url, context, { addresses, target, tls })
    delete request.uri
    request.url = place.href
    const jar = request.cookieJar || isObject(request.cookie) || defaultCookie ? jarOf(user) : null
    if (isObject(request.cookie) || defaultCookie) {
      setCookies({ ...defaultCookie, ...Object(request.cookie) }, context, jar, place)
    }
    const address = searched(qs === undefined ? place : withQuery(place, qs), request.searchParams)
    const [name, password] = isObject(request.auth)
      ? credentials(request.auth, context)
      : [address.user, address.password]
    if (trace !== null) headers.traceparent = trace()
    const method = String(request.method).toUpperCase()
    const decompress = request.decompress === true
    const lines = completed(headerLines(headers), { method, content, decompress })
    return {
      ...{ method, address, body: content.body, bytes: null, jar, tls, decompress },
      lines: withCookies(withCredentials(lines, name, password), address, jar),
      follow: Boolean(request.followRedirect),
      timeout: Number(request.timeout) * 1000,
    }
  }
}

type Fill = (value: unknown) => unknown

/** Of json and body: json stands in for a body. Throws where a hook has put there what only a stream of node's could send. */
function bareContent(request: Params, fill: Fill): Content {
  if (request.json) {
    request.json = fill(request.json)
    delete request.body
  } else if (request.body) request.body = fill(request.body)
  const { json, body } = request
  if (json !== undefined) return jsonContent(json)
  if (body === undefined) return NOTHING
  if (typeof body === 'string' || Buffer.isBuffer(body)) return { body, type: null }
  throw new TypeError('Expected the `body` option to be a string or a Buffer')
}

function formed(request: Params, { form, formData }: Params, fill: Fill): Content | null {
  const fields = (values: unknown): [string, unknown][] =>
    Object.entries(Object(values) as Params).map(([key, value]) => [key, fill(value)])
  if (form) request.form = Object.fromEntries(fields(request.form))
  if (formData) return multipart(fields(request.formData))
  return request.form === undefined ? null : formContent(request.form as Params)
}

/** A query that a hook has set, in place of the URL's own. */
function searched(address: Address, search: unknown): Address {
  if (search === undefined) return address
  const query = typeof search === 'string' || search instanceof URLSearchParams ? search : Object(search)
  return withQuery(address, Object.fromEntries(new URLSearchParams(query)))
}
