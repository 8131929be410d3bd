/** When a worker asks its store, and what of the answers it obeys. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Asking } from '../../../lambda/asking.ts'
import { firstOrders, type Orders } from '../../../src/wire/orders.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A store whose answers are given by hand: the n-th question's orders have version n. */
function asked(): { asking: Asking; answer(n: number): Promise<void>; obeyed: number[] } {
  const answers: PromiseWithResolvers<Uint8Array>[] = []
  const obeyed: number[] = []
  const get = (): Promise<Uint8Array> => {
    const own = Promise.withResolvers<Uint8Array>()
    answers.push(own)
    return own.promise
  }
  const asking = new Asking({ get }, ({ version }: Orders) => obeyed.push(version))
  return {
    ...{ asking, obeyed },
    async answer(n) {
      answers[n - 1]?.resolve(Buffer.from(JSON.stringify({ ...firstOrders(0), version: n })))
      await vi.advanceTimersByTimeAsync(0)
    },
  }
}

it('asks a store that is slow no more than one that is not', async () => {
  const { asking, answer } = asked()
  expect(asking.isDue).toBe(true)
  void asking.ask(3_000)
  vi.advanceTimersByTime(999)
  expect(asking.isDue).toBe(false)
  await answer(1)
  expect(asking.isDue).toBe(true)
})

it('asks beside a question that hangs, and no slower for it', async () => {
  const { asking, answer } = asked()
  void asking.ask(3_000)
  vi.advanceTimersByTime(1_000)
  expect(asking.isDue).toBe(true)
  void asking.ask(3_000)
  expect(asking.isDue).toBe(false)
  await answer(2)
  expect(asking.isDue).toBe(true)
})

it('has no more than five questions open', () => {
  const { asking } = asked()
  for (let i = 0; i < 5; i++) {
    expect(asking.isDue).toBe(true)
    void asking.ask(3_000)
    vi.advanceTimersByTime(1_000)
  }
  expect(asking.isDue).toBe(false)
})

it('obeys in the order in which it asked', async () => {
  const { asking, answer, obeyed } = asked()
  for (let i = 0; i < 3; i++) void asking.ask(3_000)
  for (const n of [2, 1, 3]) await answer(n)
  expect(obeyed).toEqual([2, 3])
})
