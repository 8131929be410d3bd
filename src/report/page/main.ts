/** The report page's script: tables sort, charts are drawn and zoom. Nothing that is said without it changes. */
import type uPlot from 'uplot'
import { type Chart, drawChart, resize } from './chart.ts'
import type { Drawn } from './drawn.ts'
import { heatChart } from './heat.ts'
import { curveLines, latencyLines, loadLines } from './lines.ts'
import { colour, onLook } from './look.ts'
import { fillPoints } from './points.ts'
import { makeSortable } from './sort.ts'
import type { Span } from './span.ts'
import { moment, percentAt } from './words.ts'
import { openZoom } from './zoom.ts'

for (const table of document.querySelectorAll('table')) makeSortable(table)

const drawn = JSON.parse(document.getElementById('drawn')?.textContent ?? '') as Drawn
const drawings = document.getElementById('drawings')
const [first, last] = [drawn.columns.second[0], drawn.columns.second.at(-1)]
if (drawings !== null && first !== undefined && last !== undefined) {
  drawings.hidden = false
  document.getElementById('no-drawings')?.remove()
  draw({ from: first, to: last + drawn.step })
}

function draw(whole: Span): void {
  const overTime: uPlot[] = []
  const zoom = openZoom(whole, ({ from, to }) => {
    for (const plot of overTime) plot.setScale('x', { min: from, max: to })
  })
  const time = {
    x: drawn.columns.second,
    xScale: { range: (_: uPlot, min: number, max: number): [number, number] => [min, max] },
    xAxis: { values: (_: uPlot, splits: number[]): string[] => splits.map(moment) },
    ...{ where: moment, brush: (from: number, to: number): void => zoom({ from, to }), beside: 'time' },
    ...{ under: null, read: null },
  }
  const log: uPlot.Scale = { distr: 3 }
  const charts: [string, Chart][] = [
    ['load', { ...time, lines: loadLines(drawn), yScale: {}, unit: 'a second', under: phases }],
    ['latency', { ...time, lines: latencyLines(drawn), yScale: log, unit: 'ms' }],
    ['heat', { ...time, ...heatChart(drawn.heat) }],
  ]
  for (const [id, chart] of charts) overTime.push(...drawIn(id, chart))
  for (const plot of overTime) plot.over.addEventListener('dblclick', () => zoom(whole))
  zoom(whole)
  const plots = [...overTime, ...drawIn('curve', curveChart())]
  onLook((paper) => {
    for (const plot of plots) resize(plot, paper)
  })
  fillPoints(drawn)
}

function drawIn(id: string, chart: Chart): uPlot[] {
  const figure = document.getElementById(id)
  return figure === null ? [] : [drawChart(figure, chart)]
}

function curveChart(): Chart {
  const { x, lines } = curveLines(drawn)
  const highest = x.at(-1) ?? 1
  const nines = Array.from({ length: Math.floor(Math.log10(highest) + 1e-9) + 1 }, (_, i) => 10 ** i)
  return {
    ...{ x, lines, unit: 'ms', brush: null, beside: null, under: null, read: null },
    xScale: { distr: 3, range: [1, Math.max(10, highest)] },
    yScale: { distr: 3 },
    xAxis: {
      splits: ({ width }) => (width > 600 ? [1, 2, ...nines.slice(1)] : nines),
      values: (_, splits) => splits.map(percentAt),
      // The logarithmic axis would leave out what is no power of ten.
      filter: (_, splits) => splits,
    },
    where: percentAt,
  }
}

/** Where each phase begins, and its name where there is room. */
function phases(plot: uPlot): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`
  ctx.textBaseline = 'top'
  ctx.strokeStyle = colour('grey')
  ctx.fillStyle = colour('grey')
  ctx.setLineDash([2, 6])
  for (const { name, from, to } of drawn.phases) {
    const left = Math.max(bbox.left, plot.valToPos(from, 'x', true))
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(to, 'x', true))
    if (right <= left) continue
    ctx.beginPath()
    ctx.moveTo(left, bbox.top)
    ctx.lineTo(left, bbox.top + bbox.height)
    ctx.stroke()
    const room = right - left - 12 * devicePixelRatio
    if (ctx.measureText(name).width < room) ctx.fillText(name, left + 6 * devicePixelRatio, bbox.top + 2)
  }
  ctx.restore()
}
