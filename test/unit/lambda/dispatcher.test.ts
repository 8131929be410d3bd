import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Arrival, Dispatcher, type Job } from '../../../lambda/dispatcher.ts'
import { type Epoch, isPaused, steer } from '../../../src/plan/epochs.ts'
import { type Phase, type Profile, profileOf } from '../../../src/plan/profile.ts'
import type { Slice } from '../../../src/plan/slices.ts'
import { toMicros } from '../../../src/units.ts'
import { constant, pause, ramp } from '../../support/arbitraries.ts'

/** The worker's clock: the fake timers' time, and what the process spent without serving a timer. */
let busy = 0
const clock = {
  now: () => (Date.now() + busy) * 1000,
  at: (wall: number) => wall * 1000,
  wall: () => Date.now() + busy,
}
beforeEach(() => {
  busy = 0
  vi.useFakeTimers({ toFake: ['setTimeout', 'setImmediate', 'Date'], now: 0 })
})
afterEach(() => {
  vi.useRealTimers()
})

type Log = { launched: Arrival[]; skipped: Arrival[]; over: boolean; dispatcher: Dispatcher; run: Promise<void> }

/** Runs a dispatcher over the phases; `change` overrides parts of its job. */
function dispatch(phases: Phase[], change: Partial<Job> = {}): Log {
  const profile = profileOf(phases, 1)
  const launched: Arrival[] = []
  const skipped: Arrival[] = []
  const whole: Slice = { stripe: { index: 0, of: 1 }, window: { from: 0, to: profile.duration } }
  const dispatcher = new Dispatcher({
    ...{ profile, slice: whole, t0: 0, clock, inFlight: () => 0, confirm: async () => {} },
    ...{ launch: (arrival) => launched.push(arrival), skip: (arrival) => skipped.push(arrival) },
    ...change,
  })
  const log: Log = { launched, skipped, over: false, dispatcher, run: dispatcher.run() }
  log.run.then(
    () => {
      log.over = true
    },
    () => {},
  )
  return log
}
const ks = (arrivals: readonly Arrival[]): number[] => arrivals.map(({ k }) => k)
const upTo = (n: number): number[] => Array.from({ length: n }, (_, k) => k)
const lateness = (arrivals: readonly Arrival[]): number[] => arrivals.map(({ started, due }) => started - due)

describe('a dispatcher on time', () => {
  it('launches every arrival in order, never early and at most two milliseconds after it is due', async () => {
    const { launched, run } = dispatch([constant(7, 2), pause(1), ramp(0, 50, 2.5)])
    await vi.runAllTimersAsync()
    await run
    expect(ks(launched)).toEqual(upTo(77))
    expect(Math.min(...lateness(launched))).toBeGreaterThanOrEqual(0)
    expect(Math.max(...lateness(launched))).toBeLessThan(2_000)
  })

  it('says when each was due, on its own clock, and in which phase', async () => {
    const { launched } = dispatch([constant(2, 1), pause(0.5), constant(1, 1)], { t0: 3_000_000 })
    await vi.runAllTimersAsync()
    expect(launched.map(({ due, phase }) => [due, phase])).toEqual([
      [3_250_000, 0],
      [3_750_000, 0],
      [5_000_000, 2],
    ])
  })

  it('launches nothing before T0', async () => {
    const { launched } = dispatch([constant(1000, 1)], { t0: toMicros(5) })
    await vi.advanceTimersByTimeAsync(4_990)
    expect(launched).toEqual([])
  })

  it('launches only what its slice owns', async () => {
    const slice: Slice = { stripe: { index: 1, of: 3 }, window: { from: 2, to: 8 } }
    const { launched } = dispatch([constant(1, 10)], { slice })
    await vi.runAllTimersAsync()
    expect(ks(launched)).toEqual([4, 7])
  })

  it('is over when its window is, also with nothing left to launch: the load may be steered until then', async () => {
    const log = dispatch([constant(1, 2), pause(10)])
    await vi.advanceTimersByTimeAsync(11_900)
    expect([ks(log.launched), log.over]).toEqual([[0, 1], false])
    await vi.advanceTimersByTimeAsync(150)
    expect(log.over).toBe(true)
  })
})

describe('a dispatcher that is late', () => {
  it('launches everything that was due meanwhile, at once, and knows how late each is', async () => {
    busy = 10_000
    const { launched, run } = dispatch([constant(10, 5)])
    await run
    expect(ks(launched)).toEqual(upTo(50))
    expect(lateness(launched).map((late) => 10_000_000 - late)).toEqual(launched.map(({ due }) => due))
  })

  it('is on time again with the first arrival after a stall: lateness does not add up', async () => {
    const stalls = new Map([[20, 300]])
    const launched: Arrival[] = []
    dispatch([constant(100, 2)], {
      launch: (arrival) => {
        launched.push(arrival)
        busy += stalls.get(arrival.k) ?? 0
      },
    })
    await vi.runAllTimersAsync()
    const late = launched.filter(({ started, due }) => started - due >= 2_000)
    expect(ks(launched)).toEqual(upTo(200))
    expect(ks(late)).toEqual(upTo(29).map((i) => 21 + i))
  })

  it('lets other work in between bursts of 8 ms', async () => {
    const launched: Arrival[] = []
    const seen: number[] = []
    busy = 10_000
    const serveSockets = (): void => {
      seen.push(launched.length)
      if (launched.length < 20) setImmediate(serveSockets)
    }
    setImmediate(serveSockets)
    dispatch([constant(20, 1)], {
      launch: (arrival) => {
        launched.push(arrival)
        busy += 3
      },
    })
    expect(launched).toHaveLength(3)
    await vi.runAllTimersAsync()
    expect(seen).toEqual([3, 6, 9, 12, 15, 18, 20])
  })
})

describe('maxVusers', () => {
  const capped: Phase[] = [{ ...constant(10, 1), maxVusers: 5 }]
  const stripe = (index: number, of: number): Slice => ({ stripe: { index, of }, window: { from: 0, to: 1 } })

  it.each([
    ['alone, a worker has all of it', stripe(0, 1), 5, 5],
    ['the first of two has the lesser half', stripe(0, 2), 2, 3],
    ['the second of two has the rest', stripe(1, 2), 3, 2],
  ])('%s', async (_, slice, launches, skips) => {
    let inFlight = 0
    const { skipped } = dispatch(capped, { slice, launch: () => inFlight++, inFlight: () => inFlight })
    await vi.runAllTimersAsync()
    expect([inFlight, skipped.length]).toEqual([launches, skips])
  })

  it('skips while as many are at work, and launches again when some have ended', async () => {
    const atWork = [0, 4, 5, 6, 5, 4, 0, 5, 5, 0]
    let asked = 0
    const { launched, skipped } = dispatch(capped, { inFlight: () => atWork[asked++] ?? 0 })
    await vi.runAllTimersAsync()
    expect(ks(skipped)).toEqual([2, 3, 4, 7, 8])
    expect(ks(launched)).toEqual([0, 1, 5, 6, 9])
  })

  it('holds in its own phase only', async () => {
    const { launched, skipped } = dispatch([...capped, constant(10, 1)], { inFlight: () => 5 })
    await vi.runAllTimersAsync()
    expect(ks(skipped)).toEqual(upTo(10))
    expect(ks(launched)).toEqual(upTo(10).map((k) => 10 + k))
  })
})

describe('a dispatcher that is steered', () => {
  const phases = [constant(10, 10)]
  const whole = (profile: Profile): Slice => ({
    stripe: { index: 0, of: 1 },
    window: { from: 0, to: profile.duration },
  })
  const steered = (log: Log, epochs: Epoch[]): void => {
    const profile = steer(profileOf(phases, 1), epochs)
    log.dispatcher.steer({ profile, slice: whole(profile), held: isPaused(epochs) })
  }
  const times = ({ launched }: Log): number[] => launched.map(({ due }) => due / 1e6)

  it('launches each arrival once, by the profile that holds when it is due', async () => {
    const log = dispatch(phases)
    await vi.advanceTimersByTimeAsync(3_000)
    steered(log, [{ at: 5, kind: 'scale', scale: 2 }])
    await vi.runAllTimersAsync()
    expect(ks(log.launched)).toEqual(upTo(150))
    expect(times(log).filter((t) => t < 5).length).toBe(50)
    expect(Math.max(...lateness(log.launched))).toBeLessThan(2_000)
  })

  it('stands still in a pause, and goes on where it was', async () => {
    const log = dispatch(phases)
    const pause: Epoch = { at: 4, kind: 'pause' }
    await vi.advanceTimersByTimeAsync(3_000)
    steered(log, [pause])
    await vi.advanceTimersByTimeAsync(60_000)
    expect([log.launched.length, log.over]).toEqual([40, false])
    steered(log, [pause, { at: 65, kind: 'resume' }])
    await vi.runAllTimersAsync()
    expect(ks(log.launched)).toEqual(upTo(100))
    expect(times(log)[40]).toBeCloseTo(65.05, 6)
    expect(log.over).toBe(true)
  })

  it('that hears of a change too late has launched what it has launched, and launches none of it again', async () => {
    const log = dispatch(phases)
    await vi.advanceTimersByTimeAsync(6_000)
    steered(log, [{ at: 5, kind: 'scale', scale: 0.1 }])
    await vi.runAllTimersAsync()
    expect(ks(log.launched)).toEqual(upTo(60))
  })
})

describe('stop', () => {
  it('ends a dispatcher that waits, within 50 ms, and nothing more is launched', async () => {
    const log = dispatch([constant(1, 1000)])
    await vi.advanceTimersByTimeAsync(2_000)
    log.dispatcher.stop()
    await vi.advanceTimersByTimeAsync(50)
    expect(log.over).toBe(true)
    await vi.runAllTimersAsync()
    expect(ks(log.launched)).toEqual([0, 1])
  })

  it('ends one in the middle of catching up', async () => {
    busy = 10_000
    const launched: number[] = []
    const dispatcher: { stop?: () => void } = {}
    const log = dispatch([constant(20, 1), constant(1, 100)], {
      launch: ({ k }) => {
        launched.push(k)
        busy += 1
        if (k === 12) dispatcher.stop?.()
      },
    })
    dispatcher.stop = () => log.dispatcher.stop()
    await vi.runAllTimersAsync()
    await log.run
    expect(launched).toEqual(upTo(13))
  })
})

describe('a launch that throws', () => {
  it('ends the run with its error, not the process', async () => {
    const launch = (): never => {
      throw new Error('the launcher is broken')
    }
    const log = dispatch([constant(10, 1)], { launch })
    const ending = expect(log.run).rejects.toThrow('the launcher is broken')
    await vi.runAllTimersAsync()
    await ending
  })
})
