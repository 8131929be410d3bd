/** The table in docs/compatibility.md, from what the scripts of the differential suite say about themselves. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Entry, entries } from '../test/differential/run.ts'

const file = join(import.meta.dirname, '../docs/compatibility.md')
const [begin, end] = ['<!-- begin: npm run docs -->', '<!-- end -->']

/** What one script against another cannot show: feature, what it is here, which test holds it. */
const elsewhere: [string, string, string][] = [
  [
    'engines · from npm',
    'same; the whole session is one exchange, since nobody can say what its steps are',
    'e2e/extensions',
  ],
  ['engines · playwright', 'not supported: a browser is no load that a worker could carry', 'e2e/extensions'],
  ['plugins · from npm, both kinds, scopes, ARTILLERY_PLUGIN_PATH, ARTILLERY_PLUGINS', 'same', 'e2e/extensions'],
  [
    'plugins · slack, publish-metrics',
    'same, when `artillery` or the plugin is installed beside the script; else refused with what to install',
    'e2e/extensions',
  ],
  ['plugins · fake-data', 'same, in English', 'e2e/plugins'],
  [
    'hooks · artillery.log, artillery.suggestedExitCode',
    'same with `--artillery-exit-codes`; a suggested code fails the run, and what is logged is in the run’s `logs/`',
    'e2e/extensions',
  ],
  [
    'processor · npm imports, ES-module-only packages, native code, files beside it, bundling.external',
    'same',
    'e2e/bundling',
  ],
  [
    'files · includeFiles, fromFile',
    'better: only files of the project, unless `--allow-outside` is given',
    'e2e/bundling',
  ],
  [
    'flags · --config, --dotenv, several scripts',
    'better: a file that cannot be read is an error',
    'unit/scenario/sources',
  ],
]

/** Rows by feature: same, better and how, or not supported and why. */
export function table(): string {
  const features = Map.groupBy(
    entries().flatMap((entry) => entry.features.map((feature) => ({ feature, entry }))),
    ({ feature }) => feature,
  )
  const held = [...features].map(([feature, each]): [string, string, string] => {
    const scripts = each.map(({ entry }) => entry.script)
    const said = [...new Set(each.flatMap(({ entry }) => findings(entry)))]
    const same = each.some(({ entry }) => findings(entry).length === 0)
    return [feature, [...(same ? ['same'] : []), ...said].join('; '), scripts.join(', ')]
  })
  const rows = [...held, ...elsewhere].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return ['| feature | here | held by |', '| --- | --- | --- |', ...rows.map((row) => `| ${row.join(' | ')} |`)].join(
    '\n',
  )
}

function findings({ better, artilleryFails, refused }: Entry): string[] {
  if (refused !== null) return [`not supported: ${refused}`]
  if (artilleryFails !== null) return [`better: Artillery fails: ${artilleryFails}`]
  return [...new Set(Object.values(better))].map((why) => `better: ${why}`)
}

export function withTable(text: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  return `${text.slice(0, from)}${begin}\n${table()}\n${text.slice(to)}`
}

export const compatibility = (): string => readFileSync(file, 'utf8')

if (import.meta.main) writeFileSync(file, withTable(compatibility()))
