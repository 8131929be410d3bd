/**
 * How metrics are named inside frames. A name is a metric, and optionally one dimension of it:
 * `response`, `response{endpoint=GET /items}`. What Artillery's engine reports itself keeps Artillery's name behind
 * `artillery:`, as it goes into the Artillery-shaped part of the report and nowhere else.
 */
export type Dimension = 'phase' | 'scenario' | 'endpoint' | 'status' | 'error'

export const named = (metric: string, dimension: Dimension, value: string | number): string =>
  `${metric}{${dimension}=${value}}`

/** Longer than any URL or message that somebody reads to its end. */
const LONGEST = 1_000
/** What a terminal would take for more than a text, the marks that turn a line's direction around too. */
const CONTROL = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u

/** Whether a name may be of a frame: workers send no others. */
export const isPlainName = (name: string): boolean => name.length <= LONGEST && !CONTROL.test(name)

/** The name as a frame carries it. A long one keeps its end, which closes its dimension. */
export function plainName(name: string): string {
  if (isPlainName(name)) return name
  const plain = name.replaceAll(/[\t\n\v\f\r]+/g, ' ').replaceAll(new RegExp(CONTROL, 'gu'), '\ufffd')
  return plain.length <= LONGEST ? plain : `${plain.slice(0, LONGEST - 2)}…${plain.at(-1) ?? ''}`
}

/** What all names of a metric and dimension begin with, and no others. */
export const beginningOf = (metric: string, dimension: Dimension): string => `${metric}{${dimension}=`

/** The value of a dimension in a name, or null when the name is of another metric or dimension. */
export function valueIn(name: string, metric: string, dimension: Dimension): string | null {
  const beginning = beginningOf(metric, dimension)
  return name.startsWith(beginning) ? name.slice(beginning.length, -1) : null
}

const ARTILLERY = 'artillery:'
const RATE = 'artillery-rate:'
/** As many as a script has by itself; what its hooks name by what they find may be without end. */
const KEPT = 1_000
const kept = new Map<string, string>()
/** Kept, since a text put together anew is hashed anew in every lookup. */
export function artillery(name: string): string {
  const known = kept.get(name)
  if (known !== undefined) return known
  const made = ARTILLERY + name
  if (kept.size < KEPT) kept.set(name, made)
  return made
}
/** A rate of Artillery's is a count of events: its report divides by the window's length. */
export const artilleryRate = (name: string): string => RATE + name
export const artilleryName = (name: string): string | null =>
  name.startsWith(ARTILLERY) ? name.slice(ARTILLERY.length) : null
export const artilleryRateName = (name: string): string | null =>
  name.startsWith(RATE) ? name.slice(RATE.length) : null
