/** What workers of a large run measure in a second, for the benches that take it in: four endpoints and a phase. */
import { ByteWriter } from '../src/measure/bytes.ts'
import { type FrameBody, writeFrame } from '../src/measure/frame.ts'
import { Histogram } from '../src/measure/histogram.ts'
import { named } from '../src/measure/names.ts'
import { LAUNCHED, latencies } from './rows.ts'

const ENDPOINTS = ['GET /items', 'GET /items/:id', 'POST /orders', 'GET /orders/:id']
const KINDS = 20

const bodyOf = (kind: number, requests: number): FrameBody => {
  const dimensions = ENDPOINTS.map((endpoint) => named('', 'endpoint', endpoint))
  const names = ['', named('', 'phase', 0), ...dimensions]
  const histograms = new Map<string, Histogram>()
  const counters = new Map([
    ['launched', LAUNCHED],
    ['completed', LAUNCHED],
  ])
  for (const name of names) {
    counters.set(`requests${name}`, requests).set(`responses${name}`, requests)
    for (const metric of ['response', 'service']) {
      const histogram = new Histogram()
      for (const value of latencies(requests, 10, kind * 10 + name.length)) histogram.record(value)
      histograms.set(`${metric}${name}`, histogram)
    }
  }
  return { counters, histograms, failures: [] }
}

const health = {
  span: 1e6,
  cpu: 3e5,
  loopDelayMax: 900,
  memoryBytes: 2e8,
  inFlight: 40,
  files: 40,
  fileLimit: 1_024,
  ports: 60,
  portLimit: 28_232,
}

const [out, scratch] = [new ByteWriter(), new ByteWriter()]

/** What a worker that sends so many requests a second measured in one. */
export function bodiesWith(requests: number): (slice: number, second: number) => FrameBody {
  const bodies = Array.from({ length: KINDS }, (_, kind) => bodyOf(kind, requests))
  return (slice, second) => bodies[(slice + second) % KINDS] as FrameBody
}

/** Its frame. */
export const frameWith = (body: FrameBody, slice: number, second: number): Uint8Array =>
  writeFrame({ slice, attempt: 1, seq: second, second, health }, body, out, scratch).slice()

/** The frame of a worker that sent so many requests in that second. */
export function framesWith(requests: number): (slice: number, second: number) => Uint8Array {
  const bodyAt = bodiesWith(requests)
  return (slice, second) => frameWith(bodyAt(slice, second), slice, second)
}
