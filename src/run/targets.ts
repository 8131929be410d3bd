/**
 * Which of the hosts that a script names a run may not go to. A name that leads to private addresses alone may be gone to; one that
 * nobody knows here may lead anywhere where the workers are. Workers hold every connection to the same list.
 */
import { lookup } from 'node:dns/promises'
import type { NamedHost } from '../scenario/hosts.ts'
import type { Stranger } from '../target-errors.ts'
import type { Millis } from '../units.ts'
import { kindOf } from '../wire/addresses.ts'
import { type Refusal, refusalOf, refusalUnseen } from '../wire/targets.ts'

/** The addresses of a name; none when it has none, or nobody answers. */
export type Resolve = (name: string) => Promise<string[]>

/** The resolver has its own patience, which is longer than a user's. */
const PATIENCE: Millis = 3_000

export const resolving =
  (sleep: (span: Millis) => Promise<void>): Resolve =>
  async (name) => {
    const found = lookup(name, { all: true }).catch(() => [])
    const all = await Promise.race([found, sleep(PATIENCE).then(() => [])])
    return all.map(({ address }) => address)
  }

/** `isProxied`: the workers leave the looking up to a proxy. */
export async function strangersAmong(
  hosts: readonly NamedHost[],
  allow: readonly string[],
  { resolve, isProxied }: { resolve: Resolve; isProxied: boolean },
): Promise<Stranger[]> {
  const all = await Promise.all(
    hosts.map(async ({ host, at }): Promise<Stranger | null> => {
      const unseen = refusalUnseen(host, allow)
      const isAddress = kindOf(host) !== null
      if (unseen !== 'unlisted' || isAddress || isProxied) {
        return unseen && { host, at, why: unseen, addresses: [] }
      }
      const addresses = await resolve(host)
      const why = worst(addresses.map((address) => refusalOf(host, address, allow)))
      return why && { host, at, why, addresses }
    }),
  )
  return all.filter((stranger) => stranger !== null)
}

/** Of a name without addresses nobody knows more than that it is not listed. */
function worst(refusals: readonly (Refusal | null)[]): Refusal | null {
  if (refusals.includes('metadata')) return 'metadata'
  return refusals.length === 0 || refusals.includes('unlisted') ? 'unlisted' : null
}
