/** Each endpoint's part: how many requests, how many of them failed, how long they took, and against an earlier run. */
import { Histogram } from '../../measure/histogram.ts'
import { named, valueIn } from '../../measure/names.ts'
import type { Input } from '../input.ts'
import type { Panel } from '../layout.ts'
import { type Line, line } from '../line.ts'
import { int, ms, percent, perSecond } from '../numbers.ts'
import { spanOf } from './load.ts'
import { type Column, tableLines } from './table.ts'

type Row = {
  name: string
  requests: number
  failures: number
  requestRate: number
  response: Histogram
  service: Histogram
}
type Sorting = { head: string; order(a: Row, b: Row): number }

const SORTINGS: readonly Sorting[] = [
  { head: 'requests', order: (a, b) => b.requests - a.requests },
  { head: 'errors', order: (a, b) => share(b) - share(a) },
  { head: 'p95', order: (a, b) => b.response.percentile(95) - a.response.percentile(95) },
  { head: 'p99', order: (a, b) => b.response.percentile(99) - a.response.percentile(99) },
  { head: 'endpoint', order: (a, b) => (a.name < b.name ? -1 : 1) },
]
/** No request yet, no time. */
const none = new Histogram()
/** A change that is not worth a colour. */
const SMALL = 0.05

const share = ({ requests, failures }: Row): number => (requests === 0 ? 0 : failures / requests)
const time = (histogram: Histogram, percent: number): string =>
  histogram.count === 0 ? '-' : ms(histogram.percentile(percent))

export function endpointRows(input: Input): Row[] {
  const { totals } = input.state
  const seconds = spanOf(input)
  const wanted = input.ui.filter.toLowerCase()
  const rows = [...totals.counters].flatMap(([counter, requests]): Row[] => {
    const name = valueIn(counter, 'requests', 'endpoint')
    if (name === null || !name.toLowerCase().includes(wanted)) return []
    const recent = seconds.reduce((sum, { requestsOf }) => sum + (requestsOf.get(name) ?? 0), 0)
    const timed = (metric: string): Histogram => totals.histograms.get(named(metric, 'endpoint', name)) ?? none
    return [
      {
        ...{ name, requests, failures: totals.counter(named('failures', 'endpoint', name)) },
        requestRate: recent / Math.max(1, seconds.length),
        ...{ response: timed('response'), service: timed('service') },
      },
    ]
  })
  return rows.toSorted((SORTINGS[input.ui.sort % SORTINGS.length] as Sorting).order)
}

/** The p95 against the baseline's, as a share more or less; null when one of them is missing. */
function changeOf({ about }: Input, { name, response }: Row): number | null {
  const before = about.baseline?.histograms.get(named('response', 'endpoint', name))
  if (before === undefined || before.count === 0 || response.count === 0) return null
  return response.percentile(95) / Math.max(1, before.percentile(95)) - 1
}

const changeText = (change: number | null): string =>
  change === null ? '-' : `${change < 0 ? '-' : '+'}${Math.abs(change * 100).toFixed(0)} %`

function columnsFor(input: Input, points: readonly (readonly [string, number])[]): Column<Row>[] {
  const { about } = input
  return [
    { head: 'endpoint', takes: true, text: ({ name }) => name },
    { head: 'now', text: ({ requestRate }) => perSecond(requestRate) },
    {
      head: 'errors',
      text: (row) => (row.failures === 0 ? '0 %' : percent(share(row))),
      tone: ({ failures }) => (failures > 0 ? 'bad' : 'plain'),
    },
    ...points.map(([head, point]): Column<Row> => ({ head, text: ({ response }) => time(response, point) })),
    ...(about.baseline === null
      ? []
      : [
          {
            head: 'p95 was',
            text: (row: Row) => changeText(changeOf(input, row)),
            tone: (row: Row) => ((changeOf(input, row) ?? 0) > SMALL ? ('warn' as const) : ('plain' as const)),
          },
        ]),
  ]
}

const FEW = [
  ['p95', 95],
  ['p99', 99],
] as const
const MANY = [['p50', 50], ['p90', 90], ...FEW, ['p99.9', 99.9], ['max', 100]] as const
const nothing: Line = line('no request yet', 'faint')

export function endpointsPanel(input: Input): Panel {
  const rows = endpointRows({ ...input, ui: { ...input.ui, filter: '', sort: 0 } })
  const columns = columnsFor(input, FEW)
  return {
    ...{ title: 'Endpoints', aside: line('response ms', 'faint'), least: 3, wants: 1 + Math.max(1, rows.length) },
    lines: (width, height) =>
      rows.length === 0 ? [nothing] : tableLines(columns, rows, { width, height, cursor: null, marks: input.marks }),
  }
}

export function endpointsTab(input: Input): Panel[] {
  const { marks, ui } = input
  const rows = endpointRows(input)
  const sorted = (SORTINGS[ui.sort % SORTINGS.length] as Sorting).head
  const requests: Column<Row> = { head: 'requests', text: ({ requests }) => int(requests) }
  const [first, ...rest] = columnsFor(input, MANY)
  const columns = [first as Column<Row>, requests, ...rest].map((column) =>
    column.head === sorted ? { ...column, head: `${column.head} ${marks.sorted}` } : column,
  )
  const table: Panel = {
    ...{ title: 'Endpoints', aside: line('response ms of the run', 'faint'), least: 3, wants: 1 + rows.length },
    lines: (width, height) =>
      rows.length === 0 ? [nothing] : tableLines(columns, rows, { width, height, cursor: ui.cursor, marks }),
  }
  const chosen = rows[Math.min(ui.cursor, rows.length - 1)]
  return ui.expanded && chosen ? [aboutOne(input, chosen), table] : [table]
}

/** Response beside service time of one. */
function aboutOne({ marks }: Input, row: Row): Panel {
  const metrics = (['response', 'service'] as const).map((metric) => ({ metric, times: row[metric] }))
  const columns: Column<(typeof metrics)[number]>[] = [
    { head: 'ms', takes: true, text: ({ metric }) => metric },
    ...MANY.map(([head, point]) => ({
      head,
      text: ({ times }: (typeof metrics)[number]) => time(times, point),
    })),
  ]
  return {
    ...{ title: row.name, aside: line(`${int(row.requests)} requests, ${int(row.failures)} failed`, 'faint') },
    ...{ least: 3, wants: 3 },
    lines: (width, height) => tableLines(columns, metrics, { width, height, cursor: null, marks }),
  }
}
