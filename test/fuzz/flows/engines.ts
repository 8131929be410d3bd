/** The worker's engines, bundled as the worker is, but for the warm-ups: every script would pay for them anew. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import type { engineFor } from '../../../lambda/engines/load.ts'
import { workerBuild } from '../../../scripts/build.ts'

const noWarmUp: Plugin = {
  name: 'no-warm-up',
  setup({ onLoad }) {
    onLoad({ filter: /engines\/(artillery|native)\/warm\.ts$/ }, () => ({
      contents: 'export async function warmUp() {}',
    }))
  },
}

export async function bundledEngines(): Promise<typeof engineFor> {
  const folder = mkdtempSync(join(tmpdir(), 'slsart-fuzz-'))
  const outfile = join(folder, 'engines.mjs')
  const { plugins = [], ...options } = workerBuild
  await build({
    ...options,
    ...{ entryPoints: ['lambda/engines/load.ts'], outfile, metafile: false, sourcemap: 'inline', minifySyntax: false },
    plugins: [...plugins, noWarmUp],
  })
  const module = (await import(pathToFileURL(outfile).href)) as { engineFor: typeof engineFor }
  rmSync(folder, { recursive: true })
  return module.engineFor
}
