/** The heat map: a chart without lines, painted cell by cell. */
import type uPlot from 'uplot'
import type { Chart } from './chart.ts'
import type { Heat } from './drawn.ts'
import { strength } from './lines.ts'
import { colour } from './look.ts'
import { moment, short } from './words.ts'

export function heatChart(heat: Heat): Pick<Chart, 'x' | 'lines' | 'yScale' | 'unit' | 'under' | 'read'> {
  const { lowest, ratio, rows, columns } = heat
  const top = lowest * ratio ** Math.max(1, rows)
  return {
    x: columns.map(({ second }) => second),
    // A line of nothing: the axes are there, and the cells are painted under it.
    lines: [{ name: '', values: columns.map(() => null), tone: 'blue' }],
    yScale: { distr: 3, range: [lowest, top] },
    unit: 'ms',
    under: (plot) => paint(plot, heat),
    read: (plot) => readCell(plot, heat),
  }
}

function paint(plot: uPlot, { step, lowest, ratio, columns }: Heat): void {
  const { ctx, bbox } = plot
  const most = Math.max(...columns.map(({ counts }) => Math.max(0, ...counts)))
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  ctx.fillStyle = colour('blue')
  for (const { second, counts } of columns) {
    const left = Math.floor(plot.valToPos(second, 'x', true))
    const right = Math.ceil(plot.valToPos(second + step, 'x', true))
    for (const [row, count] of counts.entries()) {
      if (count === 0) continue
      const high = Math.round(plot.valToPos(lowest * ratio ** (row + 1), 'y', true))
      const low = Math.round(plot.valToPos(lowest * ratio ** row, 'y', true))
      ctx.globalAlpha = strength(count, most)
      ctx.fillRect(left, high, right - left, low - high)
    }
  }
  ctx.restore()
}

function readCell(plot: uPlot, { step, lowest, ratio, columns }: Heat): string {
  const { left = -1, top = -1 } = plot.cursor
  const x = plot.posToVal(left, 'x')
  const column = columns.find(({ second }) => second <= x && x < second + step)
  const row = Math.floor(Math.log(plot.posToVal(top, 'y') / lowest) / Math.log(ratio))
  const count = column?.counts[row]
  if (column === undefined || count === undefined) return ''
  const [from, to] = [lowest * ratio ** row, lowest * ratio ** (row + 1)].map(short)
  return `${moment(column.second)}: ${short(count)} responses took ${from} to ${to} ms`
}
