/** A finished run's frames folded into what every report prints: one second after another, one Artillery period after another. */
import { type ArtilleryPeriod, PERIOD_SECONDS, periodOf } from '../measure/artillery.ts'
import { readFrame, readHead } from '../measure/frame.ts'
import { Histogram } from '../measure/histogram.ts'
import type { Ledger } from '../measure/ledger.ts'
import { addDelta, Totals } from '../measure/merge.ts'
import { foldSpans } from '../measure/series.ts'
import { type Latency, latency } from '../measure/summary.ts'
import { isLate, wasSilent } from '../measure/trust.ts'
import { framesBySecond, framesBySlice } from '../run/log.ts'
import { eventsPath, type RunRecord } from '../run/record.ts'
import type { RunState } from '../run/state.ts'
import type { WorkerState } from '../run/workers.ts'
import { microsToMillis, type Seconds } from '../units.ts'
import { HeatMap } from './heat.ts'
import type { Heat } from './page/drawn.ts'

type Percentiles = Pick<Latency, 'p50' | 'p95' | 'p99' | 'max'>

/** What was measured from `second` on, over one second or more. */
export type Point = {
  second: number
  launched: number
  requests: number
  responses: number
  failures: number
  response: Percentiles
  service: Percentiles
  lateness: Percentiles
}

/** More points than this no screen shows: a longer run is drawn in steps of several seconds. */
const MOST_POINTS = 1_800

/** One worker's part: shares of one processor over its frames, the most of everything else. */
type WorkerRow = {
  slice: number
  is: WorkerState['is']
  trouble: string | null
  attempts: number
  ledger: Ledger
  ok: boolean
  requests: number
  responses: number
  failures: number
  lateness_ms: Percentiles
  health: {
    cpu: number
    memoryBytes: number
    loopDelayMax_ms: number
    inFlight: number
    files: number
    ports: number
    portLimit: number
  }
}

export type Results = {
  series: Point[]
  periods: ArtilleryPeriod[]
  leftOut: LeftOut | null
  workers: WorkerRow[]
  /** The series in steps of `step` seconds. */
  steps: { step: Seconds; points: Point[] }
  heat: Heat
}

/** `leftOut` is what `leavingOut` gave. */
export function resultsOf({ folder, startedAt, endedAt, state }: RunRecord, leftOut: LeftOut | null): Results {
  const series: Point[] = []
  const wide: Point[] = []
  const seconds = (endedAt - startedAt) / 1000
  const step = Math.max(1, Math.ceil(seconds / MOST_POINTS))
  const heat = new HeatMap(state.totals.histogram('response'), seconds)
  const periods: ArtilleryPeriod[] = []
  // Artillery's periods are aligned to the wall clock.
  const offset = Math.floor(startedAt / 1000) % PERIOD_SECONDS
  foldSpans(framesBySecond(eventsPath(folder)), [
    {
      startOf: (second) => second,
      visit(second, totals) {
        series.push(pointOf(second, totals))
        heat.add(second, totals.histogram('response'))
      },
    },
    {
      startOf: (second) => Math.floor((second + offset) / PERIOD_SECONDS) * PERIOD_SECONDS - offset,
      visit: (second, totals) => periods.push(periodOf(totals, { startedAt, second, seconds: PERIOD_SECONDS })),
    },
    ...(step === 1
      ? []
      : [
          {
            startOf: (second: number) => Math.floor(second / step) * step,
            visit: (second: number, totals: Totals) => void wide.push(pointOf(second, totals)),
          },
        ]),
  ])
  const steps = { step, points: step === 1 ? series : wide }
  return { series, periods, leftOut, workers: workersOf(folder, state), steps, heat: heat.done() }
}

function workersOf(folder: string, { workers }: RunState): WorkerRow[] {
  const frames = framesBySlice(eventsPath(folder))
  const lateness = new Histogram()
  const seen = new Set<string>()
  let next = frames.next()
  return workers.map((worker) => {
    const { slice, is, trouble, ledger, attempts } = worker
    const counts = { requests: 0, responses: 0, failures: 0 }
    const health = { cpu: 0, memoryBytes: 0, loopDelayMax_ms: 0, inFlight: 0, files: 0, ports: 0, portLimit: 0 }
    let [busy, span] = [0, 0]
    lateness.clear()
    seen.clear()
    for (; !next.done && readHead(next.value).slice === slice; next = frames.next()) {
      const head = readHead(next.value)
      const key = `${head.attempt}/${head.seq}`
      if (seen.has(key)) continue
      seen.add(key)
      readFrame(next.value, {
        counter(name, value) {
          if (name === 'requests' || name === 'responses' || name === 'failures') counts[name] += value
        },
        histogram: (delta) => void (delta.name === 'lateness' && addDelta(delta, lateness)),
      })
      busy += head.health.cpu
      span += head.health.span
      health.memoryBytes = Math.max(health.memoryBytes, head.health.memoryBytes)
      health.loopDelayMax_ms = Math.max(health.loopDelayMax_ms, microsToMillis(head.health.loopDelayMax))
      health.inFlight = Math.max(health.inFlight, head.health.inFlight)
      health.files = Math.max(health.files, head.health.files)
      health.ports = Math.max(health.ports, head.health.ports)
      health.portLimit = head.health.portLimit
    }
    health.cpu = span === 0 ? 0 : Math.round((busy / span) * 1000) / 1000
    return {
      ...{ slice, is, trouble: trouble?.reason ?? null, ledger, ok: !isNotOk(worker), ...counts },
      attempts: attempts.length,
      ...{ lateness_ms: brief(lateness), health },
    }
  })
}

/** The run without the workers that were not ok: what they make of the result. */
export type LeftOut = { workers: number[]; response: Latency; service: Latency }

/** Null when all workers were ok, or none. */
export function leavingOut({ folder, state }: RunRecord): LeftOut | null {
  const out = new Set(state.workers.filter(isNotOk).map(({ slice }) => slice))
  if (out.size === 0 || out.size === state.workers.length) return null
  const rest = new Totals()
  try {
    for (const frame of framesBySecond(eventsPath(folder))) if (!out.has(readHead(frame).slice)) rest.add(frame)
  } catch {
    // The summary comes first; a log that cannot be read ends the report that is made of it, and is told then.
    return null
  }
  return {
    workers: [...out],
    response: latency(rest.histogram('response')),
    service: latency(rest.histogram('service')),
  }
}

const isNotOk = ({ is, condition }: WorkerState): boolean => is === 'lost' || isLate(condition) || wasSilent(condition)

function brief(histogram: Histogram): Percentiles {
  const { p50, p95, p99, max } = latency(histogram)
  return { p50, p95, p99, max }
}

/** The rows of a table of latencies: what a request waited for only when one did. */
export function latencies(totals: Totals): { name: string; latency: Latency }[] {
  const always = ['response', 'service', 'lateness']
  return [...always, 'first-byte', 'dns', 'tcp', 'tls'].flatMap((name) => {
    const histogram = totals.histogram(name)
    return histogram.count === 0 && !always.includes(name) ? [] : [{ name, latency: latency(histogram) }]
  })
}

function pointOf(second: number, totals: Totals): Point {
  return {
    second,
    launched: totals.counter('launched'),
    requests: totals.counter('requests'),
    responses: totals.counter('responses'),
    failures: totals.counter('failures'),
    response: brief(totals.histogram('response')),
    service: brief(totals.histogram('service')),
    lateness: brief(totals.histogram('lateness')),
  }
}
