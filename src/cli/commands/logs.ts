/** `slsart logs`: what the workers of a run logged. */
import { type ExitCode, usageErrors } from '../../errors.ts'
import type { Platform } from '../../fleet/fleet.ts'
import { localLines } from '../../fleet/local/logs.ts'
import { dealt } from '../../plan/regions.ts'
import { logLineText, NO_LOGS } from '../../report/advice.ts'
import { lastOf, type RunHead, readHead } from '../../run/record.ts'
import type { Millis } from '../../units.ts'
import type { LogLine } from '../../wire/loglines.ts'
import { hookIndex } from '../../wire/start.ts'
import type { World } from '../../world.ts'
import type { Args } from '../main.ts'
import { placeOf } from '../runs.ts'
import { textFlag } from '../said.ts'

/** Workers log before they are heard of and after; and clocks differ. */
const AROUND: Millis = 60_000

export async function logs(args: Args, world: World): Promise<ExitCode> {
  const slice = sliceFor(args, world)
  const folder = await placeOf(args, world)
  const head = await readHead(folder)
  const { platform } = head
  const lines = platform === null ? localLines(folder, slice) : fromGroups(platform, { folder, head, slice }, world)
  let any = false
  for await (const line of lines) {
    any = true
    world.stdout.write(`${logLineText(line)}\n`)
    await world.stdout.room()
  }
  if (!any) world.stderr.write(`slsart: ${NO_LOGS}\n`)
  return 0
}

/** A worker by its number, or a hook by its name; null: all of them. */
function sliceFor(args: Args, world: World): number | null {
  const said = textFlag(args, world, 'worker')
  if (said === null) return null
  if (said === 'before' || said === 'after') return hookIndex[said]
  if (!/^\d+$/.test(said)) throw usageErrors.number('--worker', said, 'the number of a worker, "before" or "after"')
  return Number(said)
}

type Meant = { folder: string; head: RunHead; slice: number | null }

/** Of all regions that the meant workers are in, in the order of time. */
function fromGroups(platform: Platform, meant: Meant, world: World): AsyncIterable<LogLine> {
  const { slice, head } = meant
  const regions = dealt(head.plan)
  const places = [platform, ...(platform.others ?? [])].filter(
    (_, i) => slice === null || (slice < 0 ? i === 0 : (regions[slice] ?? 0) === i),
  )
  return byTime(places.map((place) => fromGroup(place, meant, world)))
}

/** Each is in that order. */
async function* byTime(sources: readonly AsyncGenerator<LogLine>[]): AsyncGenerator<LogLine> {
  const open = await Promise.all(sources.map(async (lines) => ({ lines, next: await lines.next() })))
  for (;;) {
    const rest = open.flatMap((source) => (source.next.done ? [] : [{ source, line: source.next.value }]))
    const [first] = rest.toSorted((a, b) => (a.line.at ?? 0) - (b.line.at ?? 0))
    if (first === undefined) return
    yield first.line
    first.source.next = await first.source.lines.next()
  }
}

async function* fromGroup(platform: Platform, { folder, head, slice }: Meant, world: World): AsyncGenerator<LogLine> {
  const { logsClient, remoteLines } = await import('../../fleet/lambda/logs.ts')
  const client = logsClient(platform)
  const last = await lastOf(folder)
  try {
    yield* remoteLines(client, platform.function, {
      ...{ run: head.id, slice, from: head.launchedAt - AROUND },
      to: (last ?? world.clock.wall()) + AROUND,
    })
  } finally {
    client.destroy()
  }
}
