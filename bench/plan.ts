/** Planning 10^9 arrivals over 10,000 workers, and what each of them owns: even ones, and drawn ones. */
import { arrivalsIn, owned, ownedOf } from '../src/plan/arrivals.ts'
import { artilleryPower } from '../src/plan/capacity.ts'
import { planRun } from '../src/plan/plan.ts'
import type { Phase } from '../src/plan/profile.ts'
import { slicesOf } from '../src/plan/slices.ts'
import { report, timed } from './rows.ts'

const phase = (duration: number, from: number, to: number): Phase => ({
  ...{ name: 'p', duration, maxVusers: null },
  load: { kind: 'rate', from, to },
})
// 0.1, 0.8 and 0.1 thousand million.
const phases = [phase(400, 0, 500_000), phase(1_600, 500_000, 500_000), phase(400, 500_000, 0)]

const session = { requests: 1, thinking: 0 }
const settings = {
  phases,
  seed: 1,
  lifetime: null,
  most: { arrivalRate: null, arrivalRatePerWorker: null },
  session,
  power: artilleryPower,
}
const heap = process.memoryUsage().heapUsed
let plan = planRun({ ...settings, workers: 1 })
const planMs = timed(() => {
  plan = planRun({ ...settings, workers: 10_000 })
})
let sum = 0
const ownedMs = timed(() => {
  for (const slice of slicesOf(plan.windows)) sum += owned(plan.profile, slice).count
})
if (sum !== 1e9 || plan.arrivals !== 1e9) throw new Error(`the slices own ${sum} arrivals, not 1e9`)
const heapMb = (process.memoryUsage().heapUsed - heap) / 2 ** 20

const drawn = phases.map(({ load, ...rest }) => ({ ...rest, load: { ...load, kind: 'poisson' } as Phase['load'] }))
let drawnSum = 0
const drawnMs = timed(() => {
  const { profile, windows } = planRun({ ...settings, phases: drawn, workers: 10_000 })
  const [window] = windows
  if (window === undefined) throw new Error('no window')
  const arrivals = arrivalsIn(profile, window)
  for (const { stripe } of slicesOf(windows)) drawnSum += ownedOf(arrivals, stripe).count
})
if (Math.abs(drawnSum - 1e9) > 2e5) throw new Error(`the slices own ${drawnSum} Poisson arrivals, not about 1e9`)
report({ plan_ms: planMs, owned_ms: ownedMs, poisson_ms: drawnMs, heap_mb: heapMb })
