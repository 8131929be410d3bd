/** What came of a run in each of its regions: their arrivals and what was sent from there add up to the whole. */
import { byDimension, type Exchanges, exchanges } from '../measure/exchanges.ts'
import { readHead } from '../measure/frame.ts'
import { addLedgers, type Ledger } from '../measure/ledger.ts'
import { Totals } from '../measure/merge.ts'
import { dealt } from '../plan/regions.ts'
import { framesBySecond } from '../run/log.ts'
import { eventsPath, type RunRecord } from '../run/record.ts'
import { int, latencyCells, latencyHeads } from './cells.ts'

type RegionRow = {
  region: string
  weight: number
  workers: { planned: number; reported: number; lost: number }
  ledger: Ledger
  errors: { code: string; count: number }[]
} & Exchanges

/** Of a run on this machine there are none. */
export const regionNames = ({ platform }: Pick<RunRecord, 'platform'>): string[] =>
  platform === null ? [] : [platform, ...(platform.others ?? [])].map(({ region }) => region)

/** Of records that are written in several formats. */
const known = new WeakMap<RunRecord, RegionRow[]>()

export function regionsOf(record: RunRecord): RegionRow[] {
  const rows = known.get(record) ?? rowsOf(record)
  known.set(record, rows)
  return rows
}

function rowsOf(record: RunRecord): RegionRow[] {
  const names = regionNames(record)
  const { plan, workers } = record.state
  const places = dealt(plan)
  return totalsOf(record, places, names.length).map((totals, i) => {
    const own = workers.filter(({ slice }) => places[slice] === i)
    return {
      ...{ region: names[i] ?? '', weight: plan.regions?.[i]?.weight ?? 1 },
      workers: {
        planned: own.length,
        reported: own.filter(({ is }) => is === 'done').length,
        lost: own.filter(({ is }) => is === 'lost').length,
      },
      ledger: addLedgers(own.map(({ ledger }) => ledger)),
      ...exchanges(totals, null),
      errors: byDimension(totals, 'errors', 'error').map(({ value, count }) => ({ code: value, count })),
    }
  })
}

/** Those of a single region are the run's. Others are added up here, of what the run has kept: while it was on nobody counted them apart. */
function totalsOf({ folder, state }: RunRecord, places: readonly number[], regions: number): Totals[] {
  if (regions < 2) return regions === 0 ? [] : [state.totals]
  const all = Array.from({ length: regions }, () => new Totals())
  try {
    for (const frame of framesBySecond(eventsPath(folder))) all[places[readHead(frame).slice] ?? 0]?.add(frame)
  } catch {
    // As for who is left out: a log that cannot be read is told where the report is made of it.
    return []
  }
  return all
}

export const regionHeads: readonly string[] = ['workers', 'launched', 'requests', 'failed', ...latencyHeads]

/** A row of a table of several regions; none of one. */
export const regionCells = (record: RunRecord): [region: string, ...cells: string[]][] => {
  const rows = regionsOf(record)
  return rows.length < 2
    ? []
    : rows.map(({ region, workers, ledger, requests, failures, latency_ms }) => [
        region,
        ...[workers.planned, ledger.launched, requests, failures].map(int),
        ...latencyCells(latency_ms.response),
      ])
}
