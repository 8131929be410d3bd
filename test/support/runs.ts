/** Runs that a work folder has. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The folder of its newest run. */
export function runIn(folder: string): string {
  const runs = join(folder, '.slsart/runs')
  const newest = readdirSync(runs).toSorted().at(-1)
  if (newest === undefined) throw new Error(`no run in ${runs}`)
  return join(runs, newest)
}
