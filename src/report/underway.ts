/** Runs that go on, a line each. */
import { basename } from 'node:path'
import type { Underway } from '../run/underway.ts'
import type { Millis, Seconds } from '../units.ts'
import { int } from './cells.ts'
import { columns } from './columns.ts'
import { regionNames } from './regions.ts'

export const underwayJson = (runs: readonly Underway[], now: Millis): object => ({
  schema: 'slsart.ps/1',
  runs: runs.map(({ head, is, at, duration, phase, scale, workers, led }) => ({
    ...{ id: head.id, script: head.script.file, target: head.script.target, fleet: head.fleet },
    stage: head.platform?.stage ?? null,
    region: head.platform?.region ?? null,
    regions: regionNames(head),
    launchedAt: new Date(head.launchedAt).toISOString(),
    ...{ is, at: at === null ? null : tenths(at), of: tenths(duration), phase, scale, workers },
    /** Whether its conductor renews the lease by which its workers go on; null: it has none. */
    lease: led && {
      renewedAt: new Date(led.renewedAt).toISOString(),
      ...{ age: tenths((now - led.renewedAt) / 1000), renewed: led.isRenewed },
    },
  })),
})

const tenths = (seconds: Seconds): Seconds => Math.round(seconds * 10) / 10

export function underwayText(runs: readonly Underway[], now: Millis): string {
  if (runs.length === 0) return 'No run goes on.\n'
  const rows = runs.map((run) => {
    const { head, workers } = run
    return [
      head.id,
      basename(head.script.file),
      head.platform === null ? head.fleet : `${head.fleet} ${head.platform.stage} ${regionNames(head).join(' + ')}`,
      new Date(head.launchedAt).toISOString().slice(0, 19).replace('T', ' '),
      loadOf(run),
      `${int(workers.atWork)} of ${int(workers.planned)}`,
      ledText(run, now),
    ]
  })
  const heads = ['run', 'script', 'fleet', 'since (UTC)', 'load', 'workers', 'led']
  return `${columns([heads, ...rows]).join('\n')}\n`
}

function ledText({ led }: Underway, now: Millis): string {
  if (led === null) return 'by itself'
  return led.isRenewed ? 'yes' : `not for ${Math.round((now - led.renewedAt) / 1000)} s`
}

/** `running 0:42 of 1:20 "high" x 1.5` */
function loadOf({ is, at, duration, phase, scale }: Underway): string {
  const where = at === null || at < 0 ? [] : [`${clock(at)} of ${clock(Math.ceil(duration))}`]
  return [is, ...where, ...(phase === null ? [] : [`"${phase}"`]), ...(scale === 1 ? [] : [`x ${scale}`])].join(' ')
}

function clock(seconds: Seconds): string {
  const whole = Math.floor(seconds)
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (n: number): string => String(n).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}
