/**
 * Builds dist/, when something that it is made of has changed since: the command line (AWS's clients, ink and esbuild stay packages), the local
 * runtime, and the worker bundle whole.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import manifest from '../package.json' with { type: 'json' }

const root = join(import.meta.dirname, '..')
const { dependencies } = manifest
const artillery = join(root, 'node_modules/artillery/dist/lib')
const plugin = (name: string): string =>
  join(root, `node_modules/artillery/dist/builtin-packages/artillery-plugin-${name}/dist/index.js`)

/** The engines look for a package of Artillery's that reads XML; ours stands in its place. */
const xml: Plugin = {
  name: 'xml',
  setup({ onLoad }) {
    const asked = "xmlCapture = require('artillery-xml-capture');"
    onLoad({ filter: /commons\/engine_util\.js$/ }, ({ path }) => {
      const contents = readFileSync(path, 'utf8')
      if (!contents.includes(asked)) throw new Error(`${path} no longer says: ${asked}`)
      const ours = join(root, 'lambda/engines/artillery/xml.ts')
      return {
        contents: `import * as slsartXml from ${JSON.stringify(ours)};${contents.replace(asked, 'xmlCapture = slsartXml;')}`,
      }
    })
  },
}

/**
 * yargs, taken in: it looks for its words beside itself, which is elsewhere now; and what it measures texts with takes 20 ms to get ready
 * for emoji and marks, of which our flags' words have none.
 */
const yargs: Plugin = {
  name: 'yargs',
  setup({ onResolve, onLoad }) {
    const words = "resolve(__dirname, '../../../locales')"
    onLoad({ filter: /yargs\/lib\/platform-shims\/esm\.mjs$/ }, ({ path }) => {
      const contents = readFileSync(path, 'utf8')
      if (!contents.includes(words)) throw new Error(`${path} no longer says: ${words}`)
      return { contents: contents.replace(words, "resolve(__dirname, '../locales')") }
    })
    const width = /^string-width$/
    onResolve({ filter: width }, ({ path, importer }) =>
      /node_modules\/(yargs|cliui)\//.test(importer) ? { path, namespace: 'width' } : null,
    )
    onLoad({ filter: width, namespace: 'width' }, () => ({ contents: 'export default ({ length }) => length' }))
  },
}

/**
 * An `import` of node:http reads all that it exports, also what loads undici, of which no worker uses anything: 20 ms of CPU. `require` reads
 * nothing.
 */
const http: Plugin = {
  name: 'http',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?http$/ }, ({ kind, path }) =>
      kind === 'import-statement' ? { path, namespace: 'required' } : null,
    )
    onLoad({ filter: /.*/, namespace: 'required' }, () => ({ contents: "module.exports = require('node:http')" }))
  },
}

const common: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  metafile: true,
  logLevel: 'warning',
}

/** The command line, cut so that `--help` loads only what it needs, and what programs import; the dashboard by a name of its own, for bench/dashboard. */
export const cliBuild: BuildOptions = {
  ...common,
  entryPoints: {
    cli: 'src/cli/main.ts',
    index: 'src/index.ts',
    runtime: 'src/fleet/local/runtime.ts',
    dashboard: 'src/dashboard/open.tsx',
  },
  outdir: 'dist',
  // What --help, a plan and a local run load is taken in: three hundred files take 150 ms to find and load. The rest stays packages.
  external: Object.keys(dependencies),
  // Its other build asks for parts of Node in a way that ES modules do not have.
  alias: { yaml: join(root, 'node_modules/yaml/browser/dist/index.js') },
  plugins: [yargs],
  splitting: true,
  chunkNames: '[name]-[hash]',
}

/** Everything a worker needs in one file: Artillery's HTTP engine is taken in by path, its package exports none of it. */
export const workerBuild: BuildOptions = {
  ...common,
  entryPoints: ['lambda/handler.ts'],
  outfile: 'dist/worker.mjs',
  // Not identifiers: esbuild keeps the names of minified functions by defining them anew for each closure, and in Artillery's engines
  // that is 12 % of a request (bench/artillery: 1,905 requests a second with it, 2,170 without).
  minifyWhitespace: true,
  minifySyntax: true,
  alias: {
    'artillery-upstream/engine_http': join(artillery, 'core/engine_http.js'),
    'artillery-upstream/engine_socketio': join(artillery, 'core/engine_socketio.js'),
    'artillery-upstream/plugin_apdex': plugin('apdex'),
    'artillery-upstream/plugin_expect': plugin('expect'),
    'artillery-upstream/plugin_fake': plugin('fake-data'),
    'artillery-upstream/plugin_metrics': plugin('metrics-by-endpoint'),
    // Without what it fetches documents with, which the engine never does: 0.55 of 1.31 MB zipped, 90 ms of 250 of CPU at the import.
    cheerio: join(root, 'node_modules/cheerio/dist/browser/index.js'),
    // English only: all its languages are 3 MB.
    '@faker-js/faker': join(root, 'node_modules/@faker-js/faker/dist/locale/en.js'),
    'artillery-upstream/engine_ws': join(artillery, 'core/engine_ws.js'),
    'artillery-upstream/engine_util': join(artillery, 'commons/engine_util.js'),
    // What Artillery's engine itself is made of.
    'artillery-upstream/cookies': join(root, 'node_modules/tough-cookie'),
    'artillery-upstream/form_data': join(root, 'node_modules/form-data'),
    'artillery-upstream/get': join(root, 'node_modules/lodash/get.js'),
    'artillery-upstream/set': join(root, 'node_modules/lodash/set.js'),
  },
  plugins: [xml, http],
  // Native helpers that `ws` does without, and what is beside it.
  external: ['bufferutil', 'utf-8-validate', './closing.mjs'],
  banner: {
    js: "import { createRequire as slsartRequire } from 'node:module'; const require = slsartRequire(import.meta.url);",
  },
}

/** The last step of runs that nobody conducts, in a file of its own: workers do without. */
export const closingBuild: BuildOptions = {
  ...common,
  entryPoints: ['lambda/closing/close.ts'],
  outfile: 'dist/closing.mjs',
  minifyWhitespace: true,
  minifySyntax: true,
}

const uplotLicence = readFileSync(join(root, 'node_modules/uplot/LICENSE'), 'utf8')

/** What the HTML report takes into itself, script and style. The notice goes where the copy goes. */
export const pageBuild: BuildOptions = {
  ...common,
  entryPoints: [
    { in: 'src/report/page/main.ts', out: 'page' },
    { in: 'src/report/page/page.css', out: 'page' },
  ],
  outdir: 'dist',
  platform: 'browser',
  format: 'iife',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  banner: { js: `/*! uPlot\n${uplotLicence}*/` },
}

/** The types of what programs import, in dist/types: src/index.ts and what its declarations name, out of those of everything that it imports. */
async function declare(): Promise<void> {
  const all = mkdtempSync(join(tmpdir(), 'slsart-types-'))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  await promisify(execFile)(process.execPath, [tsc, '-p', 'src/index.tsconfig.json', '--outDir', all], { cwd: root })
  const named = new Set(['index.d.ts'])
  for (const path of named) {
    const text = readFileSync(join(all, path), 'utf8')
    for (const [, found = ''] of text.matchAll(/ from '([.][^']+)[.]ts'/g))
      named.add(join(dirname(path), `${found}.d.ts`))
    cpSync(join(all, path), join(root, 'dist/types', path))
  }
  rmSync(all, { recursive: true })
}

const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/

/** The licences of the packages that are taken in: they go where the copies go. */
function licencesOf(paths: readonly string[]): string {
  const folders = new Set(paths.flatMap((path) => PACKAGE.exec(path)?.[0] ?? []))
  const licences = [...folders].toSorted().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
    const files = readdirSync(join(root, folder)).filter((file) => /^(licen[cs]e|notice)/i.test(file))
    const texts = files.map((file) => readFileSync(join(root, folder, file), 'utf8').trim())
    return [`${name} ${version} (${license})`, ...texts].join('\n\n')
  })
  return `${licences.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}

/** What dist/ is made of; what npm has installed is told by its own list of it. */
const SOURCES = ['src', 'lambda', 'scripts', 'package.json', 'tsconfig.json', 'node_modules/.package-lock.json']

/** Written last: a build that was broken off is none. */
const LAST = 'dist/NOTICES.txt'

/** Whether `built` is there, and newer than all of the files and folders. A folder changes with what is put into it, renamed there or taken away. */
export function isNewer(built: string, sources: readonly string[]): boolean {
  const since = statSync(built, { throwIfNoEntry: false })?.mtimeMs ?? 0
  return sources.every((path) => {
    const stat = statSync(path)
    if (stat.mtimeMs >= since) return false
    return (
      !stat.isDirectory() ||
      isNewer(
        built,
        readdirSync(path).map((name) => join(path, name)),
      )
    )
  })
}

if (
  import.meta.main &&
  !isNewer(
    join(root, LAST),
    SOURCES.map((path) => join(root, path)),
  )
) {
  const begun = new Date()
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  const declared = declare()
  const built = await Promise.all([cliBuild, workerBuild, closingBuild, pageBuild].map((options) => build(options)))
  const taken = built.flatMap(({ metafile }) => Object.keys(metafile?.inputs ?? {}))
  cpSync(join(root, 'node_modules/yargs/locales/en.json'), join(root, 'dist/locales/en.json'))
  await declared
  writeFileSync(join(root, LAST), licencesOf(taken))
  // What has been changed while it was read may or may not be in it.
  utimesSync(join(root, LAST), begun, begun)
}
