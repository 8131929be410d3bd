import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BuildFailure, BuildOptions } from 'esbuild'
import type { Place, ScriptError } from '../errors.ts'

/** In an ES module, what is not there must be made; a CommonJS one is given it. */
const formats: Record<'esm' | 'cjs', (path: string) => Pick<BuildOptions, 'define' | 'banner'>> = {
  esm: (path) => ({
    // The code runs from the run's folder, but finds the files beside it as it did at home.
    define: {
      __dirname: JSON.stringify(dirname(path)),
      __filename: JSON.stringify(path),
      'import.meta.url': JSON.stringify(pathToFileURL(path).href),
    },
    banner: {
      js: `import { createRequire as slsartRequire } from 'node:module'; const require = slsartRequire(${JSON.stringify(path)});`,
    },
  }),
  cjs: (path) => ({ define: { 'import.meta.url': JSON.stringify(pathToFileURL(path).href) } }),
}

/** JS or TS, CommonJS or ES module, with its imports: one file with an inline source map. `refuse` words its errors. */
export async function bundle(
  path: string,
  format: 'esm' | 'cjs',
  refuse: (at: Place, problem: string) => ScriptError,
): Promise<Uint8Array> {
  const { build } = await import('esbuild')
  try {
    const { outputFiles } = await build({
      entryPoints: [path],
      bundle: true,
      write: false,
      platform: 'node',
      format,
      target: 'node22',
      sourcemap: 'inline',
      sourcesContent: false,
      absWorkingDir: dirname(path),
      sourceRoot: `${pathToFileURL(dirname(path)).href}/`,
      keepNames: true,
      logLevel: 'silent',
      ...formats[format](path),
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
