/**
 * Addresses of names: looked up once for all connections, fresh for a while, spread over the connections. node's lookups tell no time
 * to live. One lookup of a name is under way at a time; while a known name is looked up anew its connections go to what is known.
 */
import { ADDRCONFIG, type LookupAddress, lookup } from 'node:dns'
import { isIP } from 'node:net'
import type { Micros } from '../../../src/units.ts'
import type { Targets } from '../../targets.ts'
import type { NetError } from './call.ts'

/** From then on a name is looked up again, beside its use. */
const FRESH: Micros = 20_000_000
/** From then on it is not used without that, unless looking it up fails. */
const STALE: Micros = 30_000_000

export type Lookup = (
  name: string,
  options: { all: true; hints: number },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** What waits for the addresses of a name. */
export interface Seeker {
  found(name: Name): void
  missed(error: NetError): void
}

export class Name {
  readonly host: string
  readonly isAddress: boolean
  /** When its addresses were looked up. */
  since: Micros = Number.NEGATIVE_INFINITY
  seekers: Seeker[] | null = null
  /** Those to spread over, all of one family, and those to try after them. */
  private spread: string[] = []
  private others: string[] = []
  private turn = 0

  constructor(host: string) {
    this.host = host
    this.isAddress = isIP(host) !== 0
  }

  get size(): number {
    return this.spread.length + this.others.length
  }

  /** As node does: the family of the first address is tried first, in the order that the resolver gave. */
  keep(addresses: readonly string[]): void {
    const family = isIP(addresses[0] ?? '')
    this.spread = addresses.filter((address) => isIP(address) === family)
    this.others = addresses.filter((address) => isIP(address) !== family)
  }

  /** Where the next connection begins. */
  nextTurn(): number {
    return this.spread.length === 1 ? 0 : this.turn++ % this.spread.length
  }

  /** The address to try as the n-th of a turn. */
  address(turn: number, n: number): string {
    const { spread, others } = this
    return (n < spread.length ? spread[(turn + n) % spread.length] : others[n - spread.length]) as string
  }

  /** Puts what did not connect behind what did, until the next lookup. */
  demote(failed: readonly string[]): void {
    const all = [...this.spread, ...this.others]
    const good = all.filter((address) => !failed.includes(address))
    if (good.length > 0 && good.length < all.length) {
      this.keep(good)
      this.others.push(...failed)
    }
  }
}

/** Those of a worker. */
export type NameTargets = Pick<Targets, 'keep' | 'refusal'>

export class Names {
  private readonly names: Map<string, Name> = new Map()
  private readonly now: () => Micros
  private readonly targets: NameTargets
  private readonly lookup: Lookup

  constructor(now: () => Micros, targets: NameTargets, by: Lookup = lookup) {
    this.now = now
    this.targets = targets
    this.lookup = by
  }

  /** The name, if its addresses are known or it is one; else the seeker hears of it, later. */
  find(host: string, seeker: Seeker): Name | null {
    let name = this.names.get(host)
    if (name === undefined) {
      name = new Name(host)
      this.names.set(host, name)
      if (name.isAddress) name.keep(this.targets.keep(host, [host]))
    }
    if (name.isAddress && name.size > 0) return name
    const age = this.now() - name.since
    if ((age > FRESH || name.size === 0) && name.seekers === null) this.seek(name)
    if (name.size > 0 && age <= STALE) return name
    name.seekers?.push(seeker)
    return null
  }

  private seek(name: Name): void {
    name.seekers = []
    if (name.isAddress) queueMicrotask(() => this.tell(name, this.refusal(name, [name.host])))
    else this.lookup(name.host, { all: true, hints: ADDRCONFIG }, (error, found) => this.keep(name, error, found))
  }

  private keep(name: Name, error: NodeJS.ErrnoException | null, found: LookupAddress[]): void {
    const addresses = error === null ? found.map(({ address }) => address) : []
    const allowed = this.targets.keep(name.host, addresses)
    name.since = this.now()
    if (allowed.length > 0) name.keep(allowed)
    else if (error === null) name.keep([])
    this.tell(name, error === null ? this.refusal(name, addresses) : netError(error))
  }

  private tell(name: Name, error: NetError): void {
    const seekers = name.seekers ?? []
    name.seekers = null
    for (const seeker of seekers) {
      if (name.size > 0) seeker.found(name)
      else seeker.missed(error)
    }
  }

  private refusal({ host }: Name, addresses: readonly string[]): NetError {
    const refusals = addresses.map((address) => this.targets.refusal(host, address))
    return refusals.find((refusal) => refusal !== null) ?? NOTHING
  }
}

/** A resolver that fails in the way of succeeding. */
const NOTHING: NetError = { code: 'ENOTFOUND', message: 'the name has no address' }

/** What node says of a failed lookup or connection. */
export const netError = (error: NodeJS.ErrnoException): NetError => ({
  code: error.code ?? error.message,
  message: error.message,
})
