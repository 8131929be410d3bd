/**
 * How metrics are named inside frames. A name is a metric, and optionally one dimension of it:
 * `response`, `response{endpoint=GET /items}`. What Artillery's engine reports itself keeps Artillery's name behind
 * `artillery:`, as it goes into the Artillery-shaped part of the report and nowhere else.
 */
export type Dimension = 'phase' | 'scenario' | 'endpoint' | 'status' | 'error'

export const named = (metric: string, dimension: Dimension, value: string | number): string =>
  `${metric}{${dimension}=${value}}`

/** The value of a dimension in a name, or null when the name is of another metric or dimension. */
export function valueIn(name: string, metric: string, dimension: Dimension): string | null {
  const head = `${metric}{${dimension}=`
  return name.startsWith(head) ? name.slice(head.length, -1) : null
}

const ARTILLERY = 'artillery:'
const RATE = 'artillery-rate:'
export const artillery = (name: string): string => ARTILLERY + name
/** A rate of Artillery's is a count of events: its report divides by the window's length. */
export const artilleryRate = (name: string): string => RATE + name
export const artilleryName = (name: string): string | null =>
  name.startsWith(ARTILLERY) ? name.slice(ARTILLERY.length) : null
export const artilleryRateName = (name: string): string | null =>
  name.startsWith(RATE) ? name.slice(RATE.length) : null
