/** The table in docs/compatibility.md, from what the scripts of the differential suite say about themselves. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Entry, entries, isNative } from '../test/differential/run.ts'

const file = join(import.meta.dirname, '../docs/compatibility.md')
const [begin, end] = ['<!-- begin: npm run docs -->', '<!-- end -->']

type Row = [feature: string, here: string, engine: string, test: string]
const [BOTH, ARTILLERY] = ['both', 'Artillery’s']

/** What one script against another cannot show. */
const elsewhere: Row[] = [
  [
    'engines · from npm',
    'same; the whole session is one exchange, since nobody can say what its steps are',
    'its own',
    'e2e/extensions',
  ],
  ['engines · playwright', 'not supported: a browser is no load that a worker could carry', '–', 'e2e/extensions'],
  [
    'plugins · from npm, both kinds, scopes, ARTILLERY_PLUGIN_PATH, ARTILLERY_PLUGINS',
    'same',
    ARTILLERY,
    'e2e/extensions',
  ],
  [
    'plugins · slack, publish-metrics',
    'same, when `artillery` or the plugin is installed beside the script; else refused with what to install',
    ARTILLERY,
    'e2e/extensions',
  ],
  ['plugins · fake-data', 'same, in English', BOTH, 'e2e/plugins'],
  [
    'hooks · artillery.log, artillery.suggestedExitCode',
    'same with `--artillery-exit-codes`; a suggested code fails the run, and what is logged is in the run’s `logs/`',
    BOTH,
    'e2e/extensions',
  ],
  [
    'processor · npm imports, ES-module-only packages, native code, files beside it, bundling.external',
    'same',
    BOTH,
    'e2e/bundling',
  ],
  [
    'files · includeFiles, fromFile',
    'better: only files of the project, unless `--allow-outside` is given',
    'both; Artillery’s with `fromFile`',
    'e2e/bundling',
  ],
  [
    'flags · --config, --dotenv, several scripts',
    'better: a file that cannot be read is an error',
    BOTH,
    'unit/scenario/sources',
  ],
]

/** Rows by feature: same, better and how, or not supported and why; and which engines `--engine auto` may run it on. */
export async function table(): Promise<string> {
  const corpus = await Promise.all(entries().map(async (entry) => ({ entry, native: await isNative(entry) })))
  const features = Map.groupBy(
    corpus.flatMap(({ entry, native }) => entry.features.map((feature) => ({ feature, entry, native }))),
    ({ feature }) => feature,
  )
  const held = [...features].map(([feature, each]): Row => {
    const scripts = each.map(({ entry }) => entry.script)
    const said = [...new Set(each.flatMap(({ entry }) => findings(entry)))]
    const same = each.some(({ entry }) => findings(entry).length === 0)
    return [feature, [...(same ? ['same'] : []), ...said].join('; '), enginesOf(each), scripts.join(', ')]
  })
  const rows = [...held, ...elsewhere].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const heads = ['| feature | here | engine | held by |', '| --- | --- | --- | --- |']
  return [...heads, ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n')
}

/** Scripts that are refused run on none. */
function enginesOf(each: readonly { entry: Entry; native: boolean }[]): string {
  const run = each.filter(({ entry }) => entry.refused === null)
  const outside = run.filter(({ native }) => !native).map(({ entry }) => entry.script)
  if (outside.length === run.length) return run.length === 0 ? '–' : ARTILLERY
  return outside.length === 0 ? BOTH : `${BOTH}; ${ARTILLERY} in ${outside.join(', ')}`
}

function findings({ better, artilleryFails, refused }: Entry): string[] {
  if (refused !== null) return [`not supported: ${refused}`]
  if (artilleryFails !== null) return [`better: Artillery fails: ${artilleryFails}`]
  const both = Object.values(better).flatMap((parts) => Object.values(parts))
  return [...new Set(both)].map((why) => `better: ${why}`)
}

export async function withTable(text: string): Promise<string> {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  return `${text.slice(0, from)}${begin}\n${await table()}\n${text.slice(to)}`
}

export const compatibility = (): string => readFileSync(file, 'utf8')

if (import.meta.main) writeFileSync(file, await withTable(compatibility()))
