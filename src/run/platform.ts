/** What Lambda and CloudWatch say of a run beside its own measurements: counted.json in its folder, asked for when it is over, and again by `report`. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Counted } from '../fleet/fleet.ts'
import { folderStore } from '../store/folder.ts'

export type { Counted, Platform } from '../fleet/fleet.ts'

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
