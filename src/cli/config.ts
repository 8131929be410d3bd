/** What a run is to be: flag, else SLSART_* in the environment, else `config.slsart` in the script, else a default. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { scriptErrors, usageErrors } from '../errors.ts'
import { engineText } from '../report/advice.ts'
import type { Wishes } from '../run/prepare.ts'
import { parseDuration } from '../scenario/duration.ts'
import type { EngineWish } from '../scenario/engine.ts'
import { readScript } from '../scenario/read.ts'
import type { Script } from '../scenario/script.ts'
import type { ReadOptions } from '../scenario/sources.ts'
import { secretsOfEnv, secretsOfRows, secretsOfScript } from '../secrets/collect.ts'
import type { Seconds } from '../units.ts'
import type { World } from '../world.ts'
import { flags } from './flags.ts'
import type { Args } from './main.ts'
import { regionsFor } from './regions.ts'
import { textFlag } from './said.ts'

/** Lambda's limit; a process on this machine lives as long as it likes. */
const LAMBDA_LIFETIME: Seconds = 900

/** A seed that nobody chose is drawn, printed and recorded, so that the run can be repeated. */
export function wishesFor(args: Args, world: World, script: Script): Wishes {
  const lifetime = textFlag(args, world, 'worker-lifetime')
  const seconds = lifetime === null ? null : parseDuration(lifetime)
  if (lifetime !== null && (seconds === null || seconds <= 0)) {
    throw usageErrors.number('--worker-lifetime', lifetime, 'a duration above 0, such as 900 or 15m')
  }
  return {
    workers: wholeFlag(args, world, 'workers', 1) ?? script.wishes.workers,
    seed: wholeFlag(args, world, 'seed', 0) ?? script.wishes.seed ?? Number.parseInt(world.entropy(4), 16),
    workerLifetime: seconds ?? (args.local ? null : LAMBDA_LIFETIME),
    regions: regionsFor(args, world).shares,
  }
}

export function wholeFlag(args: Args, world: World, name: string, least: number): number | null {
  const text = textFlag(args, world, name)
  if (text === null) return null
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(value) || value < least)
    throw usageErrors.number(`--${name}`, text, `a whole number from ${least} up`)
  return value
}

/** The variables of a dotenv file that the environment does not have: templates see them, and so do the workers. */
export function dotenvFor(args: Args, world: World): Record<string, string> {
  const file = textFlag(args, world, 'dotenv')
  if (file === null) return {}
  try {
    const entries = Object.entries(parseEnv(readFileSync(resolve(world.cwd, file), 'utf8')))
    return Object.fromEntries(entries.flatMap(([name, value]) => (name in world.env ? [] : [[name, String(value)]])))
  } catch (cause) {
    throw usageErrors.dotenv(file, cause)
  }
}

/** Whether scenarios are only tried out, once or a few times each. */
export const isTrial = (args: Args): boolean => args.acceptance === true || args.monitoring === true

/** Scenarios that are tried out have no choice: see tryOut. */
function engineFor(args: Args, world: World): EngineWish {
  if (isTrial(args)) {
    if (args.engine === 'native') throw usageErrors.triedByArtillery()
    return 'auto'
  }
  const asked = textFlag(args, world, 'engine') ?? 'auto'
  const { choices } = flags.engine
  const wish = choices.find((choice) => choice === asked)
  if (wish === undefined) throw usageErrors.choice('--engine', asked, choices)
  return wish
}

/** The script, checked. Refuses `--engine native` for what is outside its set and would be run. */
export async function scriptFor(args: Args, world: World, dotenv: Record<string, string>): Promise<Script> {
  const options = await readOptions(args, world, dotenv)
  world.secrets.learn(secretsOfEnv(options.env))
  const script = await readScript(options)
  world.secrets.learn(secretsOfScript(script))
  for (const feed of script.feeds) world.secrets.learn(secretsOfRows(feed))
  const [outside] = script.scenarios.filter(({ weight, engine }) => weight > 0 && engine !== 'native')
  if (options.engine === 'native' && outside !== undefined) {
    throw scriptErrors.notNative(outside.why.at, outside.name, engineText(outside.why))
  }
  return script
}

/** Where and how to read the script, from the flags. */
async function readOptions(args: Args, world: World, dotenv: Record<string, string>): Promise<ReadOptions> {
  const paths = ((args.path as string[] | undefined) ?? []).map(String)
  const texts = [
    ...(args.data === undefined ? [] : [{ from: '--data', text: String(args.data) }]),
    ...(args.stdin === true ? [{ from: '--stdin', text: await textOf(world.stdin) }] : []),
  ]
  if (paths.length + texts.length === 0) throw usageErrors.noScript()
  return {
    ...{ paths, texts },
    config: textFlag(args, world, 'config'),
    cwd: world.cwd,
    env: { ...dotenv, ...world.env },
    target: textFlag(args, world, 'target'),
    environment: textFlag(args, world, 'environment'),
    overrides: textFlag(args, world, 'overrides'),
    variables: textFlag(args, world, 'variables'),
    insecure: args.insecure === true,
    strict: args['strict-compat'] === true,
    outside: args['allow-outside'] === true,
    scenarioName: textFlag(args, world, 'scenario-name'),
    engine: engineFor(args, world),
  }
}

async function textOf(stream: NodeJS.ReadStream): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
