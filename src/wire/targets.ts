/**
 * Where a run may send load. The same answer on both sides: the command line asks before anything is launched, and a worker at every
 * connection that it opens, with the list that its start event carries. An entry is a host, or `*.host` for all below it; ports do
 * not matter. What is private needs no entry, and no entry helps what is refused.
 */
import { kindOf } from './addresses.ts'

export type Refusal = 'metadata' | 'unlisted'

/** A proxy looks names up by itself: these are refused by what they are called. */
const METADATA = new Set([
  ...['metadata.google.internal', 'metadata.goog', 'metadata.azure.internal', 'metadata.tencentyun.com'],
  ...['instance-data', 'instance-data.ec2.internal', 'metadata.platformequinix.com'],
])

const NAME = /^(?!-)[\w-]+(?:\.[\w-]+)*$/

/** A host as URLs have it, without brackets and the dot at its end; null: it is none. */
export function hostOf(text: string): string | null {
  if (/[/?#@\\\s]/.test(text)) return null
  const url = URL.parse(`http://${text.includes(':') && !text.startsWith('[') ? `[${text}]` : text}`)
  if (url === null || url.port !== '') return null
  return bare(url.hostname)
}

const bare = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1').replace(/[.]$/, '')

/** Of a URL, as its beginning tells; null: it has none, or it is in a template. */
export function hostIn(url: string): string | null {
  const [, authority] = /^(?:https?|wss?):[/\\]*([^/?#\\]+)/i.exec(url) ?? []
  if (authority === undefined || authority.includes('{{')) return null
  const hostname = URL.parse(`http://${authority}`)?.hostname
  return hostname === undefined ? null : bare(hostname)
}

/** An entry of the list, as it is kept; null: it is none. A whole top-level domain is no entry. */
export function entryOf(text: string): string | null {
  const below = text.startsWith('*.') ? text.slice(2) : null
  const host = hostOf(below ?? text)
  if (host === null || host === '') return null
  const kind = kindOf(host)
  if (below === null) return kind !== null || NAME.test(host) ? host : null
  return kind === null && NAME.test(host) && host.includes('.') ? `*.${host}` : null
}

export const isListed = (host: string, list: readonly string[]): boolean =>
  list.some((entry) => (entry.startsWith('*.') ? host.endsWith(entry.slice(1)) : host === entry))

/** What the standards call this machine whoever looks it up. RFC 6761. */
const isLocalhost = (host: string): boolean => host === 'localhost' || host.endsWith('.localhost')

/** Why nothing may be sent to a host at an address; null: it may. */
export function refusalOf(host: string, address: string, list: readonly string[]): Refusal | null {
  const kind = kindOf(address)
  const name = hostOf(host) ?? host
  if (kind === 'refused' || METADATA.has(name)) return 'metadata'
  if (kind === 'private' || isListed(name, list)) return null
  return kind === 'public' && isListed(hostOf(address) ?? address, list) ? null : 'unlisted'
}

/** Why nothing may be sent to a host that somebody else looks up: a proxy. */
export function refusalUnseen(host: string, list: readonly string[]): Refusal | null {
  return isLocalhost(hostOf(host) ?? host) ? null : refusalOf(host, host, list)
}
