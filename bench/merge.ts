/**
 * One interval of a fleet into the totals: frames of 10 metrics with 1,000 samples each, as they arrive (compressed).
 * Beside it hdr-histogram-js decoding and adding the same histograms, for 1,000 workers.
 */
import { build, decodeFromCompressedBase64 } from 'hdr-histogram-js'
import { packFrame } from '../lambda/packing.ts'
import { ByteWriter } from '../src/measure/bytes.ts'
import { writeFrame } from '../src/measure/frame.ts'
import { HIGHEST, Histogram } from '../src/measure/histogram.ts'
import { Totals } from '../src/measure/merge.ts'
import { v2Base64 } from '../src/report/hdr.ts'
import { unpackedForNow } from '../src/run/unpack.ts'
import { latencies, report, timed } from './rows.ts'

const METRICS = 10
const SAMPLES = 1_000
const KINDS = 40
const health = {
  span: 1_000_000,
  files: 40,
  fileLimit: 1_024,
  ports: 60,
  portLimit: 28_232,
  cpu: 500_000,
  loopDelayMax: 900,
  memoryBytes: 300 * 2 ** 20,
  inFlight: 40,
}

/** The bodies are of 40 kinds; every worker's frame has its own head. */
const bodies = Array.from({ length: KINDS }, (_, kind) => {
  const histograms = new Map<string, Histogram>()
  for (let metric = 0; metric < METRICS; metric++) {
    const histogram = new Histogram()
    for (const value of latencies(SAMPLES, 20 * (metric + 1), kind * 100 + metric)) histogram.record(value)
    histograms.set(`response{endpoint=GET /path/${metric}}`, histogram)
  }
  return { counters: new Map([['launched', 100]]), histograms, failures: [] }
})
const out = new ByteWriter()
const scratch = new ByteWriter()
const frames = (workers: number): Uint8Array[] =>
  Array.from({ length: workers }, (_, slice) => {
    const head = { slice, attempt: 1, seq: 0, second: 0, health }
    return packFrame(writeFrame(head, bodies[slice % KINDS] as (typeof bodies)[number], out, scratch))
  })

function mergeMs(workers: number): { ms: number; growthMb: number } {
  const packed = frames(workers)
  const warm = new Totals()
  for (const frame of packed.slice(0, 200)) warm.add(unpackedForNow(frame) as Uint8Array)
  const totals = new Totals()
  const before = process.memoryUsage().rss
  const ms = timed(() => {
    for (const frame of packed) totals.add(unpackedForNow(frame) as Uint8Array)
  })
  return { ms, growthMb: (process.memoryUsage().rss - before) / 2 ** 20 }
}

function hdrMs(workers: number): number {
  const encoded = bodies.map(({ histograms }) => [...histograms.values()].map(v2Base64))
  const sums = Array.from({ length: METRICS }, () =>
    build({ lowestDiscernibleValue: 1, highestTrackableValue: HIGHEST, numberOfSignificantValueDigits: 3 }),
  )
  return timed(() => {
    for (let worker = 0; worker < workers; worker++) {
      encoded[worker % KINDS]?.forEach((payload, metric) => {
        sums[metric]?.add(decodeFromCompressedBase64(payload))
      })
    }
  })
}

const thousand = mergeMs(1_000)
const tenThousand = mergeMs(10_000)
const sizes = frames(KINDS).map(({ length }) => length)
report({
  frame_bytes: sizes.reduce((sum, size) => sum + size, 0) / KINDS,
  ours_1000_ms: thousand.ms,
  ours_10000_ms: tenThousand.ms,
  growth_10000_mb: tenThousand.growthMb,
  hdr_js_1000_ms: hdrMs(1_000),
})
