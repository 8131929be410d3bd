/** A virtual user's variables: its data rows and its pick of every list, all by (seed, k), as Artillery names them. */
import { chooseOne, chooseRow, stream, uniform } from '../src/plan/choose.ts'
import type { ArrivalIndex, Seed } from '../src/units.ts'
import type { WorkerScript } from '../src/wire/start.ts'

/** Draws for template functions come after every other use of a virtual user's randomness. */
const FUNCTIONS = 0x10000

export type Variables = (k: ArrivalIndex) => Record<string, unknown>

/** `rows[i]` are feed i's. A whole file (`loadAll`) is shared by all virtual users, not copied. */
export function variablesFor(
  { feeds, variables, strict, scenarios }: WorkerScript,
  rows: readonly unknown[][][],
  seed: Seed,
): Variables {
  const shared: Record<string, unknown> = {}
  feeds.forEach(({ loadAs, fields }, feed) => {
    if (loadAs !== null) shared[loadAs] = asObjects(rows[feed] ?? [], fields)
  })
  const lists = Object.entries(variables)
  // Artillery loses a row for each scenario that has a weight.
  const lost = strict ? scenarios.filter(({ spec }) => spec.weight !== undefined).length : 0
  return (k) => {
    const vars: Record<string, unknown> = { ...shared }
    feeds.forEach(({ loadAs, order, fields }, feed) => {
      if (loadAs !== null) return
      const all = rows[feed] ?? []
      const row = all[chooseRow(order, all.length, { seed, k: k + lost, feed })] ?? []
      fields.forEach((field, column) => {
        vars[field] = row[column]
      })
    })
    lists.forEach(([name, value], position) => {
      vars[name] = Array.isArray(value) ? value[chooseOne(value.length, seed, k, stream.variable + position)] : value
    })
    return vars
  }
}

/** An endless stream of uniform numbers of virtual user k. */
export function randomFor(seed: Seed, k: ArrivalIndex): () => number {
  let draw = FUNCTIONS
  return () => uniform(seed, k, draw++)
}

/** With field names a row becomes an object; without, it stays a list. */
const asObjects = (rows: unknown[][], fields: readonly string[]): unknown[] =>
  fields.length === 0 ? rows : rows.map((row) => Object.fromEntries(fields.map((field, i) => [field, row[i]])))
