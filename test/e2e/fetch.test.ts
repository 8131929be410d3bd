/** A run's record made again from what its workers wrote into the store: the same as its conductor's own, number by number. */
import { readdirSync, readFileSync } from 'node:fs'
import { cp, mkdir, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTarget } from '../../demo/target.ts'
import { jsonReport } from '../../src/report/json.ts'
import { leavingOut, resultsOf } from '../../src/report/results.ts'
import { fetchRun } from '../../src/run/fetch.ts'
import { eventsPath, type RunRecord, readRecord } from '../../src/run/record.ts'
import { folderStore } from '../../src/store/folder.ts'
import { putBatches } from '../support/batches.ts'
import { run, workFolder } from '../support/cli.ts'

const script = (target: string): string => `config:
  target: ${target}
  phases: [{ name: warm, duration: 1, arrivalRate: 10 }, { name: peak, duration: 3, arrivalRate: 20 }]
  slsart: { warmup: [warm], thresholds: [{ expression: p99 < 5000, span: 2s }] }
scenarios:
  - flow: [{ get: { url: /items/1 } }, { get: { url: /flaky, expect: { statusCode: 200 } } }]
`

/** What both records must agree on: everything but when the conductor thought that it was over, and how it heard of it. */
function told(record: RunRecord): object {
  const { run, workers, ...json } = jsonReport(record, resultsOf(record, leavingOut(record)))
  const { start, ...others } = workers
  return { ...json, run: { ...run, endedAt: null }, workers: others }
}

/** Nobody renews the lease any longer. */
const LATER = Number.POSITIVE_INFINITY

const histogramsOf = ({ state: { totals } }: RunRecord): object =>
  Object.fromEntries([...totals.histograms].toSorted(([a], [b]) => a.localeCompare(b)))

async function recorded(): Promise<{ own: string; stored: string }> {
  const target = await startTarget()
  const folder = workFolder({ 'script.yml': script(target.url) })
  const { stderr } = await run(folder, ['invoke', '-p', 'script.yml', '--local', '--workers', '3', '-q', '--seed', '7'])
  await target.close()
  const [id] = readdirSync(join(folder, '.slsart/runs'))
  expect(id, stderr).toBeDefined()
  const own = join(folder, '.slsart/runs', id as string)
  const stored = workFolder()
  for (const name of ['run.json', 'orders.json']) await cp(join(own, name), join(stored, name))
  await putBatches(own, folderStore(stored), 2)
  return { own, stored }
}

test('it has the same totals, ledger, series and verdict', async () => {
  const { own, stored } = await recorded()
  const again = join(workFolder(), 'again')
  await fetchRun(folderStore(stored), again, LATER)
  const [ours, theirs] = [await readRecord(own), await readRecord(again)]
  expect(histogramsOf(theirs)).toEqual(histogramsOf(ours))
  expect(told(theirs)).toEqual(told(ours))
  expect(theirs.exit).toEqual(ours.exit)
  expect(theirs.verdict.reasons).toEqual(ours.verdict.reasons)

  // Whoever asks again gets the same to the byte.
  const before = readFileSync(eventsPath(again))
  await fetchRun(folderStore(stored), again, LATER)
  expect(readFileSync(eventsPath(again)).equals(before)).toBe(true)

  // What a killed conductor had kept is filled up from there.
  const half = join(workFolder(), 'half')
  await mkdir(half)
  await cp(join(own, 'run.json'), join(half, 'run.json'))
  for (const share of [0.2, 0.5, 0.99]) {
    await cp(eventsPath(own), eventsPath(half))
    await truncate(eventsPath(half), Math.floor(readFileSync(eventsPath(own)).length * share))
    await fetchRun(folderStore(stored), half, LATER)
    expect(told(await readRecord(half))).toEqual(told(ours))
  }
})
