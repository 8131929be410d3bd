/** What a program's fleet is opened with: its module, packed once, and the workers that it goes to. */
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TaskFleet } from '../fleet/fleet.ts'
import { localFleet } from '../fleet/local/fleet.ts'
import { allowEntry } from '../scenario/hosts.ts'
import { packScript } from '../scenario/pack.ts'
import { commonRoot } from '../scenario/project.ts'
import { OWN_FOLDER } from '../store/folder.ts'
import { fleetOptionErrors, logText } from '../task-errors.ts'
import type { Millis } from '../units.ts'
import { bundlesPrefix, claimsPrefix, endedPrefix, ordersKey, stopsPrefix } from '../wire/keys.ts'
import type { World } from '../world.ts'
import type { Opened } from './pool.ts'
import type { FleetOptions } from './types.ts'

/** No invocation lives longer. Source: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits */
const LONGEST: Millis = 900_000

/**
 * `make`: a fleet for the name and the folder that these tasks have. `clear` leaves nothing in its store. `usual`: workers at a time when
 * nobody says how many.
 */
type Making = {
  usual: number
  make(id: string, folder: string): Promise<TaskFleet>
  clear(fleet: TaskFleet, folder: string, isQuiet: boolean): Promise<void>
}

/** Throws a UsageError for options that are none, and a PreflightError when there is no room for so many workers. */
export async function open(options: FleetOptions, world: World, making: Making): Promise<Opened> {
  const { timeout = LONGEST } = options
  if (!(timeout > 0 && timeout <= LONGEST)) throw fleetOptionErrors.number('timeout', timeout, TIMEOUTS)
  const allow = (options.allow ?? []).map((text) => allowEntry(text, { from: 'allow', at: null }))
  const module = await moduleOf(options.module, world.cwd)
  const id = `tasks-${world.entropy(8)}`
  const folder = await folderFor(options, world.cwd)
  const leave = async (): Promise<void> => {
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true })
  }
  try {
    const fleet = await making.make(id, folder)
    const atOnce = await roomIn(fleet, options, making)
    const { source, parts } = await packed(module, options, fleet)
    return {
      ...{ fleet, atOnce, timeout },
      shared: {
        ...{ run: id, hook: null, until: null, secrets: [], env: options.env ?? {}, allow, parts, source },
        ...{ store: fleet.place, batches: fleet.batches },
      },
      log: (index) => logText(options.folder === undefined ? null : join(folder, 'logs', `worker-${index}.log`)),
      async remove(isQuiet) {
        await making.clear(fleet, folder, isQuiet)
        await leave()
      },
    }
  } catch (error) {
    await leave()
    throw error
  }
}

async function roomIn(fleet: TaskFleet, { maxConcurrency }: FleetOptions, { usual }: Making): Promise<number> {
  if (maxConcurrency !== undefined && !(Number.isInteger(maxConcurrency) && maxConcurrency > 0)) {
    throw fleetOptionErrors.number('maxConcurrency', maxConcurrency, 'a whole number from 1 up')
  }
  const { workers } = await fleet.limits()
  if ((maxConcurrency ?? 0) > workers) throw fleetOptionErrors.room(maxConcurrency ?? 0, workers)
  return maxConcurrency ?? Math.min(usual, workers)
}

const TIMEOUTS = 'milliseconds, up to 900000'

async function moduleOf(module: string | URL, cwd: string): Promise<string> {
  try {
    const isUrl = module instanceof URL || module.startsWith('file:')
    const path = isUrl ? fileURLToPath(module) : resolve(cwd, module)
    await stat(path)
    return path
  } catch (error) {
    throw fleetOptionErrors.module(String(module), error)
  }
}

async function folderFor({ folder }: FleetOptions, cwd: string): Promise<string> {
  if (folder === undefined) return mkdtemp(join(tmpdir(), 'slsart-tasks-'))
  const path = resolve(cwd, folder)
  await mkdir(path, { recursive: true, mode: OWN_FOLDER })
  return path
}

/** As a run's processor travels. */
async function packed(
  module: string,
  { includeFiles = [], external = [] }: FleetOptions,
  fleet: TaskFleet,
): Promise<Pick<Opened['shared'], 'source' | 'parts'>> {
  const folder = dirname(module)
  const files = includeFiles.map((path) => resolve(folder, path))
  for (const [i, file] of files.entries()) {
    await stat(file).catch((cause: unknown) => {
      throw fleetOptionErrors.file(includeFiles[i] ?? file, cause)
    })
  }
  const source = { file: module, folder, root: commonRoot(folder, [module, ...files]) }
  const code = { processor: module, extensions: [], feeds: [], files, external: [...external], source }
  const { parts, files: parted } = await packScript(code, fleet.inlineBytes, fleetOptionErrors.code)
  for (const { key, bytes } of parted) await fleet.store.put(key, bytes)
  return { source, parts }
}

export const openLocal = (options: FleetOptions, world: World): Promise<Opened> =>
  open(options, world, {
    usual: world.machine.cores,
    make: async (_, folder) => localFleet(world, folder),
    async clear(_, folder) {
      for (const name of [bundlesPrefix, claimsPrefix, endedPrefix, stopsPrefix, ordersKey]) {
        await rm(join(folder, name), { recursive: true, force: true })
      }
    },
  })
