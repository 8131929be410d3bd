/** What Lambda and CloudWatch say of a run beside its own measurements: counted.json in its folder, asked for when it is over, and again by `report`. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { folderStore } from '../store/folder.ts'
import type { Millis } from '../units.ts'

export type { Platform } from '../fleet/fleet.ts'

/**
 * Of the function over the run's minutes, whoever called it. `isWhole`: all of the run's workers are in it; CloudWatch is a minute or two
 * behind. `concurrent`: the most at the same time. null where it has said nothing.
 */
export type Counted = {
  at: Millis
  isWhole: boolean
  invocations: number
  errors: number
  throttles: number
  concurrent: number | null
  /** The longest. */
  duration_ms: Millis | null
}

const NAME = 'counted.json'

export const keepCounted = (folder: string, counted: Counted): Promise<void> =>
  folderStore(folder).put(NAME, Buffer.from(`${JSON.stringify(counted, null, 2)}\n`))

/** null when it was never asked, or half of it is there. */
export async function readCounted(folder: string): Promise<Counted | null> {
  try {
    return JSON.parse(await readFile(join(folder, NAME), 'utf8')) as Counted
  } catch {
    return null
  }
}
