/** What the page's script draws, and all that it knows of a run. Seconds are of the run, latencies are milliseconds. */

export const COUNTS = ['launched', 'requests', 'responses', 'failures'] as const
export const KINDS = ['response', 'service', 'lateness'] as const
export const PERCENTILES = ['p50', 'p95', 'p99', 'max'] as const

type Count = (typeof COUNTS)[number]
export type Kind = (typeof KINDS)[number]
export type Percentile = (typeof PERCENTILES)[number]

/** An entry for each step of the run, from `second` on; null for a latency that nobody measured. */
export type Columns = { second: number[] } & Record<Count, number[]> &
  Record<Kind, Record<Percentile, (number | null)[]>>

/** How many response times fell where: row r holds those from `lowest × ratio^r` up to the next. */
export type Heat = {
  /** Seconds that a column covers. */
  step: number
  lowest: number
  ratio: number
  rows: number
  columns: { second: number; counts: number[] }[]
}

/** `percent` of the values are at most `value`. */
export type CurvePoint = { percent: number; value: number }

export type Drawn = {
  /** Seconds that one entry of the columns covers. */
  step: number
  columns: Columns
  heat: Heat
  curve: { response: CurvePoint[]; service: CurvePoint[] }
  phases: { name: string; from: number; to: number }[]
}
