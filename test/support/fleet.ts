/** A fleet in words, run through the real reducer: what its workers would have told, second by second, by a seed. */
import { ByteWriter } from '../../src/measure/bytes.ts'
import { type Failure, type FrameBody, writeFrame } from '../../src/measure/frame.ts'
import { Histogram } from '../../src/measure/histogram.ts'
import { named } from '../../src/measure/names.ts'
import type { Threshold } from '../../src/measure/thresholds.ts'
import { arrivalsIn, ownedOf } from '../../src/plan/arrivals.ts'
import type { Plan } from '../../src/plan/plan.ts'
import type { Phase } from '../../src/plan/profile.ts'
import { slicesOf } from '../../src/plan/slices.ts'
import { begin, type RunEvent, type RunState, reduce } from '../../src/run/state.ts'
import { planOf } from './plans.ts'

/** Workers by number, and since which second they are so. */
export type Fleet = {
  workers: number
  seconds: number
  phases?: readonly Phase[]
  thresholds?: readonly Threshold[]
  late?: Record<number, number>
  silent?: Record<number, number>
  lost?: Record<number, number>
  /** Seconds in which one request in ten fails, and those that take ten times as long. */
  failing?: readonly number[]
  slow?: readonly number[]
}

export const START = 1_000_000
export const T0 = START + 2_000

const rate = (name: string, duration: number, from: number, to: number): Phase => ({
  ...{ name, duration, load: { kind: 'rate', from, to }, maxVusers: null },
})
/** So many arrivals a second for each worker, at the most. */
const threePhases = (workers: number): Phase[] => [
  rate('warm', 10, workers, workers),
  rate('ramp', 20, workers, workers * 3),
  rate('steady', 60, workers * 3, workers * 3),
]

const ENDPOINTS = [
  ['GET /items', 4_000],
  ['GET /items/:id', 2_500],
  ['POST /orders', 11_000],
] as const

/** Numbers from 0 to 1, always the same ones for a seed. */
function chance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

type Kind = { launched: number; phase: number; failing: boolean; slow: boolean; late: boolean; seed: number }

/** What a worker measures in a second of that kind: three requests a virtual user. The first phase warms up, and is kept apart. */
function bodyOf({ launched, phase, failing, slow, late, seed }: Kind): FrameBody {
  const random = chance(seed)
  const counters = new Map<string, number>()
  const histograms = new Map<string, Histogram>()
  const count = (name: string, by: number): void => void counters.set(name, (counters.get(name) ?? 0) + by)
  const time = (name: string, micros: number): void => {
    const histogram = histograms.get(name) ?? new Histogram()
    histograms.set(name, histogram)
    histogram.record(micros)
  }
  const failed = failing ? Math.ceil(launched / 10) : 0
  for (const [name, by] of Object.entries({ launched, completed: launched - failed, failed })) count(name, by)
  if (failed > 0) count(named('errors', 'error', 'ECONNRESET'), failed)
  for (let user = 0; user < launched; user++) {
    const lateness = Math.round(late ? 60_000 + random() * 30_000 : 100 + random() * 1_500)
    time('lateness', lateness)
    for (const [i, [endpoint, typical]] of ENDPOINTS.entries()) {
      const lost = user < failed && i === 2
      const service = Math.round(typical * (slow ? 10 : 1) * (0.5 + random() ** 4 * 4))
      const inPhase = named('', 'phase', phase)
      for (const dimension of phase === 0 ? [inPhase] : ['', named('', 'endpoint', endpoint), inPhase]) {
        count(`requests${dimension}`, 1)
        count(`${lost ? 'failures' : 'responses'}${dimension}`, 1)
        if (lost) continue
        time(`service${dimension}`, service)
        time(`response${dimension}`, service + (i === 0 ? lateness : 0))
      }
    }
  }
  const failure: Failure = {
    ...{ code: 'ECONNRESET', message: 'read ECONNRESET', scenario: 'shop', endpoint: 'POST /orders', status: null },
    ...{ arrival: 417, second: 0 },
  }
  return { counters, histograms, failures: failed > 0 ? [failure] : [] }
}

/** The state that the reducer has made of all they told, so many seconds after T0. */
export function runOf(fleet: Fleet): { state: RunState; plan: Plan } {
  const { workers, seconds, phases = threePhases(fleet.workers), thresholds = [] } = fleet
  const { late = {}, silent = {}, lost = {}, failing = [], slow = [] } = fleet
  const plan = planOf(phases, workers, 7)
  const slices = slicesOf(plan.windows)
  let state = begin(plan, START, { thresholds, strict: false })
  const happen = (event: RunEvent, at: number): void => {
    state = reduce(state, event, Math.round(T0 + at * 1000))
  }
  const all = slices.map((_, slice) => slice)
  happen({ type: 'launched', slices: all, attempt: 1 }, -2)
  for (const slice of all) happen({ type: 'ready', slice, attempt: 1, at: 0 }, -1)
  happen({ type: 'go', t0: T0 }, -0.75)
  const bodies = new Map<string, FrameBody>()
  const [out, scratch] = [new ByteWriter(), new ByteWriter()]
  const isSince = (second: number, since: number | undefined): boolean => since !== undefined && second >= since
  for (let second = 0; second < seconds; second++) {
    const arrivals = arrivalsIn(plan.profile, { from: second, to: second + 1 })
    const phase = plan.profile.pieces.findLastIndex(({ from }) => from <= second)
    for (const slice of all) {
      if (isSince(second, silent[slice])) continue
      if (lost[slice] === second)
        happen({ type: 'gone', slice, attempt: 1, again: false, reason: 'signal SIGKILL', billed: null }, second + 1)
      if (isSince(second, lost[slice])) continue
      const kind: Kind = {
        ...{ launched: ownedOf(arrivals, slices[slice]?.stripe ?? { index: 0, of: 1 }).count, phase },
        ...{ failing: failing.includes(second), slow: slow.includes(second), late: isSince(second, late[slice]) },
        seed: (slice + second * 3) % 24,
      }
      const key = JSON.stringify(kind)
      const body = bodies.get(key) ?? bodyOf(kind)
      bodies.set(key, body)
      const health = {
        ...{ span: 1_000_000, cpu: 300_000, loopDelayMax: 2_000, memoryBytes: (150 + (slice % 7)) * 2 ** 20 },
        ...{ inFlight: kind.launched, files: 40, fileLimit: 1_024, ports: 60, portLimit: 28_232 },
      }
      const bytes = writeFrame({ slice, attempt: 1, seq: second, second, health }, body, out, scratch)
      happen({ type: 'frame', slice, bytes: bytes.slice() }, second + 1 + (slice % 10) / 40)
    }
    happen({ type: 'tick' }, second + 1.75)
  }
  return { state, plan }
}
