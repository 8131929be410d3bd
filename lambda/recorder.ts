/**
 * What a worker measured since its last frame. Histograms and counters are kept between frames and only emptied, so
 * callers may hold on to a histogram and memory does not grow with the length of the run.
 */
import { ByteWriter } from '../src/measure/bytes.ts'
import { type Health, writeFrame } from '../src/measure/frame.ts'
import { Histogram } from '../src/measure/histogram.ts'
import { type Dimension, named } from '../src/measure/names.ts'
import type { Micros } from '../src/units.ts'

/** One answered request. Times in microseconds: `response` from its intended start, `service` from when it was sent. */
export type Exchange = {
  endpoint: string
  scenario: string
  phase: number
  status: number | null
  response: Micros
  service: Micros
}

export class Recorder {
  private readonly counters: Map<string, number> = new Map()
  private readonly histograms: Map<string, Histogram> = new Map()
  private readonly out = new ByteWriter()
  private readonly scratch = new ByteWriter()
  private readonly rows: string[] | null
  private frames = 0
  private readonly of: { slice: number; attempt: number }

  constructor(of: { slice: number; attempt: number }, rawSamples: boolean) {
    this.of = of
    this.rows = rawSamples ? [] : null
  }

  count(name: string, by = 1): void {
    this.counters.set(name, (this.counters.get(name) ?? 0) + by)
  }

  /** Adds one microsecond value to the histogram of that name. */
  time(name: string, value: Micros): void {
    this.histogram(name).record(value)
    this.rows?.push(`${name},${value}\n`)
  }

  /** Counts in the metric and in one dimension of it. */
  countIn(metric: string, dimension: Dimension, value: string | number): void {
    this.count(named(metric, dimension, value))
  }

  exchange({ endpoint, scenario, phase, status, response, service }: Exchange): void {
    this.count('responses')
    if (status !== null) this.countIn('responses', 'status', status)
    const places = [
      ['endpoint', endpoint],
      ['scenario', scenario],
      ['phase', phase],
    ] as const
    this.time('response', response)
    this.time('service', service)
    for (const [dimension, value] of places) {
      this.countIn('responses', dimension, value)
      this.histogram(named('response', dimension, value)).record(response)
      this.histogram(named('service', dimension, value)).record(service)
    }
  }

  /** How many frames have been cut so far. */
  get cuts(): number {
    return this.frames
  }

  /** The bytes of a frame over everything since the last cut, good until the next one. */
  cut(second: number, health: Health): Uint8Array {
    const head = { ...this.of, seq: this.frames++, second, health }
    const bytes = writeFrame(head, { counters: this.counters, histograms: this.histograms }, this.out, this.scratch)
    this.counters.clear()
    for (const histogram of this.histograms.values()) histogram.clear()
    return bytes
  }

  /** The raw samples since the last call as CSV, or null when they are not kept. */
  takeRows(): Uint8Array | null {
    return this.rows === null || this.rows.length === 0 ? null : new TextEncoder().encode(this.rows.splice(0).join(''))
  }

  private histogram(name: string): Histogram {
    const found = this.histograms.get(name)
    if (found) return found
    const fresh = new Histogram()
    this.histograms.set(name, fresh)
    return fresh
  }
}
