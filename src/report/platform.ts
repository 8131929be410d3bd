/** What Lambda says of a run on it: how its workers started, what they cost, what CloudWatch counted. */
import type { RunRecord } from '../run/record.ts'
import type { WorkerState } from '../run/workers.ts'
import { costText, countedText, startText } from './advice.ts'
import { int } from './cells.ts'
import type { ReportJson } from './schema.ts'

/** Of the workers whose starting somebody heard. */
export function startOf(workers: readonly WorkerState[]): ReportJson['workers']['start'] {
  const ready = workers.flatMap(({ startedIn }) => startedIn ?? []).toSorted((a, b) => a - b)
  const behind = workers.flatMap(({ behind }) => behind ?? [])
  const [min, p50, max] = [ready[0], ready[Math.ceil(ready.length / 2) - 1], ready.at(-1)]
  return {
    ready_ms: min === undefined || p50 === undefined || max === undefined ? null : { min, p50, max },
    skew_ms: behind.length < 2 ? null : Math.round(Math.max(...behind) - Math.min(...behind)),
  }
}

export function lambdaJson({ platform, cost, counted }: RunRecord): Pick<ReportJson, 'costUsd' | 'platform'> {
  if (platform === null || cost === null) return { costUsd: null, platform: null }
  const { stage, region, arch, memoryMb } = platform
  const { estimated, actual, atLeast, billed } = cost
  return {
    costUsd: { estimated, actual, atLeast },
    platform: {
      ...{ stage, region, function: platform.function, arch, memoryMb, billed },
      counted: counted && { ...counted, at: new Date(counted.at).toISOString() },
    },
  }
}

type Said = Pick<ReportJson, 'platform' | 'costUsd'> & {
  run: { id: string }
  workers: Pick<ReportJson['workers'], 'start'>
}

/** Its lines, each with its title; none for a run on this machine. */
export function platformLines({ run, platform, costUsd, workers }: Said): [title: string, line: string][] {
  if (platform === null || costUsd === null) return []
  const { region, arch, memoryMb } = platform
  return [
    ['lambda', `${platform.function} in ${region}, ${arch}, ${int(memoryMb)} MB`],
    ['start', startText(workers.start)],
    ['cost', costText(costUsd, platform)],
    ['counted', countedText(platform.counted, run.id)],
  ]
}

/** The same, of a record. */
export const linesOf = (record: RunRecord): [title: string, line: string][] =>
  platformLines({ ...lambdaJson(record), run: record, workers: { start: startOf(record.state.workers) } })
