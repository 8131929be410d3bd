/**
 * What is kept of a run, in `.slsart/runs/<id>/`: run.json first, events.bin as they happen, ending.json and report.json at the end. Everything
 * that a report says follows from the first three, so that it can be made again, from a run that was cut off too.
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type ExitCode, preflightErrors, SlsartError, usageErrors } from '../errors.ts'
import type { FleetName } from '../fleet/fleet.ts'
import type { StepResult } from '../measure/acceptance.ts'
import { type ArtilleryPeriod, periodOf } from '../measure/artillery.ts'
import { judgeEnsure } from '../measure/ensure.ts'
import { FRAME_VERSION } from '../measure/frame.ts'
import { latency } from '../measure/summary.ts'
import type { Threshold } from '../measure/thresholds.ts'
import { type Aborted, type Judged, judge, type Verdict } from '../measure/verdict.ts'
import type { Plan } from '../plan/plan.ts'
import type { Sampling } from '../plan/sampling.ts'
import type { EnginesUsed } from '../scenario/engine.ts'
import type { Script } from '../scenario/script.ts'
import { folderStore, OWN_FOLDER } from '../store/folder.ts'
import type { Millis, Seconds } from '../units.ts'
import { endingKey, headKey } from '../wire/keys.ts'
import type { Baseline } from './baseline.ts'
import { type Cost, costOf } from './cost.ts'
import { exitFor } from './ending.ts'
import { evidence } from './evidence.ts'
import type { After } from './hooks.ts'
import { judgeOwn } from './judging.ts'
import { eventsOf, framesBySecond, openRunLog, type RunLog } from './log.ts'
import { type Money, moneyOf } from './money.ts'
import { type Counted, type Platform, readCounted } from './platform.ts'
import { begin, ledgerOf, type RunState, reduce } from './state.ts'
import { hasEnded, lastAttempt } from './workers.ts'

/** What a report needs to know of the script. */
export type ScriptHead = Pick<Script, 'target' | 'warmUp' | 'strict' | 'quorum'> & {
  file: string
  /** Their names. */
  scenarios: string[]
  thresholds: readonly Threshold[]
}

/** What is known before anything is launched: run.json. */
export type RunHead = {
  schema: 'slsart.run/1'
  /** Of which version its frames are. */
  frames: typeof FRAME_VERSION
  id: string
  fleet: FleetName
  engine: EnginesUsed
  launchedAt: Millis
  /** Whether its scenarios were tried out once each, by their assertions. */
  acceptance: boolean
  /** How they were sampled, in a monitoring round. */
  monitoring: Sampling | null
  script: ScriptHead
  plan: Plan
  baseline: Baseline | null
  platform: Platform | null
  money: Money
}

/** What no event tells: ending.json. `problem`: why the log could not be written to its end; `logged`: bytes that were. */
export type Ending = {
  endedAt: Millis
  after: After | null
  suggested: number
  problem: string | null
  logged: number
}

/** Beside it in the file, for a list of runs. */
export type Brief = { result: Verdict['result']; exit: ExitCode; launched: number; response_p99_ms: Millis }

/** A run as it ended; after the first request every ending is one of these. */
export type RunRecord = {
  id: string
  folder: string
  script: ScriptHead
  state: RunState
  /** Whether the script's `after` ran to its end; null without one. */
  after: After | null
  startedAt: Millis
  endedAt: Millis
  fleet: FleetName
  engine: EnginesUsed
  baseline: Baseline | null
  platform: Platform | null
  counted: Counted | null
  /** null for workers on this machine that cost nothing. */
  cost: Cost | null
  /** What became of each step, when its scenarios were tried out; null under load. */
  steps: readonly StepResult[] | null
  monitoring: Sampling | null
  /** What was asked of the run, and whether it held. */
  thresholds: readonly Judged[]
  verdict: Verdict
  exit: { code: ExitCode; all: ExitCode[] }
}

const HEAD = headKey
export const endingPath = (folder: string): string => join(folder, endingKey)
export const eventsPath = (folder: string): string => join(folder, 'events.bin')
export const reportPath = (folder: string): string => join(folder, 'report.json')
export const runsFolder = (cwd: string): string => join(cwd, '.slsart', 'runs')

/** Makes the run's folder and opens its log, before anything is launched. */
export async function openRecord(folder: string, head: RunHead): Promise<RunLog> {
  try {
    await makeFolder(folder, head)
    return openRunLog(eventsPath(folder))
  } catch (cause) {
    throw preflightErrors.folder(folder, rootOf(cause))
  }
}

/** Of a run whose events are kept elsewhere. */
export const keepHead = (folder: string, head: RunHead): Promise<void> =>
  makeFolder(folder, head).catch((cause) => {
    throw preflightErrors.folder(folder, rootOf(cause))
  })

/** The store's own words name the folder too. */
const rootOf = (error: unknown): unknown => (error instanceof SlsartError ? error.cause : error)

async function makeFolder(folder: string, head: RunHead): Promise<void> {
  await mkdir(folder, { recursive: true, mode: OWN_FOLDER })
  await keep(folder, HEAD, head)
}

/** What a list of runs shows of one. */
export function briefOf({ verdict, exit, state }: RunRecord): Brief {
  const { p99 } = latency(state.totals.histogram('response'))
  return { result: verdict.result, exit: exit.code, launched: ledgerOf(state).launched, response_p99_ms: p99 }
}

export const keepEnding = (folder: string, ending: Ending & Brief): Promise<void> => keep(folder, endingKey, ending)

const keep = (folder: string, name: string, value: object): Promise<void> =>
  folderStore(folder).put(name, Buffer.from(`${JSON.stringify(value, null, 2)}\n`))

/** A record from what was written; one that is cut off says what is missing. Throws a UsageError when its head is. */
export async function readRecord(folder: string): Promise<RunRecord> {
  const head = await readableHead(folder)
  const ending = await readEnding(folder)
  const logged = await stat(eventsPath(folder)).catch((cause) => {
    throw usageErrors.noRun(folder, cause)
  })
  let state = begin(head.plan, head.launchedAt)
  let last = head.launchedAt
  for (const { now, event } of eventsOf(eventsPath(folder))) {
    state = reduce(state, event, now)
    last = now
  }
  const open = state.workers.filter((worker) => !hasEnded(worker))
  for (const worker of open) {
    const end = { type: 'gone', reason: 'the record ends before it does', billed: null, again: false } as const
    state = reduce(state, { ...end, slice: worker.slice, attempt: lastAttempt(worker) }, last)
  }
  const { t0 } = state
  const isCut = ending === null || logged.size < ending.logged || open.length > 0
  const cut = isCut ? { at: t0 === null ? 0 : Math.max(0, (last - t0) / 1000) } : null
  return recordOf(
    { folder, head, state, cut, counted: await readCounted(folder) },
    ending ?? { endedAt: last, after: null, suggested: state.suggested, problem: null, logged: logged.size },
  )
}

export type Run = {
  folder: string
  head: RunHead
  state: RunState
  /** When its record was cut off, in seconds of the run; null: it was not. */
  cut: { at: Seconds } | null
  /** What Lambda counted, as far as it was asked. */
  counted: Counted | null
}

export function recordOf(
  { folder, head, state, cut, counted }: Run,
  { endedAt, after, suggested, problem }: Ending,
): RunRecord {
  const { id, fleet, engine, script, baseline, platform } = head
  const startedAt = state.t0 ?? endedAt
  const thresholds = judgedOf({ folder, head, state }, endedAt)
  const { quorum } = script
  const { monitoring } = head
  const steps = head.acceptance || monitoring !== null ? state.steps : null
  const errorBudget = monitoring?.errorBudget ?? null
  const verdict = judge(
    evidence(
      state,
      { problem, cut },
      { thresholds, suggested, quorum, aborted: abortedBy(script, state), steps, errorBudget },
    ),
  )
  return {
    ...{ id, folder, script, state, after, startedAt, endedAt, fleet, engine, baseline, steps, monitoring, thresholds },
    ...{ platform, counted, cost: costOf(state, head) },
    verdict,
    exit: exitFor(verdict),
  }
}

function abortedBy({ thresholds }: ScriptHead, { tripped }: RunState): Aborted | null {
  return tripped && { said: thresholds[tripped.threshold]?.said ?? '', at: tripped.at }
}

export function judgedOf({ folder, head, state }: Pick<Run, 'folder' | 'head' | 'state'>, endedAt: Millis): Judged[] {
  const { thresholds, strict } = head.script
  const ensure = thresholds.filter((threshold) => threshold.kind === 'ensure')
  const own = thresholds.filter((threshold) => threshold.kind === 'slsart')
  return [
    ...judgeEnsure(ensure, wholeOf(state, endedAt), strict),
    ...judgeOwn(own, state, () => framesBySecond(eventsPath(folder))),
  ]
}

/** The whole run in Artillery's shape. */
export function wholeOf({ t0, totals }: RunState, endedAt: Millis): ArtilleryPeriod {
  const startedAt = t0 ?? endedAt
  const seconds = Math.max(1, Math.ceil((endedAt - startedAt) / 1000))
  return periodOf(totals, { startedAt, second: 0, seconds })
}

export async function readHead(folder: string): Promise<RunHead> {
  const text = await readFile(join(folder, HEAD), 'utf8').catch((cause) => {
    throw usageErrors.noRun(folder, cause)
  })
  try {
    return completed(JSON.parse(text) as RunHead)
  } catch (cause) {
    throw usageErrors.noRun(join(folder, HEAD), cause)
  }
}

/** The same, to read its frames too. Throws a UsageError when they are of another version. */
export async function readableHead(folder: string): Promise<RunHead> {
  const head = await readHead(folder)
  if (head.frames !== FRAME_VERSION) throw usageErrors.otherRun(folder)
  return head
}

/** Records of before there was a platform or monitoring have none, and those of before there was a cap no prices. */
export function completed(head: RunHead): RunHead {
  const platform = head.platform ?? null
  const monitoring = head.monitoring ?? null
  return { ...head, platform, monitoring, money: head.money ?? moneyOf(platform, null, null) }
}

/** When it ended; null when nobody saw that. */
export const lastOf = async (folder: string): Promise<Millis | null> => (await readEnding(folder))?.endedAt ?? null

/** Null when there is none, or half of one. */
async function readEnding(folder: string): Promise<(Ending & Brief) | null> {
  try {
    return JSON.parse(await readFile(endingPath(folder), 'utf8')) as Ending & Brief
  } catch {
    return null
  }
}

/** The folder of a run: a folder as such, a run's name or enough of its beginning, or null for the newest. */
export async function findRun(cwd: string, said: string | null): Promise<string> {
  const folder = resolve(cwd, said ?? '')
  if (said !== null && existsSync(join(folder, HEAD))) return folder
  const names = (await readdir(runsFolder(cwd)).catch(() => [])).toSorted()
  const fits = said === null ? names.slice(-1) : names.filter((name) => name.startsWith(said))
  const [only] = fits.includes(said ?? '') ? [said ?? ''] : fits
  if (only === undefined || (fits.length > 1 && only !== said)) throw usageErrors.unknownRun(said ?? 'latest', fits)
  return join(runsFolder(cwd), only)
}

export type PastRun = { head: RunHead; ending: (Ending & Brief) | null }

/** The runs of a folder, the newest first; what has no readable head is none. */
export async function pastRuns(cwd: string): Promise<PastRun[]> {
  const names = await readdir(runsFolder(cwd)).catch(() => [])
  const runs: PastRun[] = []
  for (const name of names.toSorted().toReversed()) {
    const folder = join(runsFolder(cwd), name)
    const head = await readHead(folder).catch(() => null)
    if (head) runs.push({ head, ending: await readEnding(folder) })
  }
  return runs
}
