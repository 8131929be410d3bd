/** What a run is to be: flag, else SLSART_* (both arrive as flags), else `config.slsart` in the script, else a default. */
import { usageErrors } from '../errors.ts'
import type { Script } from '../scenario/script.ts'
import type { Seed } from '../units.ts'
import type { World } from '../world.ts'
import type { Args } from './main.ts'

export const textFlag = (args: Args, name: string): string | null => {
  const value = args[name]
  return value === undefined ? null : String(value)
}

export function workersFor(args: Args, script: Script): number | null {
  return wholeFlag(args, 'workers', 1) ?? script.wishes.workers
}

/** A seed that nobody chose is drawn, printed and recorded, so that the run can be repeated. */
export function seedFor(args: Args, script: Script, world: World): Seed {
  return wholeFlag(args, 'seed', 0) ?? script.wishes.seed ?? Number.parseInt(world.entropy(4), 16)
}

function wholeFlag(args: Args, name: string, least: number): number | null {
  const text = textFlag(args, name)
  if (text === null) return null
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(value) || value < least)
    throw usageErrors.number(`--${name}`, text, `a whole number from ${least} up`)
  return value
}

/** Where and how to read the script, from the flags. */
export const readOptions = (
  args: Args,
  world: World,
): Parameters<typeof import('../scenario/read.ts').readScript>[0] => ({
  path: String(args.path),
  cwd: world.cwd,
  env: world.env,
  target: textFlag(args, 'target'),
  environment: textFlag(args, 'environment'),
})
