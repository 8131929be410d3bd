/** What a deployment is to be: flag, else SLSART_* in the environment, else slsart.config.yml here, else a default. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Machine } from '../plan/tariff.ts'
import { CONFIG_FILE } from '../stack/names.ts'
import { type ConfigFile, type Settings, settingsFrom } from '../stack/settings.ts'
import type { World } from '../world.ts'
import type { Args } from './main.ts'
import { textFlag } from './said.ts'

export const settingsFor = (args: Args, world: World): Settings =>
  settingsFrom((name) => textFlag(args, world, name), configFile(world.cwd))

/** What a plan is priced for: as it would be deployed. */
export function machineFor(args: Args, world: World): Machine {
  const { region, arch, memory } = settingsFor(args, world)
  return { region: region ?? (world.env.AWS_REGION || 'us-east-1'), arch, memoryMb: memory }
}

function configFile(folder: string): ConfigFile | null {
  try {
    return { path: CONFIG_FILE, text: readFileSync(join(folder, CONFIG_FILE), 'utf8') }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
