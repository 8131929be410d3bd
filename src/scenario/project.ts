/** Which files a script may name: those of its project. What it names travels to the workers, on Lambda into a bucket. */
import { existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { scriptErrors } from '../errors.ts'
import { isObject } from './objects.ts'
import type { Path, Positions } from './positions.ts'

/** `root`: the script's repository, else its package, else its folder. `outside`: whether files beyond it are allowed. */
export type Project = { root: string; outside: boolean; positions: Positions }

export const rootOf = (folder: string): string => real(rootAbove(folder))

const rootAbove = (folder: string): string => above(folder, '.git') ?? above(folder, 'package.json') ?? folder

/** The folder that holds the project and all of the files: what travels is named by its path below it. */
export function commonRoot(folder: string, files: readonly string[]): string {
  let root = rootAbove(folder)
  for (const file of files) while (!holds(root, file) && dirname(root) !== root) root = dirname(root)
  return root
}

function above(folder: string, name: string): string | null {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, name))) return at
    if (dirname(at) === at) return null
  }
}

/** Where links lead. What is not there is missed later, by whoever reads it. */
function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function holds(folder: string, path: string): boolean {
  const inside = relative(folder, path)
  // Of another drive it is absolute.
  return inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside)
}

/** The absolute path of what the script names; a ScriptError when it lies outside the project and that was not allowed. */
export function named(path: string, folder: string, at: Path, { root, outside, positions }: Project): string {
  const full = resolve(folder, path)
  if (!outside && !holds(root, real(full))) throw scriptErrors.outside(positions.of(at), path, root)
  return full
}

/** `config.includeFiles`, and the files of formData in flows; each must be there. */
export function includedFiles(
  include: readonly string[],
  flows: readonly { path: Path; flow: readonly unknown[] }[],
  folder: string,
  project: Project,
): string[] {
  const files = new Set<string>()
  const add = (path: string, at: Path): void => {
    const full = named(path, folder, at, project)
    if (!statSync(full, { throwIfNoEntry: false })?.isFile()) throw scriptErrors.noFile(project.positions.of(at), path)
    files.add(full)
  }
  include.forEach((path, i) => {
    add(path, ['config', 'includeFiles', i])
  })
  for (const { path, flow } of flows) for (const [file, at] of filesIn(flow, path)) add(file, at)
  return [...files]
}

/** Every `fromFile`; a template names its file only when a virtual user gets there, and travels by `includeFiles`. */
function* filesIn(value: unknown, path: Path): Generator<[string, Path]> {
  if (Array.isArray(value)) {
    for (const [i, entry] of value.entries()) yield* filesIn(entry, [...path, i])
  } else if (isObject(value)) {
    for (const [key, entry] of Object.entries(value)) {
      if (key === 'fromFile' && typeof entry === 'string' && !entry.includes('{{')) yield [entry, [...path, key]]
      else yield* filesIn(entry, [...path, key])
    }
  }
}
