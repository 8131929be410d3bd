import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { batched } from '../../../lambda/batches.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A store that refuses while it is told to, and what it has been given. */
function shelf(): {
  put: (seq: number, batch: Uint8Array) => Promise<void>
  had: [number, string][]
  tried: [number, string][]
  refuses: boolean
  settled: () => Promise<void>
} {
  const shelf = {
    had: [] as [number, string][],
    tried: [] as [number, string][],
    refuses: false,
    async put(seq: number, batch: Uint8Array): Promise<void> {
      const entry: [number, string] = [seq, new TextDecoder().decode(batch)]
      shelf.tried.push(entry)
      if (shelf.refuses) throw new Error('no')
      shelf.had.push(entry)
    },
    settled: () => new Promise<void>((resolve) => setImmediate(resolve)),
  }
  return shelf
}

it('puts what came since the last batch, by the second and at the end, in order', async () => {
  const store = shelf()
  const batches = batched(store.put, 30)
  batches.add(bytes('a'))
  batches.add(bytes('b'))
  await vi.advanceTimersByTimeAsync(29_000)
  expect(store.had).toEqual([])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(store.had).toEqual([[0, 'ab']])
  batches.add(bytes('c'))
  await vi.advanceTimersByTimeAsync(30_000)
  batches.add(bytes('d'))
  expect(await batches.close(1_000)).toBe(true)
  expect(store.had).toEqual([
    [0, 'ab'],
    [1, 'c'],
    [2, 'd'],
  ])
})

it('puts nothing when there is nothing', async () => {
  const store = shelf()
  const batches = batched(store.put, 1)
  await vi.advanceTimersByTimeAsync(5_000)
  expect(await batches.close(1_000)).toBe(true)
  expect(store.tried).toEqual([])
})

it('tries the very same batch again before the next', async () => {
  const store = shelf()
  const batches = batched(store.put, 1)
  store.refuses = true
  batches.add(bytes('a'))
  await vi.advanceTimersByTimeAsync(1_000)
  batches.add(bytes('b'))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(store.tried).toEqual([
    [0, 'a'],
    [0, 'a'],
  ])
  store.refuses = false
  batches.add(bytes('c'))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(store.had).toEqual([
    [0, 'a'],
    [1, 'b'],
    [2, 'c'],
  ])
  expect(await batches.close(1_000)).toBe(true)
})

it('never puts two at a time, and has at its end what came while one was on its way', async () => {
  let release = (): void => {}
  const had: number[] = []
  const batches = batched(async (seq) => {
    if (seq === 0) {
      await new Promise<void>((resolve) => {
        release = resolve
      })
    }
    had.push(seq)
  }, 1)
  batches.add(bytes('a'))
  await vi.advanceTimersByTimeAsync(1_000)
  batches.add(bytes('b'))
  await vi.advanceTimersByTimeAsync(3_000)
  expect(had).toEqual([])
  const closing = batches.close(5_000)
  batches.add(bytes('late, but before the end'))
  release()
  expect(await closing).toBe(true)
  expect(had).toEqual([0, 1])
})

it('tries on to its end, and says when that did not suffice', async () => {
  const store = shelf()
  const batches = batched(store.put, 1)
  batches.add(bytes('a'))
  store.refuses = true
  setTimeout(() => {
    store.refuses = false
  }, 300)
  expect(await batches.close(5_000)).toBe(true)
  expect(store.had).toEqual([[0, 'a']])
  const others = batched(() => new Promise(() => {}), 1)
  others.add(bytes('a'))
  expect(await others.close(100)).toBe(false)
})

it('puts more often from when it is told to, and never less', async () => {
  const store = shelf()
  const batches = batched(store.put, 30)
  batches.pace(10)
  batches.pace(20)
  batches.add(bytes('a'))
  await vi.advanceTimersByTimeAsync(10_000)
  expect(store.had).toEqual([[0, 'a']])
  await batches.close(1_000)
  batches.pace(1)
  expect(vi.getTimerCount()).toBe(0)
})
