/** Response times by when and how long: at most COLUMNS × ROWS counts, however long the run. */
import { type Histogram, highestIn } from '../measure/histogram.ts'
import { microsToMillis, type Seconds } from '../units.ts'
import type { Heat } from './page/drawn.ts'

const COLUMNS = 300
const ROWS = 40
/** A row is at least this much higher than the one below, or what is all alike would look far apart. */
const LEAST_RATIO = 1.05

/** Takes seconds in order and folds them into columns; `whole` is the histogram of all of them, which gives the rows. */
export class HeatMap {
  private readonly heat: Heat
  /** Natural logarithm of `lowest`, in microseconds. */
  private readonly floor: number

  constructor(whole: Histogram, seconds: Seconds) {
    const lowest = whole.count === 0 ? 1 : Math.max(1, whole.min)
    const highest = Math.max(lowest, whole.max)
    this.floor = Math.log(lowest)
    const ratio = Math.max(LEAST_RATIO, (highest / lowest) ** (1 / ROWS))
    const rows = whole.count === 0 ? 0 : Math.min(ROWS, Math.floor(Math.log(highest / lowest) / Math.log(ratio)) + 1)
    const step = Math.max(1, Math.ceil(seconds / COLUMNS))
    this.heat = { step, lowest: microsToMillis(lowest), ratio, rows, columns: [] }
  }

  add(second: number, { counts, lowest, highest }: Histogram): void {
    const { step, ratio, rows, columns } = this.heat
    const start = Math.floor(second / step) * step
    let column = columns.at(-1)
    if (column?.second !== start) {
      column = { second: start, counts: Array<number>(rows).fill(0) }
      columns.push(column)
    }
    const height = Math.log(ratio)
    for (let bucket = lowest; bucket <= highest; bucket++) {
      const count = counts[bucket] as number
      if (count === 0) continue
      const row = Math.floor((Math.log(Math.max(1, highestIn(bucket))) - this.floor) / height)
      const within = Math.min(rows - 1, Math.max(0, row))
      column.counts[within] = (column.counts[within] ?? 0) + count
    }
  }

  done(): Heat {
    return this.heat
  }
}
