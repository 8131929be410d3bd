/** One Origin object for each protocol, host, port and TLS options object, so that comparing origins is comparing references. */
import type { Origin, TlsOptions } from './call.ts'

/** Per TLS options object; null has a key of its own. */
const known = new WeakMap<object, Map<string, Origin>>()
const PLAIN = {}

const OWN_PORT = { 'http:': 80, 'https:': 443 }

/** `hostname` and `port` as WHATWG URLs have them: IPv6 in brackets, the protocol's own port as ''. */
export function originOf(
  protocol: 'http:' | 'https:',
  hostname: string,
  port: string,
  tls: TlsOptions | null = null,
): Origin {
  const key = `${protocol}//${hostname}:${port}`
  const options = tls ?? PLAIN
  const origins = known.get(options) ?? new Map<string, Origin>()
  known.set(options, origins)
  const origin = origins.get(key) ?? newOrigin(protocol, hostname, port, tls)
  origins.set(key, origin)
  return origin
}

function newOrigin(protocol: 'http:' | 'https:', hostname: string, port: string, tls: TlsOptions | null): Origin {
  return {
    protocol,
    host: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: port === '' ? OWN_PORT[protocol] : Number(port),
    hostHeader: port === '' || Number(port) === OWN_PORT[protocol] ? hostname : `${hostname}:${port}`,
    tls,
  }
}
