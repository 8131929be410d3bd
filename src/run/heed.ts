/**
 * What others ask of the load, as the conductor heeds it. Requests lie in the run's store under numbers; they are taken up in their order, each
 * once. It is taken first, and carried out then: whoever asked, and would wait no longer, has taken it back before that, or hears of it. The
 * answer comes when the orders are in the store. Costs two GETs a second, $0.003 an hour: half of what a worker asks.
 */
import * as z from 'zod'
import type { Steering } from '../plan/epochs.ts'
import { documentBytes, documentOf } from '../store/documents.ts'
import type { Store } from '../store/store.ts'
import type { Millis } from '../units.ts'
import { answerKey, steerKey } from '../wire/keys.ts'
import { MOST_SCALE, type SteerAnswer } from '../wire/steering.ts'
import type { World } from '../world.ts'
import type { Steer } from './steer.ts'

const LOOK: Millis = 500
/** Looks at a time: one that hangs must not hold up the next. */
const MOST = 3

type Around = {
  store: Pick<Store, 'get' | 'put' | 'putIfAbsent'>
  clock: Pick<World['clock'], 'every'>
  steer: Steer
}

const request = z.object({
  steering: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('scale'), scale: z.number().positive().max(MOST_SCALE) }),
    z.object({ kind: z.enum(['pause', 'resume', 'end-phase']) }),
  ]),
})

/** Heeds them until the function that it returns is called, which resolves when all that were taken up are answered. */
export function heedSteering({ store, clock, steer }: Around): () => Promise<void> {
  let next = 1
  let looks = 0
  let isOver = false
  let turn = Promise.resolve()
  const take = async (n: number, asked: Uint8Array): Promise<void> => {
    if (!(await store.putIfAbsent(answerKey(n), documentBytes({ kind: 'taken' })))) return
    const steering = steeringIn(asked)
    const answer: SteerAnswer = steering === null ? { kind: 'refused', why: 'unreadable' } : await steer(steering)
    await store.put(answerKey(n), documentBytes(answer))
  }
  const look = async (): Promise<void> => {
    const n = next
    const asked = await store.get(steerKey(n))
    // Without a byte it is being written. Another look may have found it while this one waited.
    if (asked === null || asked.length === 0 || n !== next || isOver) return
    next++
    // Who asked sees by the missing answer that something went wrong.
    turn = turn.then(() => take(n, asked)).catch(() => {})
    await look()
  }
  const end = clock.every(LOOK, () => {
    if (looks >= MOST) return
    looks++
    void look()
      // A store that does not answer is asked again.
      .catch(() => {})
      .finally(() => {
        looks--
      })
  })
  return () => {
    isOver = true
    end()
    return turn
  }
}

/** Null: it is no request. Workers, and the code in them, may write to the store too. */
function steeringIn(bytes: Uint8Array): Steering | null {
  try {
    return request.parse(documentOf(bytes)).steering
  } catch {
    return null
  }
}
