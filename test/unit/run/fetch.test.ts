import { access, mkdtemp, readdir, readFile, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { packFrame } from '../../../lambda/packing.ts'
import { FRAME_VERSION } from '../../../src/measure/frame.ts'
import { emptyLedger } from '../../../src/measure/ledger.ts'
import { fetchRun } from '../../../src/run/fetch.ts'
import { eventsPath, openRecord, type RunHead, type RunRecord, readRecord } from '../../../src/run/record.ts'
import { ledgerOf } from '../../../src/run/state.ts'
import { folderStore } from '../../../src/store/folder.ts'
import type { Store } from '../../../src/store/store.ts'
import { encodeEvent, type WorkerEvent } from '../../../src/wire/events.ts'
import { batchKey, claimKey, headKey, ordersKey, overKey } from '../../../src/wire/keys.ts'
import { firstOrders, type Orders, type SliceAttempt } from '../../../src/wire/orders.ts'
import { constant, frameBytes } from '../../support/arbitraries.ts'
import { planOf } from '../../support/plans.ts'

let root: string
let store: Store
let folder: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slsart-fetch-'))
  store = folderStore(join(root, 'store'))
  folder = join(root, 'run')
})
afterEach(() => rm(root, { recursive: true }))

/** Nobody renews the lease any longer. */
const LATER = 100_000
const T0 = 2_000
const head: RunHead = {
  ...{
    schema: 'slsart.run/1',
    frames: FRAME_VERSION,
    id: 'a',
    fleet: 'lambda',
    engine: 'native',
    launchedAt: 1_000,
    acceptance: false,
    monitoring: null,
  },
  ...{ baseline: null, platform: null, plan: planOf([constant(3, 4)], 2), money: { cap: null, tariff: null } },
  script: {
    ...{ target: 'http://target', file: 'script.yml', scenarios: ['0'], warmUp: [], strict: false, quorum: 1 },
    thresholds: [],
  },
}
const orders: Orders = { ...firstOrders(5_000), version: 3, t0: T0 }

const frameOf = (slice: number, second: number): WorkerEvent => {
  const counters = { launched: 2, completed: 2, requests: 2, responses: 2 }
  const samples = { response: [1_000 + second, 2_000], lateness: [5, 6] }
  return { type: 'frame', packed: packFrame(frameBytes({ slice, seq: second, second, counters, samples })) }
}
const done = (lost = 0): WorkerEvent => {
  const launched = 6 - lost
  return {
    type: 'done',
    ledger: { ...emptyLedger(), due: 6, launched, completed: launched, lost },
    frames: launched / 2,
  }
}
const batch = (slice: number, seq: number, ...events: WorkerEvent[]): Promise<void> =>
  batchOf({ slice, attempt: 1 }, seq, events)
const batchOf = ({ slice, attempt }: SliceAttempt, seq: number, events: WorkerEvent[]): Promise<void> =>
  store.put(batchKey(slice, attempt, seq), Buffer.concat(events.map(encodeEvent)))

/** Two workers of six arrivals each, over three seconds; the second one ends as told. */
async function stored(told: Partial<Orders>, last: WorkerEvent[]): Promise<void> {
  await store.put(headKey, Buffer.from(JSON.stringify(head)))
  await store.put(ordersKey, Buffer.from(JSON.stringify({ ...orders, ...told })))
  for (const slice of [-1, 0, 1]) await store.put(claimKey(slice, 1), new Uint8Array())
  await batch(-1, 0, { type: 'hooked', vars: {} })
  await batch(0, 0, { type: 'ready', at: 1_500 }, frameOf(0, 0), frameOf(0, 1))
  await batch(0, 1, frameOf(0, 2), done())
  await batch(1, 0, { type: 'ready', at: 1_400 }, frameOf(1, 0), frameOf(1, 1))
  if (last.length > 0) await batch(1, 1, ...last)
}

async function fetched(): Promise<RunRecord> {
  await fetchRun(store, folder, LATER)
  return readRecord(folder)
}
const reasonsOf = ({ verdict }: RunRecord): object[] => verdict.reasons

describe('a run of which the store has everything', () => {
  it('is as whole as if it had been conducted here, but for how its workers were heard', async () => {
    await stored({}, [frameOf(1, 2), done()])
    const record = await fetched()
    expect(record.verdict).toEqual({ result: 'pass', trust: 'trusted', reasons: [] })
    expect(ledgerOf(record.state)).toMatchObject({ due: 12, launched: 12, completed: 12, lost: 0 })
    expect([record.startedAt, record.endedAt]).toEqual([T0, T0 + 3_000])
    expect(record.state.workers.map(({ startedIn, behind }) => [startedIn, behind])).toEqual([
      [null, null],
      [null, null],
    ])
  })

  it('is the same when several fetch it at once, and nothing else is left in its folder', async () => {
    await stored({}, [frameOf(1, 2), done()])
    await Promise.all([1, 2, 3].map(() => fetchRun(store, folder, LATER)))
    expect((await fetched()).verdict.result).toBe('pass')
    expect((await readdir(folder)).toSorted()).toEqual(['ending.json', 'events.bin', 'run.json'])
  })

  it('was stopped from elsewhere when its orders say so', async () => {
    await stored({ stop: 'drain' }, [done(2)])
    const record = await fetched()
    expect(reasonsOf(record)).toMatchObject([{ kind: 'stopped', by: 'order' }])
    expect(record.exit.code).toBe(20)
    expect(ledgerOf(record.state).lost).toBe(2)
  })

  it('was left alone when its workers ended early and nobody had told them to', async () => {
    await stored({}, [done(2)])
    const record = await fetched()
    expect(reasonsOf(record)).toMatchObject([{ kind: 'stopped', by: 'lease' }])
    expect(record.exit.all).toEqual([20, 12])
  })

  it('tells what went wrong in a worker', async () => {
    await stored({}, [{ type: 'fault', code: 'worker', message: 'it broke', at: null }])
    expect(reasonsOf(await fetched())).toMatchObject([{ kind: 'lost-workers', lost: 1, why: 'it broke' }])
  })
})

it('a worker that was replaced has what both of its attempts told, and lost what came between them', async () => {
  const dropped = [{ slice: 1, attempt: 1 }]
  await stored({ dropped, joined: [{ slice: 1, attempt: 2, from: 2 }] }, [])
  await rm(join(root, 'store', batchKey(1, 1, 0)))
  await batch(1, 0, { type: 'ready', at: 1_400 }, frameOf(1, 0))
  await store.put(claimKey(1, 2), new Uint8Array())
  // Of the second's six, three are due from 2 s on.
  const told = { launched: 3, completed: 3 }
  const packed = packFrame(frameBytes({ slice: 1, attempt: 2, second: 2, counters: { ...told, responses: 3 } }))
  const last: WorkerEvent = { type: 'done', ledger: { ...emptyLedger(), due: 3, ...told }, frames: 1 }
  await batchOf({ slice: 1, attempt: 2 }, 0, [{ type: 'ready', at: 3_500 }, { type: 'frame', packed }, last])
  const { state, verdict } = await fetched()
  expect(state.workers[1]).toMatchObject({
    is: 'done',
    attempts: [
      { from: 0, told: { launched: 2 } },
      { from: 2, own: { frames: 1 } },
    ],
    ledger: { due: 6, launched: 5, lost: 1, completed: 5, unfinished: 0 },
  })
  expect(verdict).toMatchObject({
    result: 'pass',
    trust: 'degraded',
    reasons: [{ kind: 'gaps', replaced: 1, lost: 1, of: 12 }],
  })
})

describe('what the store has not', () => {
  it('is missing when a worker never came to its end', async () => {
    await stored({}, [])
    const record = await fetched()
    expect(reasonsOf(record).map((reason) => 'kind' in reason && reason.kind)).toEqual(['lost-workers', 'record-cut'])
    expect(ledgerOf(record.state)).toMatchObject({ launched: 10, lost: 2 })
  })

  it('is missing when a batch is, by the number of its frames', async () => {
    await stored({}, [frameOf(1, 2), done()])
    await rm(join(root, 'store', batchKey(1, 1, 0)))
    const record = await fetched()
    expect(reasonsOf(record)).toMatchObject([{ kind: 'missing-frames', frames: 2 }, { kind: 'ledger' }])
    expect(record.state.totals.counter('requests')).toBe(8)
  })

  it.each([1, 4, 5, 60])('is what is not whole in half a batch, cut %s bytes before its end', async (cut) => {
    await stored({}, [frameOf(1, 2), done()])
    const bytes = (await store.get(batchKey(1, 1, 0))) as Uint8Array
    await store.put(batchKey(1, 1, 0), bytes.subarray(0, bytes.length - cut))
    expect(reasonsOf(await fetched())).toMatchObject([{ kind: 'missing-frames', frames: 1 }, { kind: 'ledger' }])
  })

  it('is what cannot be read', async () => {
    await stored({}, [frameOf(1, 2), done()])
    const garbage = Buffer.from([0, 0, 0, 1, 9, 9, 0, 0])
    await store.put(batchKey(1, 1, 0), Buffer.concat([encodeEvent(frameOf(1, 0)), garbage, encodeEvent(frameOf(1, 1))]))
    expect(reasonsOf(await fetched())).toMatchObject([{ kind: 'missing-frames', frames: 1 }, { kind: 'ledger' }])
  })

  it('comes with the next asking', async () => {
    await stored({}, [])
    await fetched()
    await batch(1, 1, frameOf(1, 2), done())
    const record = await fetched()
    expect(record.verdict.result).toBe('pass')
    expect(ledgerOf(record.state)).toMatchObject({ launched: 12, lost: 0 })
    expect(record.state.workers.map(({ trouble }) => trouble)).toEqual([null, null])
  })

  it('may be in the log of a conductor that was killed', async () => {
    await stored({}, [])
    const log = await openRecord(folder, head)
    log.event({ type: 'launched', slices: [0, 1], attempt: 1 }, 1_000)
    log.event({ type: 'ready', slice: 1, attempt: 1, at: 1_400 }, 1_450)
    log.event({ type: 'go', t0: T0 }, 1_600)
    const { packed } = frameOf(1, 2) as { packed: Uint8Array }
    log.frame({ slice: 1, second: 2 }, packed, 5_020)
    await log.close()
    const { state } = await fetched()
    expect(ledgerOf(state).launched).toBe(12)
    expect(state.workers[1]).toMatchObject({ startedIn: 450, behind: 20 })
  })
})

describe('the log of a conductor', () => {
  const lease = Date.now()
  /** How long the log is after it was to be filled up `later` milliseconds after it was last written. */
  async function lengthAfter(later: number, t0: number | null): Promise<number> {
    await stored({ lease, t0 }, [frameOf(1, 2), done()])
    await openRecord(folder, head).then((log) => log.close())
    await utimes(eventsPath(folder), lease / 1000, lease / 1000)
    await fetchRun(store, folder, lease + later)
    return (await readFile(eventsPath(folder))).length
  }

  it.each([
    ['renews its lease and was heard of a moment ago', 9_000, T0],
    ['renews its lease and has not told its workers to go', 29_000, null],
  ])('that %s is left alone', async (_, later, t0) => {
    expect(await lengthAfter(later, t0)).toBe(0)
  })

  it.each([
    ['has stopped renewing its lease', 31_000, null],
    ['wrote nothing for ten seconds of the load', 12_000, T0],
  ])('that %s is filled up', async (_, later, t0) => {
    expect(await lengthAfter(later, t0)).toBeGreaterThan(0)
  })
})

it('a run that was stopped before a window came to its turn has cancelled it', async () => {
  await stored({ stop: 'drain' }, [frameOf(1, 2), done()])
  await rm(join(root, 'store', claimKey(1, 1)))
  for (const seq of [0, 1]) await rm(join(root, 'store', batchKey(1, 1, seq)))
  const { state } = await fetched()
  expect(state.workers.map(({ is }) => is)).toEqual(['done', 'cancelled'])
  expect(ledgerOf(state)).toMatchObject({ launched: 6, lost: 6 })
})

it('a run that the store does not have is refused, and leaves nothing behind', async () => {
  await expect(fetchRun(store, folder, LATER)).rejects.toThrow('there is no such run in the store')
  await expect(access(folder)).rejects.toThrow('ENOENT')
})

describe('a run that nobody conducts', () => {
  const unled = { led: false, lease: 90_000 }

  it('has a worker that was late join by itself, and what fell due before that is lost', async () => {
    await stored(unled, [])
    // Two seconds after T0: of the second worker's six arrivals three are left.
    const told = { launched: 3, completed: 3 }
    const packed = packFrame(frameBytes({ slice: 1, second: 2, counters: { ...told, responses: 3 } }))
    const late: WorkerEvent = { type: 'done', ledger: { ...emptyLedger(), due: 3, ...told }, frames: 1 }
    await batch(1, 0, { type: 'ready', at: T0 + 2_000 }, { type: 'frame', packed }, late)
    const { state } = await fetched()
    expect(state.workers[1]?.attempts[0]?.from).toBe(2)
    expect(ledgerOf(state)).toMatchObject({ due: 12, launched: 9, completed: 9, lost: 3 })
  })

  it('has no end as long as it is not over, and workers without a last word are lost when it is', async () => {
    await stored(unled, [])
    expect(reasonsOf(await fetched())).toContainEqual(expect.objectContaining({ kind: 'record-cut' }))
    await store.put(overKey, new Uint8Array())
    const record = await fetched()
    expect(reasonsOf(record)).not.toContainEqual(expect.objectContaining({ kind: 'record-cut' }))
    expect(reasonsOf(record)).toContainEqual(
      expect.objectContaining({ kind: 'lost-workers', lost: 1, why: 'ended without a word' }),
    )
  })

  it('was stopped from elsewhere when its orders say so, and windows that never came are no loss of workers', async () => {
    await stored({ ...unled, stop: 'drain' }, [])
    await rm(join(root, 'store', claimKey(1, 1)))
    await rm(join(root, 'store', batchKey(1, 1, 0)))
    await store.put(overKey, new Uint8Array())
    const record = await fetched()
    expect(record.exit.code).toBe(20)
    expect(record.state.workers[1]?.is).toBe('cancelled')
    expect(ledgerOf(record.state)).toMatchObject({ due: 12, launched: 6, lost: 6 })
  })
})
