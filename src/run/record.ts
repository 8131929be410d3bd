/** What is kept of a run, in `.slsart/runs/<id>/`: plan.json first, frames as they arrive, report.json at the end. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ExitCode, preflightErrors } from '../errors.ts'
import type { Judged } from '../measure/thresholds.ts'
import type { Verdict } from '../measure/verdict.ts'
import type { Script } from '../scenario/script.ts'
import type { Millis } from '../units.ts'
import { type FrameLog, openFrameLog } from './frames.ts'
import type { After } from './hooks.ts'
import type { RunState } from './state.ts'

/** A run as it ended; after the first request every ending is one of these. */
export type RunRecord = {
  id: string
  folder: string
  script: Script
  state: RunState
  /** Whether the script's `after` ran to its end; null without one. */
  after: After | null
  startedAt: Millis
  endedAt: Millis
  fleet: 'local'
  /** What was asked of the run, and whether it held. */
  thresholds: readonly Judged[]
  verdict: Verdict
  exit: { code: ExitCode; all: ExitCode[] }
}

export const framesPath = (folder: string): string => join(folder, 'frames.bin')
export const reportPath = (folder: string): string => join(folder, 'report.json')
export const runsFolder = (cwd: string): string => join(cwd, '.slsart', 'runs')

/** Makes the run's folder and opens its frame log, before anything is launched. */
export async function openRecord(
  folder: string,
  about: { id: string; script: Script; plan: object },
): Promise<FrameLog> {
  try {
    await mkdir(folder, { recursive: true })
    const { id, script, plan } = about
    const record = { schema: 'slsart.run/1', id, script: script.source.file, target: script.target, plan }
    await writeFile(join(folder, 'plan.json'), `${JSON.stringify(record, null, 2)}\n`)
    return await openFrameLog(framesPath(folder))
  } catch (cause) {
    throw preflightErrors.folder(folder, cause)
  }
}
