/**
 * Samples written down, and recorded by the hundred. A request of the native engine is timed in a dozen histograms, and what comes between two
 * requests puts those out of the processor's caches: recording each sample at once takes 4 % of a request more.
 */
import type { Histogram } from '../src/measure/histogram.ts'
import type { Micros } from '../src/units.ts'

const WRITTEN_DOWN = 100

export class Timer {
  private readonly histograms: readonly Histogram[]
  private readonly samples = new Float64Array(WRITTEN_DOWN)
  private size = 0

  /** `histograms`: each gets each sample. */
  constructor(histograms: readonly Histogram[]) {
    this.histograms = histograms
  }

  /** One value, a whole number of microseconds. */
  record(value: Micros): void {
    this.samples[this.size++] = value
    if (this.size === WRITTEN_DOWN) this.settle()
  }

  /** Records what is written down. */
  settle(): void {
    const { samples, size } = this
    for (const histogram of this.histograms) for (let i = 0; i < size; i++) histogram.record(samples[i] as Micros)
    this.size = 0
  }
}
