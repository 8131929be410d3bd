/** One chart: lines over an axis, a button for each line, and what the lines are where the pointer is. */
import uPlot from 'uplot'
import { element } from './element.ts'
import type { Line } from './lines.ts'
import { colour } from './look.ts'
import { short } from './words.ts'

const HEIGHT = 260

export type Chart = {
  x: number[]
  lines: Line[]
  xScale: uPlot.Scale
  yScale: uPlot.Scale
  unit: string
  xAxis: uPlot.Axis
  /** A place on the x axis in words. */
  where(x: number): string
  /** Where a brush may zoom: in which case it is told from where to where. */
  brush: ((from: number, to: number) => void) | null
  /** Charts of one name show the pointer at the same x. */
  beside: string | null
  /** Paints under the lines. */
  under: ((plot: uPlot) => void) | null
  /** What is under the pointer, when it is not the lines' values. */
  read: ((plot: uPlot) => string) | null
}

export function drawChart(figure: HTMLElement, chart: Chart): uPlot {
  const caption = figure.querySelector('figcaption')
  if (caption) caption.id = `${figure.id}-caption`
  const place = element('div', { role: 'img', 'aria-labelledby': `${figure.id}-caption` })
  const readout = element('p', { class: 'readout' })
  const plot = new uPlot(
    { ...optionsOf(chart, readout), width: widthOf(figure), height: HEIGHT },
    [chart.x, ...chart.lines.map(({ values }) => values)],
    place,
  )
  const keys = element('div', { class: 'keys', role: 'group', 'aria-label': 'Lines' })
  for (const [i, line] of chart.lines.entries()) if (line.name !== '') keys.append(keyOf(line, i + 1, plot))
  figure.append(...(keys.childElementCount > 0 ? [keys] : []), place, readout)
  new ResizeObserver(() => plot.setSize({ width: widthOf(figure), height: HEIGHT })).observe(figure)
  return plot
}

const widthOf = (figure: HTMLElement): number => Math.max(200, figure.clientWidth)

export const resize = (plot: uPlot, width: number | null): void => {
  const figure = plot.root.closest('figure')
  if (figure) plot.setSize({ width: width ?? widthOf(figure), height: HEIGHT })
  plot.redraw()
}

function keyOf({ name, tone, dash = [], width = 1 }: Line, series: number, plot: uPlot): HTMLButtonElement {
  const button = element('button', { type: 'button', 'aria-pressed': 'true' })
  const space = 'http://www.w3.org/2000/svg'
  const swatch = document.createElementNS(space, 'svg')
  const line = document.createElementNS(space, 'line')
  swatch.setAttribute('aria-hidden', 'true')
  const place = { x1: '0', y1: '50%', x2: '100%', y2: '50%', 'stroke-width': String(width + 1) }
  for (const [key, value] of Object.entries(place)) line.setAttribute(key, value)
  line.style.stroke = `var(--${tone})`
  line.style.strokeDasharray = dash.join(' ')
  swatch.append(line)
  button.append(swatch, name)
  button.addEventListener('click', () => {
    const show = button.getAttribute('aria-pressed') === 'false'
    button.setAttribute('aria-pressed', String(show))
    plot.setSeries(series, { show })
  })
  return button
}

function optionsOf(chart: Chart, readout: HTMLElement): Omit<uPlot.Options, 'width' | 'height'> {
  const { lines, unit, brush, beside, under } = chart
  const axis: uPlot.Axis = {
    stroke: () => colour('text'),
    grid: { stroke: () => colour('line'), width: 1 },
    ticks: { stroke: () => colour('line'), width: 1 },
  }
  return {
    legend: { show: false },
    scales: { x: { time: false, ...chart.xScale }, y: chart.yScale },
    axes: [
      { ...axis, size: 32, ...chart.xAxis },
      { ...axis, label: unit, size: 60, values: (_, splits) => splits.map((v) => (v === null ? '' : short(v))) },
    ],
    series: [{}, ...lines.map(seriesOf)],
    cursor: {
      drag: { x: brush !== null, y: false, setScale: false },
      // Only the pointer is shared: a brush on one chart must not be one on each.
      ...(beside === null
        ? {}
        : { sync: { key: beside, filters: { pub: (type) => type === 'mousemove' || type === 'mouseleave' } } }),
    },
    hooks: {
      drawClear: under === null ? [] : [under],
      setCursor: [(plot) => readout.replaceChildren(read(plot, chart))],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select
          if (width < 2 || brush === null) return
          brush(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'))
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        },
      ],
    },
  }
}

const seriesOf = ({ name, tone, dash, width = 1 }: Line): uPlot.Series => ({
  label: name,
  stroke: () => colour(tone),
  width,
  // Where there is room for them, and where a line has nothing beside it to go to.
  points: { size: width + 3, fill: () => colour(tone) },
  ...(dash === undefined ? {} : { dash }),
})

function read(plot: uPlot, { lines, unit, where, read: own }: Chart): string {
  const { idx } = plot.cursor
  const x = idx === null || idx === undefined ? undefined : plot.data[0][idx]
  if (x === undefined || (plot.cursor.left ?? -1) < 0) return ''
  if (own !== null) return own(plot)
  const values = lines.flatMap(({ name, values }) => {
    const value = values[idx ?? 0]
    return value === null || value === undefined ? [] : [`${name} ${short(value)} ${unit}`]
  })
  return `${where(x)}: ${values.join(', ')}`
}
