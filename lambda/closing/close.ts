/** The last step of a run that nobody conducts: its record, verdict and report, made where the frames are. */
import { randomUUID } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { endedTexts } from '../../src/report/ended.ts'
import { jsonReport } from '../../src/report/json.ts'
import { leavingOut, resultsOf } from '../../src/report/results.ts'
import type { Told } from '../../src/round-texts.ts'
import { fetchRun } from '../../src/run/fetch.ts'
import { ask, look, type Place, waitForEnd } from '../../src/run/kill.ts'
import { endingPath, readRecord } from '../../src/run/record.ts'
import type { Store } from '../../src/store/store.ts'
import type { Millis } from '../../src/units.ts'
import { type CloseEvent, sharedKey } from '../../src/wire/detached.ts'
import { endingKey, overKey, reportKey } from '../../src/wire/keys.ts'

/** What the state machine keeps of it, and tells. */
type Closed = { result: string; exit: number; told: Told }

const EVERY: Millis = 500

export async function close({ close: how, until }: CloseEvent, store: Store): Promise<Closed> {
  const clock = { wall: Date.now, sleep: (span: Millis) => sleep(span) }
  const place = { store, clock, every: EVERY, isGone: null }
  // Too few are left for what was asked: they stop too.
  if (how === 'failed') await waitForEnd(place, await ask(place, 'drain'), async () => false)
  await ended(place, until)
  await store.put(overKey, new Uint8Array())
  // It has the script's variables in it, and whoever were started with it now would be late.
  await store.put(sharedKey, Buffer.from('{}'))
  const folder = join(tmpdir(), randomUUID())
  try {
    const record = (await fetchRun(store, folder, clock.wall())) ?? (await readRecord(folder))
    const report = jsonReport(record, resultsOf(record, leavingOut(record)))
    await store.put(endingKey, await readFile(endingPath(folder)))
    await store.put(reportKey, Buffer.from(`${JSON.stringify(report, null, 2)}\n`))
    return { result: record.verdict.result, exit: record.exit.code, told: endedTexts(record) }
  } finally {
    await rm(folder, { recursive: true, force: true })
    store.close()
  }
}

/** Whom a command has started, and left, nobody sees end. */
async function ended(place: Place, until: Millis): Promise<void> {
  while (place.clock.wall() < until && (await look(place)).open.length > 0) await place.clock.sleep(EVERY)
}
