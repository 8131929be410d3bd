/** What was said on the command line or in the environment. Apart from what reads scripts: commands that need none load faster. */
import type { World } from '../world.ts'
import type { Args } from './main.ts'

/** Flag, else SLSART_*; null when it was not said. */
export const textFlag = (args: Args, world: World, name: string): string | null => {
  const value = args[name] ?? world.env[`SLSART_${name.toUpperCase().replaceAll('-', '_')}`]
  return value === undefined ? null : String(value)
}
