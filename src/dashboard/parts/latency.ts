/** Percentiles now and of the run, response time beside service time. */
import { Histogram } from '../../measure/histogram.ts'
import { addUp } from '../../run/recent.ts'
import type { Input } from '../input.ts'
import type { Panel } from '../layout.ts'
import { cell, type Line, line } from '../line.ts'
import { ms } from '../numbers.ts'
import type { Show } from '../ui.ts'
import { spanOf } from './load.ts'

const POINTS = [
  ['p50', 50],
  ['p90', 90],
  ['p95', 95],
  ['p99', 99],
  ['p99.9', 99.9],
] as const
const LABEL = 13
const WIDEST = 10

/** Used again for every screen: a histogram is 94 kB. */
const span = new Histogram()

const cellsOf = (histogram: Histogram): string[] =>
  histogram.count === 0
    ? [...POINTS.map(() => '-'), '-']
    : [...POINTS.map(([, percent]) => ms(histogram.percentile(percent))), ms(histogram.max)]

const metricsOf = (show: Show): readonly ('response' | 'service')[] =>
  show === 'both' ? ['response', 'service'] : [show]

export function latencyPanel(input: Input): Panel {
  const { state, ui } = input
  const metrics = metricsOf(ui.show)
  const seconds = spanOf(input)
  const rows = [
    ...metrics.map((metric) => ({
      label: `${metric} now`,
      cells: cellsOf(addUp(seconds, metric, span)),
      tone: 'strong' as const,
    })),
    ...[...metrics, 'lateness' as const].map((metric) => ({
      label: `${metric} run`,
      cells: cellsOf(state.totals.histogram(metric)),
      tone: metric === 'lateness' ? ('faint' as const) : ('plain' as const),
    })),
  ]
  return {
    ...{ title: 'Latency', aside: line(`ms, now = ${ui.span} s`, 'faint') },
    ...{ least: 1 + metrics.length, wants: 1 + rows.length },
    lines: (width, height) => {
      const wide = Math.min(WIDEST, Math.floor((width - LABEL) / (POINTS.length + 1)))
      const row = (label: string, cells: readonly string[], tone: 'faint' | 'strong' | 'plain'): Line => [
        cell(label.padEnd(LABEL), 'faint'),
        cell(cells.map((text) => text.padStart(wide)).join(''), tone),
      ]
      const heads = row('', [...POINTS.map(([name]) => name), 'max'], 'faint')
      return [heads, ...rows.map(({ label, cells, tone }) => row(label, cells, tone))].slice(0, height)
    },
  }
}
