import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { alarm } from '../../../lambda/alarm.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function rung(): { rings: number[]; own: ReturnType<typeof alarm> } {
  const rings: number[] = []
  return { rings, own: alarm(Date.now, () => rings.push(Date.now())) }
}

it('rings once, when the moment has come', () => {
  const { rings, own } = rung()
  const at = Date.now() + 5_000
  own.set(at)
  vi.advanceTimersByTime(4_999)
  expect(rings).toEqual([])
  vi.advanceTimersByTime(1)
  own.set(at)
  expect(rings).toEqual([at])
})

it('rings at once for a moment that is over', () => {
  const { rings, own } = rung()
  own.set(Date.now() - 1)
  expect(rings).toHaveLength(1)
})

it('rings at the last moment it was set to, or not at all', () => {
  const { rings, own } = rung()
  own.set(Date.now() + 1_000)
  own.set(Date.now() + 3_000)
  vi.advanceTimersByTime(2_999)
  expect(rings).toEqual([])
  own.set(null)
  vi.advanceTimersByTime(10_000)
  expect(rings).toEqual([])
  own.set(Date.now() + 1_000)
  own.clear()
  vi.advanceTimersByTime(10_000)
  expect(rings).toEqual([])
})

it('waits for more than a timer can', () => {
  const { rings, own } = rung()
  own.set(Date.now() + 2 ** 31 + 1_000)
  vi.advanceTimersByTime(2 ** 31)
  expect(rings).toEqual([])
  vi.advanceTimersByTime(1_000)
  expect(rings).toHaveLength(1)
})
