import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { packFrame } from '../../../lambda/packing.ts'
import { FRAME_VERSION } from '../../../src/measure/frame.ts'
import { balances, emptyLedger } from '../../../src/measure/ledger.ts'
import { reportsOf } from '../../../src/report/formats.ts'
import { leavingOut } from '../../../src/report/results.ts'
import { textReport } from '../../../src/report/text.ts'
import type { RunLog } from '../../../src/run/log.ts'
import {
  eventsPath,
  findRun,
  keepEnding,
  openRecord,
  pastRuns,
  type RunHead,
  readRecord,
  runsFolder,
} from '../../../src/run/record.ts'
import { openReplay } from '../../../src/run/replay.ts'
import { ledgerOf } from '../../../src/run/state.ts'
import { constant, frameBytes } from '../../support/arbitraries.ts'
import { planOf } from '../../support/plans.ts'

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'slsart-record-'))
})
afterEach(() => rm(cwd, { recursive: true }))

const head = (id: string): RunHead => ({
  ...{
    schema: 'slsart.run/1',
    frames: FRAME_VERSION,
    id,
    fleet: 'local',
    engine: 'artillery',
    launchedAt: 1_000,
    ...{ acceptance: false, monitoring: null },
    baseline: null,
    platform: null,
    money: { cap: null, tariff: null },
    plan: planOf([constant(3, 4)], 2),
  },
  script: {
    ...{ target: 'http://target', file: 'script.yml', scenarios: ['0'], warmUp: [], strict: false, quorum: 1 },
    thresholds: [],
  },
})
const ending = { endedAt: 8_000, after: null, suggested: 0, problem: null, logged: 0 }
const brief = { result: 'pass', exit: 0, launched: 12, response_p99_ms: 3 } as const

/** Two workers of six arrivals each, over four seconds. */
function happens(log: RunLog): void {
  log.event({ type: 'launched', slices: [0, 1], attempt: 1 }, 1_000)
  for (const slice of [0, 1]) log.event({ type: 'ready', slice, attempt: 1, at: 0 }, 1_500)
  log.event({ type: 'go', t0: 2_000 }, 1_600)
  for (let second = 0; second < 3; second++) {
    for (const slice of [0, 1]) {
      const counters = { launched: 2, completed: 2, requests: 2, responses: 2, 'requests{endpoint=GET /}': 2 }
      const samples = { response: [1_000 + second, 2_000], lateness: [5, 6] }
      log.frame(
        { slice, second },
        packFrame(frameBytes({ slice, seq: second, second, counters, samples })),
        3_000 + second * 1_000,
      )
    }
  }
  for (const slice of [0, 1]) {
    log.event({ type: 'done', slice, attempt: 1, ledger: { ...emptyLedger(), due: 6 }, frames: 3 }, 6_000)
    log.event({ type: 'gone', slice, attempt: 1, again: false, reason: 'exit code 0', billed: null }, 6_010)
  }
}

async function keptRun(id: string): Promise<string> {
  const folder = join(runsFolder(cwd), id)
  const log = await openRecord(folder, head(id))
  happens(log)
  await log.close()
  return folder
}

describe('the record of a run', () => {
  it('of another version of slsart is refused by that, and stays in the list', async () => {
    const folder = await keptRun('a')
    await writeFile(join(folder, 'run.json'), JSON.stringify({ ...head('a'), frames: undefined }))
    await expect(readRecord(folder)).rejects.toThrow(`the run in ${folder} was recorded by another version of slsart`)
    expect((await pastRuns(cwd)).map(({ head: { id } }) => id)).toEqual(['a'])
  })

  it('gives the run back, verdict and all', async () => {
    const folder = await keptRun('a')
    await keepEnding(folder, { ...ending, ...brief })
    const { verdict, exit, state, startedAt, endedAt } = await readRecord(folder)
    expect(verdict).toEqual({ result: 'pass', trust: 'trusted', reasons: [] })
    expect(exit).toEqual({ code: 0, all: [0] })
    expect([startedAt, endedAt]).toEqual([2_000, 8_000])
    expect(ledgerOf(state)).toMatchObject({ due: 12, launched: 12, completed: 12, lost: 0 })
  })

  it('cut off at any byte still gives every report, and says what is missing', async () => {
    const folder = await keptRun('a')
    const whole = await readFile(eventsPath(folder))
    await keepEnding(folder, { ...ending, ...brief, logged: whole.length })
    let before = 0
    for (let length = 0; length < whole.length; length++) {
      await writeFile(eventsPath(folder), whole.subarray(0, length))
      const record = await readRecord(folder)
      const { verdict, state, exit } = record
      expect(verdict.result, `cut at ${length}`).toBe('inconclusive')
      expect(exit.code).toBe(12)
      expect(verdict.reasons.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['record-cut']))
      const ledger = ledgerOf(state)
      expect(balances(ledger) && ledger.due === 12).toBe(true)
      // What was kept is still there, and never more than that.
      expect(ledger.launched).toBeGreaterThanOrEqual(before)
      before = ledger.launched
      // The reports of each seventh: they take most of the time.
      if (length % 7 > 0) continue
      const text = textReport(record, leavingOut(record))
      expect(text).toContain('The record ends')
      const reports = reportsOf(record, leavingOut(record))
      expect(JSON.parse(reports('.json')).ledger.launched).toBe(before)
      for (const kind of ['.md', '.csv', '.hlog'] as const) expect(reports(kind)).not.toBe('')
    }
    expect(before).toBe(12)
  })

  it.each([
    ['without its end', null],
    ['with half of its end', '{"endedAt": 80'],
  ])('%s has all that was measured, and no verdict', async (_, text) => {
    const folder = await keptRun('a')
    if (text !== null) await writeFile(join(folder, 'ending.json'), text)
    const { verdict, state } = await readRecord(folder)
    expect(ledgerOf(state).completed).toBe(12)
    expect(verdict).toMatchObject({ result: 'inconclusive', reasons: [{ kind: 'record-cut', at: 4.01 }] })
  })

  it('whose head cannot be read is refused by name', async () => {
    const folder = await keptRun('a')
    await writeFile(join(folder, 'run.json'), '{"schema"')
    await expect(readRecord(folder)).rejects.toThrow(/no run in .*run\.json/)
    expect(await pastRuns(cwd)).toEqual([])
  })

  it('without its log is refused by name', async () => {
    const folder = await keptRun('a')
    await rm(eventsPath(folder))
    await expect(readRecord(folder)).rejects.toThrow(/no run in .*events\.bin/)
  })
})

describe('a replay', () => {
  it('shows the run as it was at any moment, back and forth', async () => {
    const replay = await openReplay(await keptRun('a'))
    expect(replay.length).toBe(5_010)
    const at = (moment: number): unknown[] => {
      const state = replay.at(moment)
      return [
        state.stage,
        Math.round(state.at * 10) / 10,
        ledgerOf(state).launched,
        state.totals.histogram('response').count,
      ]
    }
    expect(at(0)).toEqual(['warming', 0, 0, 0])
    expect(at(700)).toEqual(['running', -0.3, 0, 0])
    expect(at(2_500)).toEqual(['running', 1.5, 4, 4])
    expect(at(4_500)).toEqual(['running', 3.5, 12, 12])
    expect(at(5_010)).toEqual(['over', 4, 12, 12])
    expect(at(2_500)).toEqual(['running', 1.5, 4, 4])
    expect(at(3_000)).toEqual(['running', 2, 8, 8])
  })

  it('of a run that was not there is refused', async () => {
    await expect(openReplay(join(cwd, 'nothing'))).rejects.toThrow('there is no run in')
  })
})

describe('a run is found', () => {
  it('by its name, the beginning of it, or its folder', async () => {
    const folder = await keptRun('20261121-101010-aaa')
    await keptRun('20261121-101010-bbb')
    for (const said of ['20261121-101010-aaa', '20261121-101010-a', folder, '.slsart/runs/20261121-101010-aaa']) {
      expect(await findRun(cwd, said)).toBe(folder)
    }
  })

  it('as the newest when nothing is said', async () => {
    await keptRun('20261121-101010-aaa')
    const newest = await keptRun('20261121-101011-000')
    expect(await findRun(cwd, null)).toBe(newest)
  })

  it('only when one fits', async () => {
    await keptRun('20261121-101010-aaa')
    await keptRun('20261121-101010-aab')
    await expect(findRun(cwd, '20261121')).rejects.toThrow('may be one of several runs: 20261121-101010-aaa, ')
    await expect(findRun(cwd, 'b')).rejects.toThrow('there is no run "b" here')
    await expect(findRun(join(cwd, 'elsewhere'), null)).rejects.toThrow('there is no run "latest" here')
  })
})

describe('past runs', () => {
  it('are listed from the newest on, those without an end too', async () => {
    await keptRun('a')
    await keepEnding(await keptRun('b'), { ...ending, ...brief })
    expect((await pastRuns(cwd)).map(({ head: { id }, ending }) => [id, ending?.result ?? null])).toEqual([
      ['b', 'pass'],
      ['a', null],
    ])
  })
})
