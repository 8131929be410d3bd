/** What went wrong, by code, and of each code one virtual user that failed by it. */
import type { Failure } from '../../measure/frame.ts'
import { valueIn } from '../../measure/names.ts'
import type { Input } from '../input.ts'
import type { Panel } from '../layout.ts'
import { type Line, line } from '../line.ts'
import { clock, int, percent, perSecond } from '../numbers.ts'
import { spanOf } from './load.ts'
import { type Column, tableLines } from './table.ts'

type Row = { code: string; count: number; now: number; share: number; sample: Failure | null }
type Sorting = { head: string; order(a: Row, b: Row): number }

const SORTINGS: readonly Sorting[] = [
  { head: 'count', order: (a, b) => b.count - a.count },
  { head: 'now', order: (a, b) => b.now - a.now },
  { head: 'error', order: (a, b) => (a.code < b.code ? -1 : 1) },
]

export function errorRows(input: Input): Row[] {
  const { state, ui } = input
  const { totals } = state
  const seconds = spanOf(input)
  const launched = totals.counter('launched')
  const rows = [...totals.counters].flatMap(([counter, count]): Row[] => {
    const code = valueIn(counter, 'errors', 'error')
    if (code === null || !code.toLowerCase().includes(ui.filter.toLowerCase())) return []
    const recent = seconds.reduce((sum, { errors }) => sum + (errors.get(code) ?? 0), 0)
    return [
      {
        ...{ code, count, now: recent / Math.max(1, seconds.length) },
        share: launched === 0 ? 0 : count / launched,
        sample: totals.failures.get(code) ?? null,
      },
    ]
  })
  return rows.toSorted((SORTINGS[ui.sort % SORTINGS.length] as Sorting).order)
}

export function errorsTab(input: Input): Panel[] {
  const { marks, ui } = input
  const rows = errorRows(input)
  const sorted = (SORTINGS[ui.sort % SORTINGS.length] as Sorting).head
  const columns = [
    { head: 'error', takes: true as const, text: ({ code }: Row) => code },
    { head: 'count', text: ({ count }: Row) => int(count) },
    { head: 'now', text: ({ now }: Row) => perSecond(now) },
    { head: 'of users', text: ({ share }: Row) => percent(share) },
  ].map(
    (column): Column<Row> => (column.head === sorted ? { ...column, head: `${column.head} ${marks.sorted}` } : column),
  )
  const table: Panel = {
    ...{ title: 'Errors', aside: [], least: 3, wants: 1 + Math.max(1, rows.length) },
    lines: (width, height) =>
      rows.length === 0
        ? [line('no error', 'faint')]
        : tableLines(columns, rows, { width, height, cursor: ui.cursor, marks }),
  }
  const sample = rows[Math.min(ui.cursor, rows.length - 1)]?.sample
  return sample ? [sampled(sample), table] : [table]
}

function sampled({ code, message, scenario, endpoint, status, arrival, second }: Failure): Panel {
  const facts: [string, string][] = [
    ['message', message],
    ['scenario', scenario],
    ['request', `${endpoint ?? 'none'}${status === null ? ', no answer' : `, status ${status}`}`],
    ['virtual user', `number ${int(arrival)}, seen at ${clock(second)}`],
  ]
  return {
    ...{ title: `One of them: ${code}`, aside: [], least: 2, wants: facts.length },
    lines: () => facts.map(([label, text]): Line => [...line(label.padEnd(14), 'faint'), ...line(text)]),
  }
}
