/**
 * The fleets of several regions as one: each worker is started where its slice is dealt to, and reads and writes the store of that region;
 * what all of them say comes in one stream, and the orders go to every region.
 */
import { regionReason } from '../../region-errors.ts'
import { regionsStore } from '../../store/regions.ts'
import type { Millis } from '../../units.ts'
import type { Orders } from '../../wire/orders.ts'
import type { World } from '../../world.ts'
import type { Fleet, FleetEvent, Platform } from '../fleet.ts'
import { EventQueue } from '../queue.ts'

/** How long a region is waited for to take what it can do without for now: a renewed lease. */
const PATIENCE: Millis = 3_000

type Part = Fleet & { platform: Platform }

/** `parts`: in the order of the plan's regions, the first is the run's home. `regionOf`: the position of a slice's. */
export function regionsFleet(
  parts: readonly [Part, ...Part[]],
  regionOf: (slice: number) => number,
  clock: Pick<World['clock'], 'sleep'>,
): Fleet {
  const [home, ...others] = parts
  const partOf = (slice: number): Part => (slice < 0 ? home : parts[regionOf(slice)]) ?? home
  const [first, ...rest] = parts.map(({ store }) => store)
  if (first === undefined) throw new TypeError('a run is in one region at least')
  const { name, place, inlineBytes, mostStartBytes, startDeadline, headstart } = home
  return {
    ...{ name, place, inlineBytes, mostStartBytes, startDeadline, headstart },
    platform: { ...home.platform, others: others.map(({ platform }) => platform) },
    store: regionsStore([first, ...rest], regionOf),
    /** Where some write more often than others, whoever is silent is not given up sooner than all of them may be. */
    get batches() {
      return parts.reduce<Fleet['batches']>((most, { batches }) => maxOf(most, batches), null)
    },
    async limits() {
      const all = await Promise.all(parts.map((part) => part.limits()))
      const starts = all.map(({ startsPer10s }) => startsPer10s)
      return {
        workers: all.reduce((sum, { workers }) => sum + workers, 0),
        startsPer10s: starts.reduce((sum, n) => (sum === null || n === null ? null : sum + n)) ?? null,
      }
    },
    launch(starts) {
      const events = new EventQueue<FleetEvent>()
      const launched = parts.map(async (part) => {
        const own = starts.filter(({ index }) => partOf(index) === part)
        if (own.length === 0) return
        for await (const event of part.launch(own.map((start) => ({ ...start, store: part.place }))))
          events.push(placed(event, part.platform))
      })
      void Promise.all(launched).then(() => events.end())
      return events
    },
    order: orderer(parts, clock),
    drop: (worker) => partOf(worker.slice).drop(worker),
    dropAll() {
      for (const part of parts) part.dropAll()
    },
    close: async () => void (await Promise.all(parts.map((part) => part.close()))),
  }
}

const maxOf = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b)

const placed = (said: FleetEvent, { region }: Platform): FleetEvent =>
  said.event.type === 'gone'
    ? { ...said, event: { ...said.event, reason: regionReason(region, said.event.reason) } }
    : said

/**
 * Writes the orders to every region at the same time. They are written when all have them; but where a region misses no more than its lease,
 * the others do not wait for it: its workers end by themselves, in time, and those of the others go on.
 */
function orderer(parts: readonly Part[], clock: Pick<World['clock'], 'sleep'>): (orders: Orders) => Promise<void> {
  const known: (Orders | undefined)[] = []
  return async (orders) => {
    const writes = parts.map(async (part, i) => {
      await part.order(orders)
      if (orders.version > (known[i]?.version ?? 0)) known[i] = orders
    })
    const all = Promise.allSettled(writes)
    if (!parts.every((_, i) => isRenewal(known[i], orders))) {
      for (const write of await all) if (write.status === 'rejected') throw write.reason
      return
    }
    await Promise.any(writes).catch((error: AggregateError) => {
      throw error.errors[0]
    })
    await Promise.race([all, clock.sleep(PATIENCE)])
  }
}

/** Whether workers that have the orders of before would do nothing else by these, but for how long they may. */
function isRenewal(before: Orders | undefined, { lease: _lease, version: _version, until, ...rest }: Orders): boolean {
  if (before === undefined) return false
  const { lease: _before, version: _older, until: earlier, ...same } = before
  const isNoSooner = until === null || (earlier !== null && earlier <= until)
  return isNoSooner && JSON.stringify(same) === JSON.stringify(rest)
}
