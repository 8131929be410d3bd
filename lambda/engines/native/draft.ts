/** A request as it will be sent: what a step compiles, or what hooks have made of Artillery's own shape of it. */
import { stringify } from 'node:querystring'
import zlib from 'node:zlib'
import type { CookieJar } from 'artillery-upstream/cookies'
import FormData from 'artillery-upstream/form_data'
import { isObject } from '../../../src/scenario/objects.ts'
import type { Millis } from '../../../src/units.ts'
import type { Address } from './address.ts'
import { MOST_KEPT, type TlsOptions } from './call.ts'
import { type Body, chunked, closing, GotError, headerLine, isChunked, message } from './message.ts'

export type Draft = {
  method: string
  address: Address
  /** All headers but those that `closing` adds. */
  lines: string
  body: Body
  /** The whole message, when it is put together already. */
  bytes: string | Buffer | null
  jar: CookieJar | null
  tls: TlsOptions | null
  follow: boolean
  decompress: boolean
  timeout: Millis
}

export type Params = Record<string, unknown>

/** What comes of `json`, `form`, `body`: bytes and the type that they go by, unless the script says another. */
export type Content = { body: Body; type: string | null }

export const NOTHING: Content = { body: null, type: null }
const BODILESS = new Set(['GET', 'HEAD'])
export const ENCODINGS = ['gzip', 'deflate', 'br', ...('createZstdDecompress' in zlib ? ['zstd'] : [])].join(', ')

export const JSON_TYPE = 'application/json'
export const FORM_TYPE = 'application/x-www-form-urlencoded'

export const jsonContent = (value: unknown): Content => ({ body: JSON.stringify(value), type: JSON_TYPE })

/** Nothing, where a template is nothing but a variable that is not there. Throws where only a stream of node's could send what there is. */
export function bodyContent(body: unknown): Content {
  if (body === undefined) return NOTHING
  if (typeof body === 'string' || Buffer.isBuffer(body)) return { body, type: null }
  throw new GotError("Option 'body': expected a text or a buffer")
}

export const formContent = (form: Record<string, unknown>): Content => ({
  body: new URLSearchParams(form as Record<string, string>).toString(),
  type: FORM_TYPE,
})

/** Files are Artillery's engine's. */
export function multipart(fields: readonly [string, unknown][]): Content {
  const form = new FormData()
  for (const [name, value] of fields) {
    const { contentType, value: inner } = (isObject(value) ? value : {}) as { contentType?: string; value?: unknown }
    form.append(name, inner || value, contentType ? { contentType } : undefined)
  }
  return { body: bytesIn(form), type: `multipart/form-data; boundary=${form.getBoundary()}` }
}

/** What is no part of a form is found out when got reads it. */
function bytesIn(form: FormData): Buffer {
  try {
    return form.getBuffer()
  } catch (error) {
    throw new GotError((error as Error).message, { code: 'ERR_INVALID_ARG_TYPE' })
  }
}

/** A query in the standard's spelling, in place of the URL's own. */
export const withQuery = (address: Address, qs: unknown): Address => {
  const query = new URLSearchParams(stringify(qs as Record<string, string>)).toString()
  const path = address.path.split('?')[0] as string
  const href = new URL(address.href)
  href.search = query
  return { ...address, href: href.href, path: query === '' ? path : `${path}?${query}` }
}

export function bodyAllowed(method: string): void {
  if (BODILESS.has(method)) throw new GotError(`The \`${method}\` method cannot be used with a body`)
}

/** The headers that got adds to the script's own. Throws what got throws for a body where none may be. */
export function completed(
  lines: string,
  { method, content, decompress }: { method: string; content: Content; decompress: boolean },
): string {
  const has = (name: string): boolean => lines.startsWith(`${name}:`) || lines.includes(`\n${name}:`)
  let all = lines
  if (content.body !== null) {
    bodyAllowed(method)
    if (content.type !== null && !has('content-type')) all += headerLine('content-type', content.type)
    if (!has('content-length') && !has('transfer-encoding')) {
      all += `content-length: ${Buffer.byteLength(content.body)}\r\n`
    }
  }
  return decompress && !has('accept-encoding') ? `${all}accept-encoding: ${ENCODINGS}\r\n` : all
}

/** Credentials stand in for an `authorization` of the script's. */
export function withCredentials(lines: string, user: string, password: string): string {
  if (user === '' && password === '') return lines
  return `${without(lines, 'authorization')}authorization: Basic ${Buffer.from(`${user}:${password}`).toString('base64')}\r\n`
}

/** What the jar has for the address stands in for what the script says. */
export function withCookies(lines: string, { href }: Pick<Address, 'href'>, jar: CookieJar | null): string {
  const cookies = jar?.getCookieStringSync(href)
  return cookies ? `${without(lines, 'cookie')}${headerLine('cookie', cookies)}` : lines
}

export const without = (lines: string, name: string): string => lines.replace(new RegExp(`^${name}: .*\r\n`, 'gm'), '')

export function bytesOf({ lines, method, address, body }: Draft): string | Buffer {
  const isOwn = isChunked(lines)
  const head = `${method} ${address.path} HTTP/1.1\r\n${lines}${closing(lines, method, address, body)}`
  return message(head, isOwn ? chunked(body) : body)
}

const LIMIT = { maxOutputLength: MOST_KEPT }

/** A body as text. Throws zlib's errors for one that is not what its encoding says. */
export function textOf(chunks: readonly Buffer[], encoding: string | undefined): string {
  const [only] = chunks
  const bytes = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)
  if (encoding === undefined || bytes.length === 0) return bytes.toString()
  const coding = encoding.toLowerCase()
  if (coding === 'br') return zlib.brotliDecompressSync(bytes, LIMIT).toString()
  if (coding === 'gzip' || coding === 'deflate') return zlib.unzipSync(bytes, LIMIT).toString()
  return bytes.toString()
}
