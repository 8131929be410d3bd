/**
 * The whole conductor, its record and its dashboard, over bench/simulated's workers, for bench/conductor. Prints what it took.
 * `node conductor-client.ts WORKERS SECONDS FOLDER`: `frames.bin` and `expected.json` are in the folder.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Dashboard } from '../src/dashboard/open.tsx'
import { conduct } from '../src/run/conduct.ts'
import { ledgerOf, type RunState } from '../src/run/state.ts'
import { readScript } from '../src/scenario/read.ts'
import { folderStore } from '../src/store/folder.ts'
import { realWorld } from '../src/world.ts'
import { LAUNCHED, report, stalls } from './rows.ts'
import { settingOn } from './screen.ts'
import { type Marks, simulatedFleet } from './simulated.ts'

/** Of each histogram, and each counter, what all frames come to. */
export type Expected = { counters: Record<string, number>; histograms: Record<string, { count: number; sum: number }> }

const [workers, seconds] = process.argv.slice(2, 4).map(Number) as [number, number]
const folder = process.argv[4] as string
const measured = { launch_cpu_s: 0, cpu_s: 0, end_cpu_s: 0, stall_ms: 0, rss_mb: 0 }

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
let since = cpuSeconds()
let stalled = (): number => 0
/** What it took since the mark before. */
const mark = (): number => {
  const before = since
  since = cpuSeconds()
  return since - before
}
const marks: Marks = {
  launches: () => void mark(),
  begins() {
    measured.launch_cpu_s = mark()
    stalled = stalls()
  },
  ends() {
    measured.cpu_s = mark() / seconds
    measured.stall_ms = stalled()
    measured.rss_mb = process.resourceUsage().maxRSS / 1024
  },
}

const file = join(folder, 'script.json')
const phases = [{ duration: seconds, arrivalRate: workers * LAUNCHED }]
const flow = [{ get: { url: '/items' } }]
writeFileSync(file, JSON.stringify({ config: { target: 'http://127.0.0.1:9', phases }, scenarios: [{ flow }] }))
const script = await readScript({
  ...{ paths: [file], texts: [], config: null, cwd: folder, env: {}, target: null, environment: null },
  ...{ overrides: null, variables: null, insecure: false, strict: false, outside: false, scenarioName: null },
  engine: 'native',
})
const frames = join(folder, 'frames.bin')
const { fleet, clock } = simulatedFleet({ workers, seconds, frames, store: folderStore(folder) }, marks)
let dashboard: Dashboard | null = null
const record = await conduct(
  script,
  {
    ...{ seed: 1, workers, workerLifetime: null, regions: [], maxCost: null, price: null, id: 'r', folder, env: {} },
    ...{ rawSamples: false, baseline: null, acceptance: false, monitoring: null, allow: [] },
  },
  {
    ...{ fleet, world: { ...realWorld(), clock } },
    control(_, state) {
      dashboard = new Dashboard(state, settingOn(clock, 'lambda'))
    },
    observe: (state) => dashboard?.observe(state),
  },
)
measured.end_cpu_s = mark()
dashboard = null
if (!('state' in record)) throw new Error('nobody takes it over')
check(record.state)
if (record.verdict.result !== 'pass') throw new Error(JSON.stringify(record.verdict))
report(measured)
process.exit()

/** Throws when the ledger is off, or any total is not that of the frames. */
function check(state: RunState): void {
  const ledger = ledgerOf(state)
  const all = workers * LAUNCHED * seconds
  const isBalanced = [ledger.due, ledger.launched, ledger.completed].every((value) => value === all)
  if (!isBalanced || ledger.lost + ledger.failed + ledger.unfinished + ledger.skipped > 0)
    throw new Error(`the ledger says ${JSON.stringify(ledger)}, due were ${all}`)
  const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected
  const { counters, histograms } = state.totals
  for (const [name, value] of Object.entries(expected.counters)) {
    if (counters.get(name) !== value) throw new Error(`${name}: ${counters.get(name)} instead of ${value}`)
  }
  for (const [name, { count, sum }] of Object.entries(expected.histograms)) {
    const found = histograms.get(name)
    if (
      found?.count !== count ||
      found.sum !== sum ||
      Float64Array.from(found.counts).reduce((a, b) => a + b) !== count
    )
      throw new Error(`${name}: ${found?.count} values of ${count}`)
  }
}
