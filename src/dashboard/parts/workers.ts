/** The fleet: one sign a worker and how many there are of each; and a table with a row each. */
import { dealt } from '../../plan/regions.ts'
import { STANDINGS, type Standing, standingOf, standingsOf } from '../../run/standing.ts'
import type { WorkerState } from '../../run/workers.ts'
import type { Input } from '../input.ts'
import type { Panel } from '../layout.ts'
import { cell, type Line, line, type Tone } from '../line.ts'
import { int, megabytes } from '../numbers.ts'
import { type Column, tableLines } from './table.ts'

const TONES: Record<Standing, Tone> = {
  ...{ ok: 'good', late: 'warn', silent: 'warn', lost: 'bad' },
  ...{ waiting: 'faint', starting: 'faint', done: 'plain', cancelled: 'faint' },
}
/** These are always counted, the others when there are any. */
const ALWAYS: readonly Standing[] = ['ok', 'late', 'silent', 'lost']
/** A sign that stands for several workers shows the first of these that one of them is. */
const WORST: readonly Standing[] = ['lost', 'silent', 'late', 'starting', 'waiting', 'cancelled', 'ok', 'done']

export function workersPanel(input: Input): Panel {
  const { state, about } = input
  const standings = standingsOf(state.workers, state.at)
  const all = standings.length
  return {
    ...{ title: 'Workers', aside: line(`${int(all)} ${about.fleet}`, 'faint') },
    ...{ least: 2, wants: 1 + Math.ceil(all / 40) },
    lines: (width, height) => {
      const each = Math.max(1, Math.ceil(all / (width * Math.max(1, height - 1))))
      const legend = each > 1 ? line(`each sign: the worst of ${each}`, 'faint') : []
      return [[...counts(input, standings), ...legend], ...grid(input, standings, width, each)]
    },
  }
}

function counts({ marks }: Input, standings: readonly Standing[]): Line {
  return STANDINGS.flatMap((standing) => {
    const n = standings.filter((own) => own === standing).length
    if (n === 0 && !ALWAYS.includes(standing)) return []
    const tone = n === 0 ? 'faint' : TONES[standing]
    return [cell(`${marks.worker[standing]} ${int(n)} ${standing}`, tone), cell('  ')]
  })
}

/** Rows of signs, each of which stands for so many workers. */
function grid({ marks }: Input, standings: readonly Standing[], width: number, each: number): Line[] {
  const signs = Array.from({ length: Math.ceil(standings.length / each) }, (_, i) => {
    const part = standings.slice(i * each, (i + 1) * each)
    return WORST.find((standing) => part.includes(standing)) ?? 'ok'
  })
  const rows: Line[] = []
  for (let from = 0; from < signs.length; from += width) rows.push(runs(signs.slice(from, from + width), marks.worker))
  return rows
}

/** Neighbours that are alike in one cell: a thousand workers need not be a thousand cells. */
function runs(signs: readonly Standing[], marks: Record<Standing, string>): Line {
  const cells: { standing: Standing; n: number }[] = []
  for (const standing of signs) {
    const last = cells.at(-1)
    if (last?.standing === standing) last.n++
    else cells.push({ standing, n: 1 })
  }
  return cells.map(({ standing, n }) => cell(marks[standing].repeat(n), TONES[standing]))
}

type Row = { worker: WorkerState; standing: Standing }
type Sorting = { head: string; order(a: Row, b: Row): number }

const SORTINGS: readonly Sorting[] = [
  { head: 'worker', order: (a, b) => a.worker.slice - b.worker.slice },
  { head: 'is', order: (a, b) => WORST.indexOf(a.standing) - WORST.indexOf(b.standing) },
  { head: 'launched', order: (a, b) => b.worker.ledger.launched - a.worker.ledger.launched },
  { head: 'in flight', order: (a, b) => b.worker.inFlight - a.worker.inFlight },
  { head: 'memory', order: (a, b) => b.worker.memoryBytes - a.worker.memoryBytes },
]

export function workerRows({ state, ui }: Input): Row[] {
  const rows = state.workers.map((worker) => ({ worker, standing: standingOf(worker, state.at) }))
  const kept = rows.filter(({ worker, standing }) =>
    `${worker.slice} ${standing} ${worker.trouble?.reason ?? ''}`.toLowerCase().includes(ui.filter.toLowerCase()),
  )
  const { order } = SORTINGS[ui.sort % SORTINGS.length] as Sorting
  return kept.toSorted(order)
}

export function workersTab(input: Input): Panel[] {
  const { marks, ui, state } = input
  const { regions = [] } = state.plan
  const places = dealt(state.plan)
  const rows = workerRows(input)
  const sorted = (SORTINGS[ui.sort % SORTINGS.length] as Sorting).head
  const column = (head: string, text: (row: Row) => string, more: Partial<Column<Row>> = {}): Column<Row> => ({
    ...{ head: head === sorted ? `${head} ${marks.sorted}` : head, text },
    ...more,
  })
  const columns = [
    column('worker', ({ worker }) => String(worker.slice)),
    column('is', ({ standing }) => `${marks.worker[standing]} ${standing}`, {
      left: true,
      tone: ({ standing }) => TONES[standing],
    }),
    ...(regions.length < 2
      ? []
      : [column('region', ({ worker }) => regions[places[worker.slice] ?? 0]?.region ?? '', { left: true })]),
    column('launched', ({ worker }) => int(worker.ledger.launched)),
    column('in flight', ({ worker }) => int(worker.inFlight)),
    column('late', ({ worker }) => int(worker.condition.lateArrivals)),
    column('memory', ({ worker }) => megabytes(worker.memoryBytes)),
    column('', ({ worker }) => worker.trouble?.reason ?? '', { takes: true, tone: () => 'bad' }),
  ]
  const table: Panel = {
    ...{
      title: 'Workers',
      aside: counts(input, standingsOf(state.workers, state.at)),
      least: 3,
      wants: rows.length + 1,
    },
    lines: (width, height) => tableLines(columns, rows, { width, height, cursor: ui.cursor, marks }),
  }
  const chosen = rows[Math.min(ui.cursor, rows.length - 1)]
  return ui.expanded && chosen ? [about(chosen), table] : [table]
}

function about({ worker, standing }: Row): Panel {
  const { ledger, condition, slice, trouble } = worker
  const lines = [
    `due ${int(ledger.due)}, launched ${int(ledger.launched)}, skipped ${int(ledger.skipped)}, lost ${int(ledger.lost)}`,
    `completed ${int(ledger.completed)}, failed ${int(ledger.failed)}, in flight ${int(worker.inFlight)}, memory ${megabytes(worker.memoryBytes)}`,
    `started late ${int(condition.lateArrivals)}, silent ${int(condition.silences)} times`,
    ...(trouble === null ? [] : [trouble.reason]),
  ]
  return {
    ...{ title: `Worker ${slice}`, aside: line(standing, TONES[standing]), least: 2, wants: lines.length },
    lines: () => lines.map((text) => line(text)),
  }
}
