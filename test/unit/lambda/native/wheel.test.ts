import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Timed, Wheel } from '../../../../lambda/engines/native/wheel.ts'

class Noted extends Timed {
  readonly at: number[] = []
  act: ((now: number) => void) | null = null

  expire(now: number): void {
    this.at.push(now)
    this.act?.(now)
  }
}

const millis = (): number => performance.now() * 1000

describe('a timing wheel', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('tells when something is due, never early and hardly late, over several turns', () => {
    const wheel = new Wheel(millis)
    const from = millis()
    const entries = [0, 1, 3_999, 4_001, 20_000, 8_191_000, 8_193_000, 60_000_000].map((after) => {
      const entry = new Noted()
      wheel.set(entry, from + after)
      return { entry, after }
    })
    vi.advanceTimersByTime(61_000)
    for (const { entry, after } of entries) {
      expect(entry.at).toHaveLength(1)
      expect((entry.at[0] as number) - from - after).toBeGreaterThanOrEqual(0)
      expect((entry.at[0] as number) - from - after).toBeLessThan(12_000)
    }
    expect(vi.getTimerCount()).toBe(0)
  })

  it('moves what is due earlier, and leaves what is due later where it is', () => {
    const wheel = new Wheel(millis)
    const from = millis()
    const entry = new Noted()
    wheel.set(entry, from + 1_000_000)
    wheel.set(entry, from + 100_000)
    wheel.set(entry, from + 2_000_000)
    vi.advanceTimersByTime(120)
    expect(entry.at).toHaveLength(1)
    vi.advanceTimersByTime(3_000)
    expect(entry.at).toHaveLength(1)
  })

  it('forgets what is taken off, even by another that is due with it', () => {
    const wheel = new Wheel(millis)
    const [one, other, third] = [new Noted(), new Noted(), new Noted()]
    const due = millis() + 50_000
    for (const entry of [one, other, third]) wheel.set(entry, due)
    wheel.remove(third)
    other.act = (now) => {
      wheel.remove(one)
      wheel.set(other, now + 50_000)
    }
    vi.advanceTimersByTime(75)
    expect([one.at.length, other.at.length, third.at.length]).toEqual([0, 1, 0])
    vi.advanceTimersByTime(60)
    expect(other.at).toHaveLength(2)
    expect(wheel.all()).toEqual([other])
  })

  it('catches up after a pause of more than a turn', () => {
    let now = 0
    const wheel = new Wheel(() => now)
    const entries = [10_000, 5_000_000, 9_000_000].map((due) => {
      const entry = new Noted()
      wheel.set(entry, due)
      return entry
    })
    now = 30_000_000
    vi.advanceTimersByTime(5)
    expect(entries.map(({ at }) => at)).toEqual([[now], [now], [now]])
  })
})
