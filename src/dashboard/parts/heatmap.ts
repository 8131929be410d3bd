/** Where the times lie, column by column: time to the right, latency upwards on a logarithmic scale, the denser the more. */
import { bandStart } from '../../measure/bands.ts'
import type { Second } from '../../run/recent.ts'
import { densities, spansOf } from '../charts.ts'
import { eachColumn, type Input } from '../input.ts'
import type { Panel } from '../layout.ts'
import { cell, type Line, line } from '../line.ts'
import { clock, ms } from '../numbers.ts'

const LABEL = 8
const ROWS = 14

export function heatmapPanel(input: Input, wants = ROWS + 1): Panel {
  const { ui, state } = input
  const metric = ui.show === 'service' ? 'service' : 'response'
  const each = eachColumn(input)
  return {
    title: 'Heatmap',
    aside: line(`${metric} time, ${each} s a column`, 'faint'),
    ...{ least: 4, wants },
    lines: (width, height) => {
      const columns = columnsOf(state.recent.seconds, metric, { width: width - LABEL, each })
      const last = state.recent.seconds.at(-1)
      if (last === undefined || columns.length === 0) return [line('no answer yet', 'faint')]
      const rows = rowsOf(columns, height - 1, input)
      return rows.length === 0 ? [line('no answer yet', 'faint')] : [...rows, axis(columns.length, each, last)]
    },
  }
}

type Bands = readonly number[]

/** The newest seconds, so many to a column; a column without an answer is empty. */
function columnsOf(
  seconds: readonly Second[],
  metric: 'response' | 'service',
  { width, each }: { width: number; each: number },
): Bands[] {
  return spansOf(seconds.length, { first: seconds[0]?.second ?? 0, each, width }).map(([from, to]) => {
    const sum: number[] = []
    for (const second of seconds.slice(from, to)) {
      second[metric]?.bands.forEach((count, band) => {
        if (count > 0) sum[band] = (sum[band] ?? 0) + count
      })
    }
    return sum
  })
}

function rowsOf(columns: readonly Bands[], height: number, { marks }: Input): Line[] {
  const used = columns.flatMap((bands) => Object.keys(bands).map(Number))
  if (used.length === 0 || height < 1) return []
  const [lowest, highest] = used.reduce(([low, high], band) => [Math.min(low, band), Math.max(high, band)], [1e9, 0])
  const each = Math.max(1, Math.ceil((highest - lowest + 1) / height))
  const rows = Math.ceil((highest - lowest + 1) / each)
  const counts = Array.from({ length: rows }, (_, row) =>
    columns.map((bands) => within(bands, lowest + row * each, each)),
  )
  const most = Math.max(...counts.flat())
  return counts
    .map((row, i): Line => {
      // A band begins where the one below it ends.
      const label = ms(bandStart(lowest + i * each))
      return [
        cell(`${label.padStart(LABEL - 2)} ${marks.seam}`, 'faint'),
        cell(densities(row, most, marks.density), 'good'),
      ]
    })
    .toReversed()
}

function within(bands: Bands, from: number, n: number): number {
  let sum = 0
  for (let band = from; band < from + n; band++) sum += bands[band] ?? 0
  return sum
}

function axis(columns: number, each: number, last: Second): Line {
  const end = clock(last.second + 1)
  const start = clock(Math.max(0, Math.ceil((last.second + 1) / each - columns) * each))
  const gap = columns - start.length - end.length
  return [cell(`${'ms'.padStart(LABEL - 2)}  `, 'faint'), cell(gap < 1 ? end : start + ' '.repeat(gap) + end, 'faint')]
}
