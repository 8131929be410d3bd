/** Several fleets as one: who is started where, and what becomes of orders that not all regions take. */
import { describe, expect, it } from 'vitest'
import type { Fleet, FleetEvent, Platform } from '../../../../src/fleet/fleet.ts'
import { regionsFleet } from '../../../../src/fleet/lambda/regions.ts'
import { folderStore } from '../../../../src/store/folder.ts'
import { amend, firstOrders, type Orders, type SliceAttempt } from '../../../../src/wire/orders.ts'
import type { Start, StorePlace } from '../../../../src/wire/start.ts'
import { workFolder } from '../../../support/cli.ts'
import { startEvent } from '../../../support/worker.ts'

type Part = Fleet & {
  platform: Platform
  started: Start[]
  ordered: Orders[]
  dropped: SliceAttempt[]
  write: () => Promise<void>
}

function part(region: string, workers: number): Part {
  const folder = workFolder()
  const place: StorePlace = { kind: 'bucket', bucket: `of-${region}`, prefix: 'runs/r/', region }
  const made: Part = {
    ...{ name: 'lambda', store: folderStore(folder), place, batches: 30, inlineBytes: 1, mostStartBytes: 1 },
    ...{ startDeadline: 30_000, headstart: 1_250 },
    platform: { stage: 'dev', region, function: 'f', bucket: `of-${region}`, arch: 'arm64', memoryMb: 1_769 },
    ...{ started: [], ordered: [], dropped: [], write: async () => {} },
    limits: async () => ({ workers, startsPer10s: 1_000 }),
    async *launch(starts): AsyncGenerator<FleetEvent> {
      made.started.push(...starts)
      for (const { index: slice, attempt } of starts)
        yield { slice, attempt, event: { type: 'gone', reason: 'its function returned', retry: false, billed: 5 } }
    },
    async order(orders) {
      await made.write()
      made.ordered.push(orders)
    },
    drop: (worker) => void made.dropped.push(worker),
    dropAll() {},
    async close() {},
  }
  return made
}

const two = (sleep = async (): Promise<void> => {}): { home: Part; away: Part; fleet: Fleet } => {
  const [home, away] = [part('us-east-1', 3), part('eu-west-1', 4)]
  return { home, away, fleet: regionsFleet([home, away], (slice) => slice % 2, { sleep }) }
}

const startOf = (index: number): Start => ({
  ...startEvent('', 'http://127.0.0.1:9', { duration: 1, arrivals: 1 }),
  index,
})

describe('several fleets as one', () => {
  it('start each worker in its region, with the store of that region, and tell where one is gone', async () => {
    const { home, away, fleet } = two()
    const heard: FleetEvent[] = []
    for await (const event of fleet.launch([-1, 0, 1, 2].map(startOf))) heard.push(event)
    expect(home.started.map(({ index }) => index)).toEqual([-1, 0, 2])
    expect(away.started.map(({ index, store }) => [index, store])).toEqual([[1, away.place]])
    expect(heard.find(({ slice }) => slice === 1)?.event).toMatchObject({
      reason: 'in eu-west-1: its function returned',
    })
    fleet.drop({ slice: 1, attempt: 1 })
    expect([home.dropped.length, away.dropped.length]).toEqual([0, 1])
    expect(await fleet.limits()).toEqual({ workers: 7, startsPer10s: 2_000 })
    expect(fleet.platform).toEqual({ ...home.platform, others: [away.platform] })
  })

  it('have a stop written when every region has it, and try all of them', async () => {
    const { home, away, fleet } = two()
    const first = firstOrders(0)
    await fleet.order(first)
    home.write = () => Promise.reject(new Error('no such bucket'))
    const stop = amend(first, { stop: 'now' })
    await expect(fleet.order(stop)).rejects.toThrow('no such bucket')
    expect(away.ordered).toEqual([first, stop])
    // As it is written again: what a region has missed is no renewal for it.
    await expect(fleet.order(amend(stop, { lease: 1 }))).rejects.toThrow('no such bucket')
  })

  it('renew the lease of the regions that can be reached, whatever holds up the others', async () => {
    const { home, away, fleet } = two()
    const first = firstOrders(0)
    await fleet.order(first)
    home.write = () => new Promise(() => {})
    await fleet.order(amend(first, { lease: 5_000 }))
    home.write = () => Promise.reject(new Error('no such bucket'))
    await fleet.order(amend(first, { lease: 10_000 }))
    expect([home.ordered.length, away.ordered.length]).toEqual([1, 3])
    away.write = home.write
    await expect(fleet.order(amend(first, { lease: 15_000 }))).rejects.toThrow('no such bucket')
  })
})
