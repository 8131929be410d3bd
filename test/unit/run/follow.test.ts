/** A run of another process as it is seen while it goes on: by its store, and by its log. */
import { existsSync } from 'node:fs'
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { packFrame } from '../../../lambda/packing.ts'
import { FRAME_VERSION } from '../../../src/measure/frame.ts'
import { emptyLedger } from '../../../src/measure/ledger.ts'
import { LogFollower, StoreFollower } from '../../../src/run/follow.ts'
import { Joined } from '../../../src/run/join.ts'
import { eventsPath, openRecord, type RunHead } from '../../../src/run/record.ts'
import { countWorkers, ledgerOf } from '../../../src/run/state.ts'
import { folderStore } from '../../../src/store/folder.ts'
import type { Store } from '../../../src/store/store.ts'
import { encodeEvent, type WorkerEvent } from '../../../src/wire/events.ts'
import { batchKey, claimKey, ordersKey, overKey } from '../../../src/wire/keys.ts'
import { firstOrders, LEASE_LIFETIME, type Orders } from '../../../src/wire/orders.ts'
import { constant, frameBytes } from '../../support/arbitraries.ts'
import { workFolder } from '../../support/cli.ts'
import { planOf } from '../../support/plans.ts'

const LAUNCHED = 1_000_000
const T0 = LAUNCHED + 2_000
const head: RunHead = {
  ...{
    schema: 'slsart.run/1',
    frames: FRAME_VERSION,
    id: 'a',
    fleet: 'lambda',
    engine: 'native',
    launchedAt: LAUNCHED,
    acceptance: false,
  },
  ...{
    baseline: null,
    monitoring: null,
    platform: null,
    plan: planOf([constant(4, 200)], 2),
    money: { cap: null, tariff: null },
  },
  script: {
    ...{ target: 'http://target', file: 'script.yml', scenarios: ['0'], warmUp: [], strict: false, quorum: 1 },
    thresholds: [],
  },
}

const frameOf = (slice: number, second: number, attempt = 1, seq = second): WorkerEvent => {
  const counters = { launched: 2, completed: 2, requests: 2, responses: 2 }
  return { type: 'frame', packed: packFrame(frameBytes({ slice, attempt, seq, second, counters })) }
}
const done: WorkerEvent = { type: 'done', ledger: { ...emptyLedger(), due: 400, launched: 6, completed: 6 }, frames: 3 }

describe('by its store', () => {
  let store: Store
  let follower: StoreFollower
  beforeEach(async () => {
    store = folderStore(workFolder())
    follower = new StoreFollower(head, store)
    for (const slice of [-1, 0, 1]) await store.put(claimKey(slice, 1), new Uint8Array())
  })
  const order = (orders: Partial<Orders>, now = T0): Promise<void> =>
    store.put(ordersKey, Buffer.from(JSON.stringify({ ...firstOrders(now), version: 3, ...orders })))
  const batch = (slice: number, seq: number, events: WorkerEvent[], attempt = 1): Promise<void> =>
    store.put(batchKey(slice, attempt, seq), Buffer.concat(events.map(encodeEvent)))
  const ready: WorkerEvent = { type: 'ready', at: T0 - 1_000 }
  const launched = (): number => ledgerOf(follower.state).launched

  it('is told up to the moment of which all workers have told, and says how long ago that was', async () => {
    await order({})
    expect(await follower.look(T0 - 1_000)).toBe('on')
    expect(follower.state.stage).toBe('warming')
    expect(countWorkers(follower.state, 'starting')).toBe(2)
    await order({ t0: T0 })
    await follower.look(T0 + 1_500)
    expect([follower.state.stage, follower.state.at, follower.behind]).toEqual(['running', 0, 1_500])

    await batch(0, 0, [ready, frameOf(0, 0), frameOf(0, 1)])
    await batch(1, 0, [ready, frameOf(1, 0)])
    await follower.look(T0 + 2_600)
    expect([follower.state.at, follower.behind, launched()]).toEqual([1, 1_600, 4])
    expect(follower.state.recent.seconds.map((second) => second.launched)).toEqual([4])

    await batch(1, 1, [frameOf(1, 1), frameOf(1, 2)])
    await follower.look(T0 + 3_700)
    expect([follower.state.at, launched()]).toEqual([2, 8])
    await batch(0, 1, [frameOf(0, 2), done])
    await follower.look(T0 + 4_800)
    expect([follower.state.at, launched()]).toEqual([3, 12])
    expect(follower.state.recent.seconds.map((second) => second.launched)).toEqual([4, 4, 4])
    expect(follower.state.workers.map(({ is }) => is)).toEqual(['done', 'running'])
  })

  it('waits for no worker that has told nothing for too long, and counts what it tells at last', async () => {
    await order({ t0: T0 })
    await batch(0, 0, [ready, ...Array.from({ length: 100 }, (_, second) => frameOf(0, second))])
    await batch(1, 0, [ready, frameOf(1, 0)])
    await follower.look(T0 + 60_000)
    expect(follower.state.at).toBe(1)
    await order({ t0: T0 }, T0 + 100_000)
    await follower.look(T0 + 100_000)
    expect([follower.state.at, launched()]).toEqual([25, 52])
    expect(follower.state.standings).toEqual(['ok', 'silent'])
    await batch(1, 1, [frameOf(1, 1)])
    await follower.look(T0 + 102_000)
    expect(launched()).toBe(2 * 27 + 4)
  })

  it('shows at once how it is steered, and a worker in the place of another', async () => {
    await order({ t0: T0 })
    await batch(0, 0, [ready, frameOf(0, 0)])
    await batch(1, 0, [ready, frameOf(1, 0)])
    await follower.look(T0 + 2_000)
    const epochs = [
      { at: 5, kind: 'scale', scale: 2 },
      { at: 7, kind: 'pause' },
    ] as const
    await store.put(claimKey(1, 2), new Uint8Array())
    await order({ t0: T0, epochs, joined: [{ slice: 1, attempt: 2, from: 4 }], dropped: [{ slice: 1, attempt: 1 }] })
    await follower.look(T0 + 13_000)
    expect(follower.state.epochs).toEqual(epochs)
    expect(follower.state.log.flatMap((news) => (news.kind === 'steered' ? [news.epoch] : []))).toEqual(epochs)
    expect(follower.state.workers[1]?.attempts.map(({ attempt, from }) => [attempt, from])).toEqual([
      [1, 0],
      [2, 4],
    ])
    expect(follower.state.at).toBe(1)
  })

  it('has lost and doubled nothing when its store failed in between', async () => {
    let isDown = false
    const get: Store['get'] = (key) =>
      isDown && key.startsWith('batches/1') ? Promise.reject(new Error('down')) : store.get(key)
    follower = new StoreFollower(head, { ...store, get })
    await order({ t0: T0 })
    for (const slice of [0, 1]) await batch(slice, 0, [ready, frameOf(slice, 0), frameOf(slice, 1)])
    isDown = true
    await expect(follower.look(T0 + 2_500)).rejects.toThrow('down')
    isDown = false
    await follower.look(T0 + 2_600)
    expect([follower.state.at, launched()]).toEqual([2, 8])
  })

  it('has all that there is when it is over, though a worker never said that it ended', async () => {
    await order({ t0: T0 })
    for (const slice of [0, 1]) await batch(slice, 0, [ready, frameOf(slice, 0)])
    await follower.look(T0 + 2_000)
    for (const slice of [0, 1])
      await batch(slice, 1, [frameOf(slice, 1), frameOf(slice, 2), ...(slice === 0 ? [done] : [])])
    await store.put(overKey, new Uint8Array())
    expect(await follower.look(T0 + 2_500)).toBe('over')
    expect(launched()).toBe(12)
  })

  it.each<[string, () => Promise<unknown>]>([
    ['its conductor says so', () => store.put(overKey, new Uint8Array())],
    ['nobody leads it any longer', () => order({ t0: T0 }, T0 - LEASE_LIFETIME - 30_000)],
    ['nothing is left of it', () => store.clear('')],
  ])('is over when %s', async (_, end) => {
    await order({ t0: T0 })
    expect(await follower.look(T0 + 1_000)).toBe('on')
    await end()
    expect(await follower.look(T0 + 2_000)).toBe('over')
  })
})

describe('by its log', () => {
  /** Everything that the log tells in one go, and one that is read as it grows. */
  it('is the same in whatever pieces it is read', async () => {
    const whole = join(workFolder(), 'whole')
    const log = await openRecord(whole, head)
    log.event({ type: 'launched', slices: [0, 1], attempt: 1 }, LAUNCHED)
    for (const slice of [0, 1]) log.event({ type: 'ready', slice, attempt: 1, at: LAUNCHED }, LAUNCHED + 300)
    log.event({ type: 'go', t0: T0 }, LAUNCHED + 500)
    for (let second = 0; second < 20; second++) {
      for (const slice of [0, 1]) {
        const frame = frameOf(slice, second)
        if (frame.type === 'frame') log.frame({ slice, second }, frame.packed, T0 + second * 1_000 + 1_010)
      }
    }
    await log.close()
    const bytes = await readFile(eventsPath(whole))
    const growing = join(workFolder(), 'growing')
    await mkdir(growing)
    await writeFile(eventsPath(growing), '')
    const follower = new LogFollower(head, growing)
    for (let at = 0; at < bytes.length; at += 97) {
      await appendFile(eventsPath(growing), bytes.subarray(at, at + 97))
      expect(await follower.look(T0)).not.toBe('over')
    }
    await follower.look(T0 + 21_000)
    expect(ledgerOf(follower.state)).toMatchObject({ launched: 80, completed: 80 })
    expect(follower.state.recent.seconds.map(({ launched }) => launched)).toEqual(Array(20).fill(4))
    await writeFile(join(growing, 'ending.json'), '{"endedAt":1}')
    expect(await follower.look(T0 + 22_000)).toBe('over')
  })

  it('is left for the store when nobody writes it any longer and the load goes on; a local run without its command is over', async () => {
    const now = Date.now()
    const t0 = now - 60_000
    const lately = { ...head, launchedAt: t0 - 2_000 }
    const folder = join(workFolder(), 'run')
    const log = await openRecord(folder, lately)
    log.event({ type: 'launched', slices: [0, 1], attempt: 1 }, t0 - 1_000)
    log.event({ type: 'go', t0 }, t0 - 500)
    await log.close()
    const store = folderStore(join(workFolder(), 'bucket'))
    const put = (lease: number): Promise<void> =>
      store.put(ordersKey, Buffer.from(JSON.stringify({ ...firstOrders(lease), t0 })))
    for (const slice of [0, 1]) {
      await store.put(claimKey(slice, 1), new Uint8Array())
      const told = [{ type: 'ready', at: t0 - 700 } as const, ...[0, 1, 2].map((second) => frameOf(slice, second))]
      await store.put(batchKey(slice, 1, 0), Buffer.concat(told.map(encodeEvent)))
    }
    expect(existsSync(eventsPath(folder))).toBe(true)
    const later = now + 15_000
    await put(later)
    const remote = new Joined({ head: lately, folder, store, isLocal: false })
    expect(await remote.look(later)).toBe('on')
    expect(await remote.look(later)).toBe('on')
    expect(ledgerOf(remote.state).launched).toBe(12)
    expect(remote.behind).toBeGreaterThan(10_000)

    const local = new Joined({ head: lately, folder, store, isLocal: true })
    expect(await local.look(later)).toBe('on')
    expect(local.behind).toBe(0)
    await put(later - LEASE_LIFETIME - 30_000)
    expect(await local.look(later)).toBe('over')
  })
})
