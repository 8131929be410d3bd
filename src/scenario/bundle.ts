/** User code to one file: JS or TS, CommonJS or ES module, with its imports and an inline source map. */
import { readFile } from 'node:fs/promises'
import { dirname, extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BuildFailure, Loader, Plugin, PluginBuild } from 'esbuild'
import type { Place, ScriptError } from '../errors.ts'

/**
 * What is not there in the format that the code is bundled to must be made. Native code is never bundled: it is loaded from
 * where it lies, and so are the packages that the script calls external.
 */
const banners: Record<'esm' | 'cjs', (path: string) => string> = {
  esm: (path) =>
    `import { createRequire as slsartCreate } from 'node:module'; const require = slsartCreate(${JSON.stringify(path)}), slsartRequire = require;`,
  cjs: () => 'const slsartRequire = require;',
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
  `const slsartDirname = ${JSON.stringify(dirname(path))}, slsartFilename = ${JSON.stringify(path)}, slsartUrl = ${JSON.stringify(pathToFileURL(path).href)};`

const LOADERS: Record<string, Loader> = { '.ts': 'ts', '.mts': 'ts', '.cts': 'ts', '.tsx': 'tsx', '.jsx': 'jsx' }

const home: Plugin = {
  name: 'home',
  setup({ onLoad }: PluginBuild) {
    onLoad({ filter: /\.[cm]?[jt]sx?$/ }, async ({ path }) => {
      const code = await readFile(path, 'utf8')
      if (!/\b__(?:dirname|filename)\b|\bimport\.meta\b/.test(code)) return null
      const [hashbang = ''] = /^#!.*\n/.exec(code) ?? []
      const contents = `${hashbang}${placeOf(path)}${code.slice(hashbang.length)}`
      return { contents, loader: LOADERS[extname(path)] ?? 'js' }
    })
    onLoad({ filter: /\.node$/ }, ({ path }) => ({
      contents: `module.exports = slsartRequire(${JSON.stringify(path)})`,
    }))
  },
}

/** Named by the script: found where the code that asks for it lies, and loaded from there. */
const externalTo = (names: readonly string[]): Plugin => ({
  name: 'external',
  setup({ onResolve, resolve: find }: PluginBuild) {
    onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, importer, pluginData }) => {
      if (pluginData === 'external' || !names.some((name) => path === name || path.startsWith(`${name}/`))) return null
      const found = await find(path, { kind, resolveDir, importer, pluginData: 'external' })
      return found.errors.length > 0 ? found : { path: found.path, external: true }
    })
  },
})

/** `refuse` words what is wrong with the code. */
type How = {
  format: 'esm' | 'cjs'
  external: readonly string[]
  /** Packages from npm: nobody looks for the lines of their source, and they may be large. */
  small?: boolean
  refuse: (at: Place, problem: string) => ScriptError
}

export async function bundle(path: string, { format, external, small = false, refuse }: How): Promise<Uint8Array> {
  const { build } = await import('esbuild')
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
      banner: { js: banners[format](path) },
      plugins: [externalTo(external), home],
    })
    return (outputFiles[0] as { contents: Uint8Array }).contents
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
