/** User code to one file: JS or TS, CommonJS or ES module, with its imports and an inline source map. */
import { realpathSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, extname, relative, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BuildFailure, Loader, Plugin, PluginBuild } from 'esbuild'
import type { Place, SlsartError } from '../errors.ts'

/** Where the worker says, before it loads the code, in which folder the project's files are. */
const ROOT = "globalThis[Symbol.for('slsart.root')]"
/** What the worker looks up where it is: `slsart:<folder below the root>#<package>`. */
const EXTERNAL = 'slsart:'

/**
 * What is not there in the format that the code is bundled to must be made. Native code is never bundled: it is loaded from
 * where it lies, and so are the packages that the script calls external.
 */
const banners: Record<How['format'], (path: string) => string> = {
  esm: (path) =>
    `import { createRequire as slsartCreate } from 'node:module'; import { dirname as slsartFolder, join as slsartJoin } from 'node:path'; import { pathToFileURL as slsartUrlOf } from 'node:url'; const slsartAt = (path) => slsartJoin(${ROOT}, path), require = slsartCreate(slsartAt(${JSON.stringify(path)})), slsartRequire = require;`,
  cjs: () =>
    "const slsartRequire = require, { dirname: slsartFolder } = require('node:path'), { pathToFileURL: slsartUrlOf } = require('node:url'), slsartAt = (path) => path;",
}

/** Code runs from the run's folder, but finds the files beside it as it did at home: each module by its own place. */
const OWN_PLACE = {
  __dirname: 'slsartDirname',
  __filename: 'slsartFilename',
  'import.meta.dirname': 'slsartDirname',
  'import.meta.filename': 'slsartFilename',
  'import.meta.url': 'slsartUrl',
}

const placeOf = (path: string): string =>
  `const slsartFilename = slsartAt(${JSON.stringify(path)}), slsartDirname = slsartFolder(slsartFilename), slsartUrl = slsartUrlOf(slsartFilename).href;`

const LOADERS: Record<string, Loader> = { '.ts': 'ts', '.mts': 'ts', '.cts': 'ts', '.tsx': 'tsx', '.jsx': 'jsx' }

type Placed = (path: string) => string

/** A file's path below the root, with slashes; one that lies elsewhere begins with `..`. esbuild follows links, and the root may be behind one. */
export function placedIn(root: string): Placed {
  const real = realpathSync(root)
  return (path) => {
    const inside = relative(real, path)
    return (inside.startsWith('..') ? relative(root, path) : inside).split(sep).join('/')
  }
}

/** `native`: gets the compiled modules that the code loads. */
const home = (placed: Placed, native: Set<string>): Plugin => ({
  name: 'home',
  setup({ onLoad }: PluginBuild) {
    onLoad({ filter: /\.[cm]?[jt]sx?$/ }, async ({ path }) => {
      const code = await readFile(path, 'utf8')
      if (!/\b__(?:dirname|filename)\b|\bimport\.meta\b/.test(code)) return null
      const [hashbang = ''] = /^#!.*\n/.exec(code) ?? []
      const contents = `${hashbang}${placeOf(placed(path))}${code.slice(hashbang.length)}`
      return { contents, loader: LOADERS[extname(path)] ?? 'js' }
    })
    onLoad({ filter: /\.node$/ }, ({ path }) => {
      native.add(path)
      return { contents: `module.exports = slsartRequire(slsartAt(${JSON.stringify(placed(path))}))` }
    })
  },
})

/** Named by the script: looked up by the worker, from where the code that asks for it lies, or in a layer. */
const externalTo = (names: readonly string[], placed: Placed): Plugin => ({
  name: 'external',
  setup({ onResolve }: PluginBuild) {
    onResolve({ filter: /^[^./]/ }, ({ path, resolveDir }) => {
      if (!names.some((name) => path === name || path.startsWith(`${name}/`))) return null
      return { path: `${EXTERNAL}${placed(resolveDir)}#${path}`, external: true }
    })
  },
})

/** `refuse` words what is wrong with the code. */
export type How = {
  /** `cjs` runs here and at once; `esm` in a worker, which knows where the files below `root` are then. */
  format: 'esm' | 'cjs'
  root: string
  external: readonly string[]
  /** Packages from npm: nobody looks for the lines of their source, and they may be large. */
  small?: boolean
  refuse: (at: Place, problem: string) => SlsartError
}

export type Bundled = {
  code: Uint8Array
  /** Compiled modules that the code loads: absolute paths. */
  native: string[]
}

export async function bundle(path: string, { format, root, external, small = false, refuse }: How): Promise<Bundled> {
  const { build } = await import('esbuild')
  const native = new Set<string>()
  const placed: Placed = format === 'cjs' ? (file) => file : placedIn(root)
  try {
    const { outputFiles } = await build({
      entryPoints: [path],
      bundle: true,
      write: false,
      platform: 'node',
      format,
      target: 'node22',
      sourcemap: small ? false : 'inline',
      minifySyntax: small,
      minifyWhitespace: small,
      sourcesContent: false,
      absWorkingDir: dirname(path),
      sourceRoot: `${pathToFileURL(dirname(path)).href}/`,
      keepNames: true,
      logLevel: 'silent',
      define: OWN_PLACE,
      banner: { js: banners[format](placed(path)) },
      plugins: [externalTo(external, placed), home(placed, native)],
    })
    return { code: (outputFiles[0] as { contents: Uint8Array }).contents, native: [...native] }
  } catch (cause) {
    const problem = (cause as BuildFailure).errors?.[0]
    if (!problem) throw cause
    const { location } = problem
    const at = location
      ? { file: resolve(dirname(path), location.file), line: location.line, column: location.column + 1 }
      : { file: path }
    throw refuse(at, problem.text)
  }
}
