/** What this worker may connect to: the hosts of its start event, whatever is private, and what it needs for itself. */
import { bucketUrl } from '../src/store/s3.ts'
import { type TargetCode, targetText } from '../src/target-errors.ts'
import type { Start } from '../src/wire/start.ts'
import { hostOf, type Refusal, refusalOf, refusalUnseen } from '../src/wire/targets.ts'

/** `host:port`, exactly. */
type Endpoint = string

/**
 * `platform`: where the runtime listens, on Lambda a link-local address. `others`: the run's store, and the proxies of the environment.
 * Both are read before any of the user's code runs.
 */
export type Own = { platform: Endpoint | null; others: readonly Endpoint[] }

const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy']

/** `env`: of the platform, which the start event's comes over. `more`: URLs that it needs besides. */
export function ownOf(
  { store, env: given }: Pick<Start, 'store' | 'env'>,
  env: Record<string, string | undefined>,
  more: readonly string[] = [],
): Own {
  const proxies = PROXIES.map((name) => given[name] ?? env[name] ?? '')
  const urls = [store.kind === 'bucket' ? bucketUrl(store, env) : '', ...proxies, ...more]
  return { platform: env.AWS_LAMBDA_RUNTIME_API ?? null, others: urls.flatMap((url) => endpointIn(url) ?? []) }
}

function endpointIn(text: string): Endpoint | null {
  const url = URL.parse(text)
  const host = hostOf(url?.hostname ?? '')
  return url === null || host === null ? null : `${host}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`
}

/** Refused connections are errors of who asked for them: of a virtual user, or of the user's code. */
export type TargetError = { code: TargetCode; message: string }

export const errorOf = ({ code, message }: TargetError): Error => Object.assign(new Error(message), { code })

export class Targets {
  private readonly allow: readonly string[]
  private readonly own: Own
  private readonly tell: (text: string) => void
  /** Addresses that were found to be allowed, from then on by themselves: the native engine's connections have no name any more. */
  private readonly known = new Set<string>()
  private readonly told = new Set<string>()

  /** `tell` hears of each host once: code may keep a refusal to itself. */
  constructor(allow: readonly string[], own: Own, tell: (text: string) => void) {
    this.allow = allow
    this.own = own
    this.tell = tell
  }

  /** Why not to connect to an address that was found for a host; null: it may be. Without a port nothing of the worker's own is meant. */
  refusal(host: string, address: string, port: unknown = null): TargetError | null {
    if (this.known.has(address)) return null
    const endpoint = `${host}:${port}`
    if (endpoint === this.own.platform) return null
    const refusal = refusalOf(host, address, this.allow)
    if (refusal === null) this.known.add(address)
    else if (!this.own.others.includes(endpoint) || refusalOf(host, address, [host]) !== null) {
      return this.error(refusal, host, address)
    }
    return null
  }

  /** Why not to have a proxy connect to a host; null: it may. */
  refusalUnseen(host: string): TargetError | null {
    const refusal = refusalUnseen(host, this.allow)
    return refusal && this.error(refusal, host, host)
  }

  /** Those of the addresses that may be connected to. */
  keep(host: string, addresses: readonly string[]): string[] {
    return addresses.filter((address) => this.refusal(host, address) === null)
  }

  private error(refusal: Refusal, host: string, address: string): TargetError {
    const code = refusal === 'metadata' ? 'SLSART_METADATA' : 'SLSART_TARGET'
    const message = targetText(code, host, address)
    if (!this.told.has(host)) this.tell(message)
    this.told.add(host)
    return { code, message }
  }
}
