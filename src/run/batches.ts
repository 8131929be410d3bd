/** What the workers of a run wrote into its store: the events of their streams, read again in the order of their times. */
import type { FrameHead } from '../measure/frame.ts'
import type { Store } from '../store/store.ts'
import type { Millis, Seconds } from '../units.ts'
import { EventDecoder, type WorkerEvent } from '../wire/events.ts'
import { batchesPrefix } from '../wire/keys.ts'
import type { SliceAttempt } from '../wire/orders.ts'
import { heard, heardHead } from './heard.ts'
import { unpacked } from './unpack.ts'

/** `now`: by the worker's clock, as near as the event tells it. Frames have their bytes too, unpacked. */
export type Kept = SliceAttempt & {
  now: Millis
  event: Exclude<WorkerEvent, { type: 'frame' }> | { type: 'frame'; packed: Uint8Array; bytes: Uint8Array }
}

/** `keys` of its batches that are still to be read; `at`: how far it has told. */
type Worker = SliceAttempt & { keys: string[]; at: Millis }

/** No run is longer: 31 days. */
const LONGEST: Seconds = 2_678_400
/** How many batches are asked for at the same time. */
const AT_ONCE = 32
const KEY = /^batches\/(\d+)-(\d+)\//

/**
 * All workers' events, sorted by time but for what one worker told late. Only the batches of two rounds, one of each worker, are in memory at a
 * time. `t0`: of the orders; without it nothing was measured.
 */
export async function* batchesOf(store: Store, t0: Millis | null): AsyncGenerator<Kept> {
  const workers = await workersOf(store)
  const held: Kept[] = []
  for (;;) {
    const open = workers.filter(({ keys }) => keys.length > 0)
    if (open.length === 0) break
    for (let i = 0; i < open.length; i += AT_ONCE) {
      const some = open.slice(i, i + AT_ONCE)
      for (const events of await Promise.all(some.map((worker) => nextOf(worker, store, t0)))) held.push(...events)
    }
    // Whoever has more batches has told of nothing later than this.
    const until = open.filter(({ keys }) => keys.length > 0).reduce((least, { at }) => Math.min(least, at), Infinity)
    held.sort((a, b) => a.now - b.now)
    const ripe = held.findIndex(({ now }) => now > until)
    yield* held.splice(0, ripe === -1 ? held.length : ripe)
  }
  yield* held
}

/** Hooks have numbers below 0, and are not of the record. */
async function workersOf(store: Store): Promise<Worker[]> {
  const workers = new Map<string, Worker>()
  for (const key of await store.list(batchesPrefix)) {
    const [of, slice, attempt] = KEY.exec(key) ?? []
    if (of === undefined) continue
    const worker = workers.get(of) ?? newWorker({ slice: Number(slice), attempt: Number(attempt) })
    worker.keys.push(key)
    workers.set(of, worker)
  }
  return [...workers.values()]
}

const newWorker = (of: SliceAttempt): Worker => ({ ...of, keys: [], at: Number.NEGATIVE_INFINITY })

/** The events of a worker's next batch; none when it is missing. */
const nextOf = async (worker: Worker, store: Store, t0: Millis | null): Promise<Kept[]> =>
  keptIn((await store.get(worker.keys.shift() as string)) ?? new Uint8Array(), worker, t0)

/** The events of a batch. `at`: the latest that its worker told of, which grows. Other events have the time of the one before them. */
export function keptIn(bytes: Uint8Array, worker: SliceAttempt & { at: Millis }, t0: Millis | null): Kept[] {
  const { slice, attempt } = worker
  return wholeEvents(bytes).flatMap((event): Kept[] => {
    if (event.type !== 'frame') {
      if (event.type === 'ready') worker.at = event.at
      return [{ slice, attempt, now: worker.at, event }]
    }
    const frame = unpacked(event.packed)
    const head = frame && headIn(frame, worker)
    if (frame === null || head === null) return []
    const { second, health } = head
    // The first frame's interval began before T0.
    const within = second * 1000 + Math.min(1_000, health.span / 1000)
    worker.at = Math.max(worker.at, (t0 ?? 0) + within)
    return [{ slice, attempt, now: worker.at, event: { ...event, bytes: frame } }]
  })
}

function headIn(frame: Uint8Array, of: SliceAttempt): FrameHead | null {
  try {
    return heardHead(frame, of, LONGEST)
  } catch {
    return null
  }
}

const HEAD = 5

/** Of half a batch those that are whole; what follows a damaged one cannot be found. */
function wholeEvents(bytes: Uint8Array): WorkerEvent[] {
  const decoder = new EventDecoder()
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const events: WorkerEvent[] = []
  for (let at = 0; at + HEAD <= bytes.length; ) {
    const end = at + HEAD + view.getUint32(at)
    try {
      events.push(...decoder.push(bytes.subarray(at, end)).map(heard))
    } catch {
      break
    }
    at = end
  }
  return events
}
