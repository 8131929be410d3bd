/** Past runs, a line each. */
import { basename } from 'node:path'
import type { PastRun } from '../run/record.ts'
import { int } from './cells.ts'
import { columns } from './columns.ts'

export const historyJson = (runs: readonly PastRun[]): object => ({
  schema: 'slsart.history/1',
  runs: runs.map(({ head, ending }) => ({
    id: head.id,
    script: head.script.file,
    target: head.script.target,
    seed: head.plan.seed,
    arrivals: head.plan.arrivals,
    launchedAt: new Date(head.launchedAt).toISOString(),
    /** Null when the run never came to an end, or still goes on. */
    ending: ending && {
      endedAt: new Date(ending.endedAt).toISOString(),
      ...{ verdict: ending.result, exit: ending.exit, launched: ending.launched },
      response_p99_ms: ending.response_p99_ms,
    },
  })),
})

export function historyText(runs: readonly PastRun[]): string {
  if (runs.length === 0) return 'No run has left a record in this folder yet.\n'
  const rows = runs.map(({ head, ending }) => [
    head.id,
    basename(head.script.file),
    int(head.plan.arrivals),
    ...(ending
      ? [ending.result, String(ending.exit), int(ending.launched), `${ending.response_p99_ms.toFixed(1)}`]
      : ['no end', '–', '–', '–']),
  ])
  const heads = ['run', 'script', 'arrivals', 'verdict', 'exit', 'launched', 'response p99 ms']
  return `${columns([heads, ...rows]).join('\n')}\n`
}
