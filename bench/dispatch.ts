/**
 * The dispatcher at 5,000 and 1,000 arrivals a second for 4 s, with nothing to launch: lateness and CPU. Beside it the
 * usual loop, each timer chained to the last, at 1,000/s: how far it has fallen behind after 4 s.
 */
import { steadyClock } from '../lambda/clock.ts'
import { Dispatcher } from '../lambda/dispatcher.ts'
import { Histogram } from '../src/measure/histogram.ts'
import { profileOf } from '../src/plan/profile.ts'
import { report } from './rows.ts'

const SECONDS = 4

async function dispatch(arrivalRate: number): Promise<{ p50: number; p99: number; max: number; cpu: number }> {
  const clock = steadyClock()
  const lateness = new Histogram()
  const load = { kind: 'rate', from: arrivalRate, to: arrivalRate } as const
  const profile = profileOf([{ name: 'p', duration: SECONDS, load, maxVusers: null }], 1)
  const slice = { stripe: { index: 0, of: 1 }, window: { from: 0, to: SECONDS } }
  const before = process.cpuUsage()
  const from = clock.now()
  const dispatcher = new Dispatcher({
    ...{ profile, slice, clock, t0: from + 10_000, inFlight: () => 0, confirm: async () => {}, skip: () => {} },
    launch: ({ due, started }) => lateness.record(Math.round(started - due)),
  })
  await dispatcher.run()
  const { user, system } = process.cpuUsage(before)
  const cpu = (100 * (user + system)) / (clock.now() - from)
  return { p50: lateness.percentile(50), p99: lateness.percentile(99), max: lateness.max, cpu }
}

function chained(arrivalRate: number): Promise<number> {
  const from = performance.now()
  let started = 0
  return new Promise((resolve) => {
    const next = (): void => {
      if (performance.now() - from >= SECONDS * 1000) resolve(SECONDS * arrivalRate - started)
      else {
        started++
        setTimeout(next, 1000 / arrivalRate)
      }
    }
    next()
  })
}

await dispatch(5_000)
const fast = await dispatch(5_000)
const slow = await dispatch(1_000)
report({
  p50_us_5000: fast.p50,
  p99_us_5000: fast.p99,
  max_us_5000: fast.max,
  cpu_percent_5000: fast.cpu,
  p50_us_1000: slow.p50,
  p99_us_1000: slow.p99,
  cpu_percent_1000: slow.cpu,
  chained_missing_of_4000: await chained(1_000),
})
