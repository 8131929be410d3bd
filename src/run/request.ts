/** Asks a run's conductor, through the run's store alone, to steer its load, and waits for what comes of it. */
import { documentBytes, documentIn, documentOf } from '../store/documents.ts'
import type { Store } from '../store/store.ts'
import type { Millis } from '../units.ts'
import { answerKey, ordersKey, overKey, steerKey, steersPrefix } from '../wire/keys.ts'
import type { Orders } from '../wire/orders.ts'
import type { SteerAnswer, SteerRequest } from '../wire/steering.ts'
import type { World } from '../world.ts'
import { steerAlone } from './alone.ts'

/** The conductor looks twice a second; the rest is for a store that must be asked anew. */
const PATIENCE: Millis = 8_000
/** For what was taken up, and not answered. */
const MORE: Millis = 5_000

/**
 * `unanswered`: nobody took it up, and nobody will. `unsure`: it was taken up, and nobody said what came of it. `over`: the run has ended, and
 * it was not carried out.
 */
export type Steered =
  | Extract<SteerAnswer, { kind: 'steered' | 'refused' }>
  | { kind: 'unanswered' }
  | { kind: 'unsure' }
  | { kind: 'over' }

export type Asking = {
  store: Store
  clock: Pick<World['clock'], 'wall' | 'sleep'>
  /** Between looks. */
  every: Millis
}

export async function requestSteering(asking: Asking, request: SteerRequest): Promise<Steered> {
  const { store, clock, every } = asking
  const n = await numbered(store, request)
  if ((await documentIn<Orders>(store, ordersKey))?.led === false) return steerAlone(asking, n, request)
  const from = clock.wall()
  for (;;) {
    // First: what was answered was answered before the end.
    const [over, orders] = await Promise.all([store.get(overKey), store.get(ordersKey)])
    const answer = await answerIn(store, n)
    if (answer?.kind === 'steered' || answer?.kind === 'refused') return answer
    // A run that leaves nothing behind takes its orders away at its end: nor is anything left there by this.
    if (orders === null) return { kind: 'over' }
    const isOver = over !== null
    const waited = clock.wall() - from
    if (answer === null && (isOver || waited > PATIENCE)) {
      if (await withdrawn(store, n)) return { kind: isOver ? 'over' : 'unanswered' }
    } else if (answer !== null && (isOver || waited > PATIENCE + MORE)) return { kind: 'unsure' }
    await clock.sleep(every)
  }
}

/** Puts it under the first number that nobody has: whoever comes first is first. */
async function numbered(store: Store, request: SteerRequest): Promise<number> {
  const body = documentBytes(request)
  const last = (await store.list(steersPrefix)).at(-1)
  for (let n = 1 + (last === undefined ? 0 : Number.parseInt(last.slice(steersPrefix.length), 10)); ; n++) {
    if (await store.putIfAbsent(steerKey(n), body)) return n
  }
}

/** False: the conductor was faster. */
const withdrawn = (store: Store, n: number): Promise<boolean> => {
  const answer: SteerAnswer = { kind: 'withdrawn' }
  return store.putIfAbsent(answerKey(n), documentBytes(answer))
}

/** Null: there is none yet, or only its beginning. */
async function answerIn(store: Store, n: number): Promise<SteerAnswer | null> {
  const bytes = await store.get(answerKey(n))
  return bytes === null || bytes.length === 0 ? null : documentOf<SteerAnswer>(bytes)
}
