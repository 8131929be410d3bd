/** Where a URL leads, as the URL standard reads it; most of a script's are its target and a plain path, and need no reading. */
import type { Origin, TlsOptions } from './call.ts'
import type { UserContext } from './flow.ts'
import { GotError } from './message.ts'
import { originOf } from './origin.ts'
import { compiled, isConstant } from './templates.ts'

/** `path`: with its query, as it stands in the request. `user` and `password`: of the URL, decoded. */
export type Address = { href: string; origin: Origin; path: string; user: string; password: string }

/** Of these a path and a query may be made without being written differently by the standard. */
const PLAIN = /^\/[\w\-.~!$&()*+,;=:@/?%]*$/
/** Dots between slashes go up. */
const UP = /\/(?:\.|%2e)/i

export class Addresses {
  readonly tls: TlsOptions | null
  private readonly start: string
  private readonly target: Origin | null

  /** `target`: of the script. `tls`: for all its requests. */
  constructor(target: string, tls: TlsOptions | null) {
    this.tls = tls
    // One that says who asks is read anew for each request.
    const [start = ''] = /^https?:\/\/[^/?#@\\\s]+(?=[/?#]|$)/.exec(target) ?? []
    this.start = start
    this.target = start === '' ? null : addressOf(start, tls).origin
  }

  /** Throws a GotError. */
  of(href: string, tls: TlsOptions | null = this.tls): Address {
    const { start, target } = this
    if (target !== null && tls === this.tls && href.startsWith(start)) {
      const path = href.slice(start.length)
      if (PLAIN.test(path) && !UP.test(path) && !path.endsWith('?'))
        return { href, origin: target, path, user: '', password: '' }
    }
    return addressOf(href, tls)
  }
}

/** Throws a GotError. */
export function addressOf(href: string | URL, tls: TlsOptions | null): Address {
  const url = parsed(href)
  const { protocol, hostname, port, pathname, search, username, password } = url
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new GotError(`Unsupported protocol: ${protocol}`, { code: 'ERR_UNSUPPORTED_PROTOCOL' })
  }
  const origin = originOf(protocol, hostname, port, protocol === 'https:' ? tls : null)
  return {
    ...{ href: url.href, origin, path: pathname + search },
    ...{ user: decoded(username), password: decoded(password) },
  }
}

function parsed(href: string | URL): URL {
  try {
    return new URL(href)
  } catch {
    throw new GotError('Invalid URL', { code: 'ERR_INVALID_URL' })
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new GotError('URI malformed')
  }
}

/** Throws for what is no URL at all. */
export function urlIn(filled: unknown, context: UserContext, target: string): string {
  const again = isConstant(filled) ? filled : compiled(filled)(context)
  const url = typeof again === 'string' && again.startsWith('/') ? target + again : again
  if (typeof url !== 'string' || !url.startsWith('http')) throw new Error(`Invalid URL - ${url}`)
  return url
}

/** Artillery fills in the element of a loop too, before each request in it. */
export function loopElement(context: UserContext): void {
  const { $loopElement } = context.vars
  if ($loopElement && !isConstant($loopElement)) context.vars.$loopElement = compiled($loopElement)(context)
}
