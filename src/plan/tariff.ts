/**
 * What a worker is paid by: the platform's own prices, or what the user says that he pays. Whatever is not known has no tariff, so that
 * nothing is reckoned with a price that is only like it.
 */
import type { Usd } from '../units.ts'
import { type Arch, FREE, PER_GB_SECOND, PER_INVOCATION, PER_STORE_GET, PER_STORE_PUT, REGIONS } from './prices.ts'

/** `others`: those of a run's other regions, in the order of its plan. */
export type Machine = { region: string; arch: Arch; memoryMb: number; others?: readonly Machine[] }

/** All that a worker costs in an hour; or a GB-second instead of the table's, beside which everything else costs what the table says. */
export type OwnPrice = { usdPerWorkerHour: Usd } | { usdPerGbSecond: Usd }

/** In USD. */
export type Tariff = {
  second: Usd
  start: Usd
  /** A request to the store that writes, and one that reads. */
  put: Usd
  get: Usd
  /** The memory that a second is paid for with; 0 where nobody pays for memory. */
  gb: number
  /** Whether the account's free tier comes off it. */
  hasFreeTier: boolean
  /** Where there are several: each region's own. The numbers above are then the dearest. */
  regions?: readonly Tariff[]
}

/** Why there is no tariff. `memory`: a price for it is no price of workers on this machine, which take what they need. */
export type Unpriced = { what: 'region' | 'arch'; name: string } | { what: 'memory' }

/** `machine: null`: processes on this machine, which cost nothing unless the user says what. */
export function tariffOf(machine: Machine | null, own: OwnPrice | null): Tariff | Unpriced | null {
  const others = machine?.others ?? []
  if (machine === null || others.length === 0) return tariffOfOne(machine, own)
  const regions: Tariff[] = []
  for (const one of [machine, ...others]) {
    const found = tariffOfOne(one, own)
    if (!isTariff(found)) return found
    regions.push(found)
  }
  const most = (of: 'second' | 'start' | 'put' | 'get' | 'gb'): number => Math.max(...regions.map((one) => one[of]))
  const numbers = { second: most('second'), start: most('start'), put: most('put'), get: most('get'), gb: most('gb') }
  return { ...numbers, hasFreeTier: regions.some(({ hasFreeTier }) => hasFreeTier), regions }
}

function tariffOfOne(machine: Machine | null, own: OwnPrice | null): Tariff | Unpriced | null {
  const gb = machine === null ? 0 : machine.memoryMb / 1024
  if (own !== null && 'usdPerWorkerHour' in own) {
    return { second: own.usdPerWorkerHour / 3600, start: 0, put: 0, get: 0, gb, hasFreeTier: false }
  }
  if (machine === null) return own === null ? null : { what: 'memory' }
  const { region, arch } = machine
  const table = { start: PER_INVOCATION, put: PER_STORE_PUT, get: PER_STORE_GET, gb, hasFreeTier: true }
  if (own !== null) return { ...table, second: own.usdPerGbSecond * gb }
  if (!REGIONS.includes(region)) return { what: 'region', name: region }
  if (!Object.hasOwn(PER_GB_SECOND, arch)) return { what: 'arch', name: arch }
  return { ...table, second: PER_GB_SECOND[arch] * gb }
}

export const isTariff = (found: Tariff | Unpriced | null): found is Tariff => found !== null && 'second' in found

/** What of a month's seconds and starts the free tier leaves to be paid. */
export function afterFreeTier({ gb, hasFreeTier }: Tariff, seconds: number, starts: number): [number, number] {
  if (!hasFreeTier) return [seconds, starts]
  return [Math.max(0, seconds - FREE.gbSeconds / gb), Math.max(0, starts - FREE.invocations)]
}
