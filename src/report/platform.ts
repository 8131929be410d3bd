/** What Lambda says of a run on it: how its workers started, what they cost, what CloudWatch counted. */
import type { RunRecord } from '../run/record.ts'
import type { WorkerState } from '../run/workers.ts'
import { costText, countedText, startText } from './advice.ts'
import { int } from './cells.ts'
import { regionNames } from './regions.ts'
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
  if (cost === null) return { costUsd: null, platform: null }
  if (platform === null) return { costUsd: { ...cost }, platform: null }
  const { stage, region, arch, memoryMb } = platform
  const { billed } = cost
  return {
    costUsd: { ...cost },
    platform: {
      ...{ stage, region, function: platform.function, arch, memoryMb, billed },
      counted: counted && { ...counted, at: new Date(counted.at).toISOString() },
    },
  }
}

type Said = Pick<ReportJson, 'platform' | 'costUsd'> & {
  run: { id: string; regions: readonly string[] }
  workers: Pick<ReportJson['workers'], 'start'>
}

/** Its lines, each with its title; for a run on this machine what it cost, if it cost anything. */
export function platformLines({ run, platform, costUsd, workers }: Said): [title: string, line: string][] {
  if (costUsd === null) return []
  if (platform === null) return [['cost', costText(costUsd, '')]]
  const { arch, memoryMb } = platform
  const region = run.regions.join(' + ')
  return [
    ['lambda', `${platform.function} in ${region}, ${arch}, ${int(memoryMb)} MB`],
    ['start', startText(workers.start)],
    ['cost', costText(costUsd, region)],
    ['counted', countedText(platform.counted, run.id)],
  ]
}

/** The same, of a record. */
export const linesOf = (record: RunRecord): [title: string, line: string][] =>
  platformLines({
    ...lambdaJson(record),
    run: { id: record.id, regions: regionNames(record) },
    workers: { start: startOf(record.state.workers) },
  })
