/**
 * Every TCP connection of this process is opened here, whoever asks for it: Artillery's engines, our own, the user's code with http, http2,
 * fetch or a library. What is checked is the address that is then connected to, so that a name may change its address, and
 * the user's code its lookups, without getting past. It is no sandbox: docs/targets.md says what does get past.
 */
import dns, { type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction, Socket } from 'node:net'
import { hostOf } from '../src/wire/targets.ts'
import { guardProxies } from './proxied.ts'
import { errorOf, type Targets } from './targets.ts'

type Options = { path?: unknown; host?: unknown; port?: unknown; lookup?: LookupFunction }

let targets: Targets | null = null

/** From now on what the targets refuse is refused; those of an earlier run are forgotten. */
export function guardConnections(by: Targets): void {
  if (targets === null) {
    const connect = Socket.prototype.connect as (...given: unknown[]) => Socket
    Socket.prototype.connect = function guarded(this: Socket, ...given: unknown[]): Socket {
      const listener = given.flat().findLast((one) => typeof one === 'function')
      return Reflect.apply(connect, this, [checked(optionsIn(given)), ...(listener ? [listener] : [])])
    }
    guardProxies((host) => targets?.refusalUnseen(host) ?? null)
  }
  targets = by
}

/** As node reads its arguments. It calls itself with a list of what it has read. The copy is nobody else's to change. */
function optionsIn(given: readonly unknown[]): Options {
  const [first, second] = Array.isArray(given[0]) ? given[0] : given
  if (typeof first === 'object' && first !== null) return { ...first }
  if (typeof first === 'string' && !(Number(first) >= 0)) return { path: first }
  return { port: first, ...(typeof second === 'string' ? { host: second } : {}) }
}

function checked(options: Options): Options {
  if (options.path) return options
  const host = String(options.host || 'localhost')
  const { port, lookup } = options
  if (isIP(host) === 0) return { ...options, host, lookup: checking(host, port, lookup) }
  const refusal = targets?.refusal(host, host, port) ?? null
  if (refusal === null) return { ...options, host }
  // An error that comes with the lookup comes when node expects one, and nothing has been opened by then.
  return {
    ...options,
    host: 'refused.invalid',
    lookup: (_name, _options, done) => void setImmediate(done, errorOf(refusal), ''),
  }
}

/** A lookup that finds only what may be connected to, and fails when nothing of what it found may be. */
const checking =
  (host: string, port: unknown, own: LookupFunction | undefined): LookupFunction =>
  (name, options, done) => {
    const lookup = own ?? (dns.lookup as LookupFunction)
    lookup(name, options, (error, found, family) => {
      if (error) return done(error, found, family)
      const all = addressesIn(found, family)
      const refusals = all.map(({ address }) => targets?.refusal(hostOf(host) ?? host, address, port) ?? null)
      const open = all.filter((_, i) => refusals[i] === null)
      const [first] = open
      const refusal = refusals.find((one) => one !== null)
      if (first === undefined && refusal) return done(errorOf(refusal), '')
      if (options.all || first === undefined) return done(null, open)
      done(null, first.address, first.family)
    })
  }

/** Copies: what was checked is what is connected to. */
const addressesIn = (found: string | LookupAddress[], family: number | undefined): LookupAddress[] =>
  Array.isArray(found)
    ? found.map(({ address, family }) => ({ address: String(address), family }))
    : [{ address: String(found), family: family ?? isIP(found) }]
