/** TLS options by the names that got gives them. */
import { isObject } from '../../../src/scenario/objects.ts'
import type { TlsOptions } from './call.ts'

/** What got calls them, as node:tls does. */
const NAMES: Readonly<Record<string, string>> = {
  certificateAuthority: 'ca',
  certificate: 'cert',
  serverName: 'servername',
  signatureAlgorithms: 'sigalgs',
  alpnProtocols: 'ALPNProtocols',
  tlsSessionLifetime: 'sessionTimeout',
  certificateRevocationLists: 'crl',
}

const made = new Map<string, TlsOptions>()

/** The same object for the same options: connections are told apart by it. Null without any. */
export function tlsOf(https: unknown): TlsOptions | null {
  if (!isObject(https) || Object.keys(https).length === 0) return null
  const key = JSON.stringify(https, (_, value: unknown) => (typeof value === 'function' ? String(value) : value))
  const known =
    made.get(key) ?? Object.fromEntries(Object.entries(https).map(([name, value]) => [NAMES[name] ?? name, value]))
  made.set(key, known)
  return known
}
