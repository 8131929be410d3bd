/** What a worker promises whoever starts it: once, in its window, under a lease. */
import { expect, test } from 'vitest'
import { startTarget } from '../../demo/target.ts'
import { type Epoch, steer } from '../../src/plan/epochs.ts'
import { type Phase, profileOf } from '../../src/plan/profile.ts'
import { folderStore } from '../../src/store/folder.ts'
import { EventDecoder, type WorkerEvent } from '../../src/wire/events.ts'
import { batchKey } from '../../src/wire/keys.ts'
import { workFolder } from '../support/cli.ts'
import { order, runWorker, startEvent } from '../support/worker.ts'

const done = (events: readonly WorkerEvent[]): WorkerEvent | undefined => events.find(({ type }) => type === 'done')

test.concurrent('it says ready, waits for go, and sends nothing before T0', async () => {
  const target = await startTarget()
  const store = workFolder()
  const now = Date.now()
  await order(store, { t0: null, lease: now, stop: null })
  let t0 = 0
  const firsts: number[] = []
  target.watch(({ at }) => firsts.push(at))
  const events = await runWorker(startEvent(store, target.url, { duration: 1, arrivals: 10 }), ({ type }) => {
    if (type !== 'ready') return
    expect(target.total()).toBe(0) // the warm-up is inside the worker
    t0 = Date.now() + 500
    void order(store, { t0, lease: t0, stop: null })
  })
  expect(events.map(({ type }) => type)).toEqual(['ready', ...events.slice(1, -1).map(() => 'frame'), 'done'])
  expect(Math.min(...firsts)).toBeGreaterThanOrEqual(t0 + 49) // the first of ten a second is due at 50 ms
  expect(target.total()).toBe(10)
  expect(done(events)).toMatchObject({ ledger: { due: 10, launched: 10, lost: 0, completed: 10, unfinished: 0 } })
  await target.close()
})

test.concurrent('a second start of the same slice and attempt sends nothing and says so', async () => {
  const target = await startTarget()
  const store = workFolder()
  const t0 = Date.now() + 1_500
  await order(store, { t0, lease: t0, stop: null })
  const start = startEvent(store, target.url, { duration: 1, arrivals: 5 })
  const both = await Promise.all([runWorker(start), runWorker(start)])
  const refused = both.filter((events) => events.some((event) => event.type === 'fault' && event.code === 'late'))
  expect(refused).toHaveLength(1)
  expect(refused[0]).toHaveLength(1)
  expect(target.total()).toBe(5)
  await target.close()
})

test.concurrent('a worker that starts after its window is over sends nothing and says so', async () => {
  const target = await startTarget()
  const store = workFolder()
  await order(store, { t0: Date.now() - 60_000, lease: Date.now(), stop: null })
  const events = await runWorker(startEvent(store, target.url, { duration: 1, arrivals: 5 }))
  expect(events.at(-1)).toMatchObject({ type: 'fault', code: 'late', message: 'the window of slice 0 is over' })
  expect(target.total()).toBe(0)
  await target.close()
})

test.concurrent('a worker that is ready after its window has begun waits to be told when it joins, and sends what is due from then on', async () => {
  const target = await startTarget()
  const store = workFolder()
  const t0 = Date.now() - 2_000
  await order(store, { t0, lease: Date.now(), stop: null })
  const joined = [{ slice: 0, attempt: 1, from: 7 }]
  const events = await runWorker(startEvent(store, target.url, { duration: 9, arrivals: 90 }), ({ type }) => {
    if (type !== 'ready') return
    expect(target.total()).toBe(0)
    void order(store, { t0, lease: Date.now(), stop: null, joined })
  })
  expect(events.at(-1)).toMatchObject({ type: 'done', ledger: { due: 20, launched: 20, lost: 0 } })
  expect(target.total()).toBe(20)
  await target.close()
})

test.concurrent.each([
  ['goes on when its orders still want it', [], 60],
  ['launches nothing more when it was given up meanwhile', [{ slice: 0, attempt: 1 }], null],
])('a worker that stood still %s', async (_, dropped, launches) => {
  const target = await startTarget()
  const store = workFolder()
  await order(store, { t0: null, lease: Date.now(), stop: null })
  let [t0, frames, frozen, thawed] = [0, 0, 0, 0]
  const events = await runWorker(startEvent(store, target.url, { duration: 6, arrivals: 60 }), ({ type }, child) => {
    if (type === 'ready') {
      t0 = Date.now() + 500
      void order(store, { t0, lease: t0, stop: null })
    }
    if (type !== 'frame' || ++frames !== 2) return
    child.kill('SIGSTOP')
    // What was on its way is there by then.
    setTimeout(() => {
      frozen = target.total()
      void order(store, { t0, lease: Date.now(), stop: null, dropped }).then(() => {
        thawed = target.total()
        child.kill('SIGCONT')
      })
    }, 2_500)
  })
  expect(thawed).toBe(frozen)
  expect(target.total()).toBe(launches ?? thawed)
  expect(done(events)).toMatchObject({ ledger: { launched: launches ?? thawed } })
  await target.close()
})

test.concurrent('the store has, batch by batch, the very bytes that the worker streamed', async () => {
  const target = await startTarget()
  const store = workFolder()
  const t0 = Date.now() + 1_500
  await order(store, { t0, lease: t0, stop: null })
  const start = { ...startEvent(store, target.url, { duration: 3, arrivals: 30 }), batches: 1 }
  const events = await runWorker(start)
  await target.close()
  const kept = folderStore(store)
  const keys = await kept.list('batches/0-1/')
  expect(keys.slice(0, 2)).toEqual([batchKey(0, 1, 0), batchKey(0, 1, 1)])
  expect(keys.length).toBeGreaterThan(2)
  const decoder = new EventDecoder()
  const again: WorkerEvent[] = []
  for (const key of keys) again.push(...decoder.push((await kept.get(key)) ?? new Uint8Array()))
  expect(again).toEqual(events)
})

test.concurrent('a worker whose lease ran out stops, with what it did not launch counted as lost', async () => {
  const target = await startTarget()
  const store = workFolder()
  const t0 = Date.now() + 1_500
  // The lease has three seconds left of its thirty.
  await order(store, { t0, lease: t0 - 27_000, stop: null })
  const events = await runWorker(startEvent(store, target.url, { duration: 30, arrivals: 300 }))
  const end = done(events)
  expect(end).toMatchObject({ type: 'done', ledger: { due: 300 } })
  const ledger = end?.type === 'done' ? end.ledger : null
  expect(ledger?.launched).toBeLessThan(80)
  expect(ledger && ledger.launched + ledger.lost).toBe(300)
  expect(target.total()).toBe(ledger?.launched)
  await target.close()
})

test.concurrent('a worker does what its orders say of the load: more, none, on again, and the next phase', async () => {
  const target = await startTarget()
  const store = workFolder()
  const t0 = Date.now() + 1_500
  const renew = (epochs: Epoch[]): Promise<void> => order(store, { t0, lease: Date.now(), stop: null, epochs })
  await renew([])
  const start = startEvent(store, target.url, { duration: 30, arrivals: 300 })
  const last: Phase = { name: 'last', duration: 2, load: { kind: 'count', arrivals: 10 }, maxVusers: null }
  const phases: Phase[] = [{ name: 'p', duration: 30, load: { kind: 'count', arrivals: 300 }, maxVusers: null }, last]
  const profile = profileOf(phases, 1)
  const epochs: Epoch[] = [
    { at: 3, kind: 'scale', scale: 2 },
    { at: 5, kind: 'pause' },
    { at: 8, kind: 'resume' },
    { at: 10, kind: 'end-phase' },
  ]
  const at: number[] = []
  target.watch((seen) => at.push((seen.at - t0) / 1000))
  for (const [i, { at }] of epochs.entries()) {
    setTimeout(() => void renew(epochs.slice(0, i + 1)), t0 + (at - 1.5) * 1000 - Date.now())
  }
  const slice = { ...start.slice, window: { from: 0, to: profile.duration } }
  const events = await runWorker({ ...start, profile, slice })
  await target.close()
  const steered = steer(profile, epochs)
  // The scale holds in the next phase too.
  expect(steered).toMatchObject({ arrivals: 30 + 40 + 40 + 20, duration: 12 })
  expect(done(events)).toMatchObject({ ledger: { due: 130, launched: 130, completed: 130, lost: 0 } })
  expect(target.total()).toBe(130)
  const between = (from: number, to: number): number => at.filter((t) => t >= from && t < to).length
  const [before = 0, more = 0, paused = 0, on = 0, next = 0] = [
    [0, 3],
    [3, 5.4],
    [5.4, 8],
    [8, 10],
    [10, 13],
  ].map(([from = 0, to = 0]) => between(from, to))
  // To a few: what is sent on a busy machine arrives a little later.
  for (const [seen, due] of [
    [before, 30],
    [more, 40],
    [paused, 0],
    [on, 40],
    [next, 20],
  ] as const) {
    expect(Math.abs(seen - due), `${at.map((t) => t.toFixed(2))}`).toBeLessThan(5)
  }
})

test.concurrent('a `before` that its orders stop sends nothing more, and says so', async () => {
  const target = await startTarget()
  const store = workFolder()
  await order(store, { t0: null, lease: Date.now(), stop: null })
  const start = startEvent(store, target.url, { duration: 1, arrivals: 1 })
  const before = { flow: [{ loop: [{ get: { url: '/items/1' } }, { think: 0.05 }], count: 10_000 }] }
  const script = { ...start.script, hooks: { before, after: null } }
  const stopped = new Promise<number>((resolve) => {
    target.watch(() => {
      if (target.total() !== 5) return
      void order(store, { t0: null, lease: Date.now(), stop: 'drain' }).then(() => resolve(Date.now()))
    })
  })
  const events = await runWorker({ ...start, hook: 'before', index: -1, script })
  expect(Date.now() - (await stopped)).toBeLessThan(5_000)
  expect(events).toEqual([{ type: 'fault', code: 'hook', message: 'stopped', at: null }])
  expect(await folderStore(store).list('ended/')).toEqual(['ended/-1-1'])
  await target.close()
})

test.concurrent('a run stopped before go is done at once with nothing sent', async () => {
  const target = await startTarget()
  const store = workFolder()
  await order(store, { t0: null, lease: Date.now(), stop: 'drain' })
  const events = await runWorker(startEvent(store, target.url, { duration: 1, arrivals: 5 }))
  expect(done(events)).toMatchObject({ ledger: { due: 5, launched: 0, lost: 5 }, frames: 0 })
  expect(target.total()).toBe(0)
  await target.close()
})

test.concurrent('a part of the bundle that is missing or was changed on its way is refused', async () => {
  const store = workFolder({ 'changed.mjs': 'export const a = 1' })
  await order(store, { t0: null, lease: Date.now(), stop: null })
  const start = startEvent(store, 'http://127.0.0.1:1', { duration: 1, arrivals: 5 })
  const refusal = async (key: string, attempt: number): Promise<WorkerEvent | undefined> => {
    const parts = { processor: { key, hash: '0'.repeat(64), inline: null }, extensions: [], rows: [], files: [] }
    return (await runWorker({ ...start, attempt, parts })).at(-1)
  }
  expect(await refusal('gone.mjs', 1)).toMatchObject({
    code: 'worker',
    message: expect.stringContaining('gone.mjs is not in the store'),
  })
  expect(await refusal('changed.mjs', 2)).toMatchObject({
    code: 'worker',
    message: expect.stringContaining('changed.mjs is damaged'),
  })
})
