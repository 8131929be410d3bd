/**
 * Steers a run that nobody leads: whoever asks writes the orders himself, when it is the turn of his number. One who does not come to an end with
 * his turn is passed over, and then does nothing.
 */
import { steer } from '../plan/epochs.ts'
import { documentBytes, documentIn } from '../store/documents.ts'
import type { Store } from '../store/store.ts'
import type { Millis } from '../units.ts'
import { answerKey, headKey, ordersKey } from '../wire/keys.ts'
import { amend, type Orders } from '../wire/orders.ts'
import type { SteerAnswer, SteerRequest } from '../wire/steering.ts'
import type { RunHead } from './record.ts'
import type { Asking, Steered } from './request.ts'
import { steeredBy } from './steer.ts'

/** A turn takes four requests to the store. */
const PATIENCE: Millis = 5_000

export async function steerAlone(asking: Asking, n: number, { steering }: SteerRequest): Promise<Steered> {
  const { store, clock } = asking
  await turnOf(n, asking)
  if (!(await store.putIfAbsent(answerKey(n), documentBytes({ kind: 'taken' })))) return { kind: 'unanswered' }
  const [orders, head] = [await documentIn<Orders>(store, ordersKey), await documentIn<RunHead>(store, headKey)]
  if (orders === null || head === null) return { kind: 'over' }
  const { t0, epochs, stop } = orders
  const { epochs: next, answer } = steeredBy(
    {
      ...{ t0, epochs, plan: head.plan, profile: steer(head.plan.profile, epochs), stage: 'running' },
      at: t0 === null ? 0 : (clock.wall() - t0) / 1000,
      endedAt: stop === null ? null : 0,
    },
    steering,
  )
  if (next !== null) await store.put(ordersKey, documentBytes(amend(orders, { epochs: next })))
  await store.put(answerKey(n), documentBytes(answer))
  return answer.kind === 'steered' || answer.kind === 'refused' ? answer : { kind: 'unsure' }
}

/** Resolves when nobody with a lower number will write any more. */
async function turnOf(n: number, { store, clock, every }: Asking): Promise<void> {
  const from = clock.wall()
  while (n > 1 && !(await isPast(n - 1, store))) {
    if (clock.wall() - from > PATIENCE) {
      await store.putIfAbsent(answerKey(n - 1), documentBytes({ kind: 'withdrawn' }))
      return
    }
    await clock.sleep(every)
  }
}

async function isPast(n: number, store: Store): Promise<boolean> {
  const bytes = await store.get(answerKey(n))
  return (
    bytes !== null && bytes.length > 0 && (JSON.parse(Buffer.from(bytes).toString()) as SteerAnswer).kind !== 'taken'
  )
}
