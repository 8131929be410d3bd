/** Where a URL leads, as the URL standard reads it; most of a script's are its target and a plain path, and need no reading. */
import type { Origin, TlsOptions } from './call.ts'
import { BadUrlError, type Draft } from './draft.ts'
import type { UserContext } from './flow.ts'
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
    const [start = ''] = /^https?:\/\/[^/?#@\\\s]+/.exec(target) ?? []
    this.start = start
    this.target = start === '' ? null : addressOf(start, tls).origin
  }

  /** Throws a TypeError with the code ERR_INVALID_URL. */
  of(href: string, tls: TlsOptions | null = this.tls): Address {
    const { start, target } = this
    if (target !== null && tls === this.tls && href.startsWith(start)) {
      const path = href.slice(start.length)
      if (PLAIN.test(path) && !UP.test(path)) return { href, origin: target, path, user: '', password: '' }
    }
    return addressOf(href, tls)
  }
}

export function addressOf(href: string | URL, tls: TlsOptions | null): Address {
  const url = new URL(href)
  const { protocol, hostname, port, pathname, search, username, password } = url
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw Object.assign(new Error(`Unsupported protocol: ${protocol}`), { code: 'ERR_UNSUPPORTED_PROTOCOL' })
  }
  const origin = originOf(protocol, hostname, port, protocol === 'https:' ? tls : null)
  return {
    ...{ href: url.href, origin, path: pathname + search },
    ...{ user: decodeURIComponent(username), password: decodeURIComponent(password) },
  }
}

/** Throws a BadUrlError for what is no URL at all. */
export function addressIn(
  filled: unknown,
  context: UserContext,
  { addresses, target, tls }: { addresses: Addresses; target: string; tls?: Draft['tls'] },
): Address {
  const again = isConstant(filled) ? filled : compiled(filled)(context)
  const url = typeof again === 'string' && again.startsWith('/') ? target + again : again
  if (typeof url !== 'string' || !url.startsWith('http')) throw new BadUrlError(`Invalid URL - ${url}`)
  return tls === undefined ? addresses.of(url) : addresses.of(url, tls)
}

/** Artillery fills in the element of a loop too, before each request in it. */
export function loopElement(context: UserContext): void {
  const { $loopElement } = context.vars
  if ($loopElement && !isConstant($loopElement)) context.vars.$loopElement = compiled($loopElement)(context)
}
