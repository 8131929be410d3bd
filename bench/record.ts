/** One sample into a histogram: ours, hdr-histogram-js in plain JS, and its WASM. Nanoseconds, after warming up. */
import { build, initWebAssembly } from 'hdr-histogram-js'
import { HIGHEST, Histogram } from '../src/measure/histogram.ts'
import { latencies, report, timed } from './rows.ts'

const SAMPLES = 4096
const ROUNDS = 2_000
const data = latencies(SAMPLES, 120, 1)

function nanoseconds(record: (value: number) => void): number {
  const round = (): void => {
    for (let i = 0; i < SAMPLES; i++) record(data[i] as number)
  }
  for (let i = 0; i < 200; i++) round()
  const ms = timed(() => {
    for (let i = 0; i < ROUNDS; i++) round()
  })
  return (ms * 1e6) / (SAMPLES * ROUNDS)
}

await initWebAssembly()
const settings = {
  lowestDiscernibleValue: 1,
  highestTrackableValue: HIGHEST,
  numberOfSignificantValueDigits: 3,
} as const
const ours = new Histogram()
const plain = build({ ...settings, bitBucketSize: 32 })
const wasm = build({ ...settings, bitBucketSize: 32, useWebAssembly: true })
report({
  ours_ns: nanoseconds((value) => ours.record(value)),
  hdr_js_ns: nanoseconds((value) => plain.recordValue(value)),
  hdr_wasm_ns: nanoseconds((value) => wasm.recordValue(value)),
})
