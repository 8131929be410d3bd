/** The licences of what the built files have taken into themselves, as a text: a notice goes where the copy goes. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BuildResult } from 'esbuild'

const LICENCE = /^licen[cs]e(-mit)?([.](md|txt))?$/i

/** `root`: of the project. */
export function noticesOf(root: string, results: readonly BuildResult[]): string {
  const inputs = results.flatMap(({ metafile }) => Object.keys(metafile?.inputs ?? {}))
  const packages = new Set(inputs.flatMap((path) => folderOf(path) ?? []))
  return [...packages]
    .toSorted()
    .map((folder) => notice(join(root, folder)))
    .join(`\n${'-'.repeat(80)}\n\n`)
}

/** Of the innermost package, which may lie in another. */
const folderOf = (path: string): string | null => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? null

/** Who has no file of it says in the manifest what it is. */
function notice(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => LICENCE.test(entry) && existsSync(join(folder, entry)))
  const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
  return `${name} ${version} (${license})\n${text}`
}
