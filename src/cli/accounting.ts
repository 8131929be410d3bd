/** CloudWatch after a run on Lambda: it is told what the run measured, and says what Lambda counted. */
import { basename } from 'node:path'
import type { Counted, Platform } from '../fleet/fleet.ts'
import type { Span } from '../fleet/lambda/metrics.ts'
import { published } from '../measure/published.ts'
import { dealt } from '../plan/regions.ts'
import { cloudWatchText } from '../report/advice.ts'
import { keepCounted } from '../run/platform.ts'
import { type RunRecord, readHead } from '../run/record.ts'
import { ledgerOf } from '../run/state.ts'
import type { Millis } from '../units.ts'
import type { World } from '../world.ts'

/** It keeps a minute's numbers for so long. */
const KEPT: Millis = 15 * 86_400_000

/** Both at once, when a run is over; the record comes back with what was counted so far. */
export async function accounted(record: RunRecord, world: World): Promise<RunRecord> {
  const [counted] = await Promise.all([counting(record, world), publishRun(record, world)])
  return counted
}

/** Publishes the run. What hinders that is told, and changes nothing: the run is over. */
async function publishRun(record: RunRecord, world: World): Promise<void> {
  const { platform, script, state, endedAt } = record
  if (platform === null) return
  const { cloudWatch, publish } = await import('../fleet/lambda/metrics.ts')
  const metrics = published(state.totals, ledgerOf(state))
  const client = cloudWatch(platform)
  await publish(client, { stage: platform.stage, script: basename(script.file), at: endedAt, metrics })
    .catch((cause: unknown) => void world.stderr.write(`slsart: ${cloudWatchText('publish', cause)}\n`))
    .finally(() => client.destroy())
}

/** The record with what Lambda counted, asked for anew as long as it is not all there. */
export async function counting(record: RunRecord, world: World): Promise<RunRecord> {
  const { platform, folder, state, endedAt, counted: before } = record
  const now = world.clock.wall()
  if (platform === null || before?.isWhole || now - endedAt > KEPT) return record
  try {
    const { launchedAt } = await readHead(folder)
    const regions = dealt(state.plan)
    const asked = [platform, ...(platform.others ?? [])].map((at, region) => {
      const own = state.workers.filter(({ slice }) => regions[slice] === region)
      const workers = own.filter(({ is }) => is !== 'waiting' && is !== 'cancelled').length
      return countedIn(at, { launchedAt, endedAt, workers }, now)
    })
    const counted = countedTogether(await Promise.all(asked))
    await keepCounted(folder, counted)
    return { ...record, counted }
  } catch (cause) {
    world.stderr.write(`slsart: ${cloudWatchText('count', cause)}\n`)
    return record
  }
}

async function countedIn(platform: Platform, span: Span, now: Millis): Promise<Counted> {
  const { askCounted, cloudWatch } = await import('../fleet/lambda/metrics.ts')
  const client = cloudWatch(platform)
  return askCounted(client, platform.function, span, now).finally(() => client.destroy())
}

/** Of all regions. The most at once is at most what it was in each. */
function countedTogether(all: readonly Counted[]): Counted {
  return all.reduce((a, b) => ({
    ...{ at: Math.max(a.at, b.at), isWhole: a.isWhole && b.isWhole },
    ...{
      invocations: a.invocations + b.invocations,
      errors: a.errors + b.errors,
      throttles: a.throttles + b.throttles,
    },
    concurrent: either(a.concurrent, b.concurrent, (x, y) => x + y),
    duration_ms: either(a.duration_ms, b.duration_ms, Math.max),
  }))
}

const either = (a: number | null, b: number | null, both: (a: number, b: number) => number): number | null =>
  a === null || b === null ? (a ?? b) : both(a, b)
