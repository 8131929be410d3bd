/** Past runs, a line each. */
import { basename } from 'node:path'
import type { PastRun } from '../run/record.ts'
import { int } from './cells.ts'
import { columns } from './columns.ts'

/** `isHere`: it is of this folder; else only the stage's bucket has it. */
type Listed = PastRun & { isHere: boolean }

export const historyJson = (runs: readonly Listed[]): object => ({
  schema: 'slsart.history/1',
  runs: runs.map(({ head, ending, isHere }) => ({
    id: head.id,
    record: isHere ? 'folder' : 'bucket',
    script: head.script.file,
    target: head.script.target,
    seed: head.plan.seed,
    arrivals: head.plan.arrivals,
    launchedAt: new Date(head.launchedAt).toISOString(),
    /** Null when the run never came to an end, still goes on, or has left none. */
    ending: ending && {
      endedAt: new Date(ending.endedAt).toISOString(),
      ...{ verdict: ending.result, exit: ending.exit, launched: ending.launched },
      response_p99_ms: ending.response_p99_ms,
    },
  })),
})

export function historyText(runs: readonly Listed[]): string {
  if (runs.length === 0) return 'No run has left a record in this folder yet.\n'
  const isApart = runs.some(({ isHere }) => !isHere)
  const rows = runs.map(({ head, ending, isHere }) => [
    head.id,
    basename(head.script.file),
    int(head.plan.arrivals),
    ...(ending
      ? [ending.result, String(ending.exit), int(ending.launched), `${ending.response_p99_ms.toFixed(1)}`]
      : [isHere ? 'no end' : '–', '–', '–', '–']),
    ...(isApart ? [isHere ? 'here' : 'bucket'] : []),
  ])
  const heads = ['run', 'script', 'arrivals', 'verdict', 'exit', 'launched', 'response p99 ms']
  if (isApart) heads.push('record')
  return `${columns([heads, ...rows]).join('\n')}\n`
}

/** When not all of a bucket are listed. */
export const olderText = (newest: number, of: number): string =>
  `of the ${int(of)} runs in the bucket the newest ${newest} are listed`
