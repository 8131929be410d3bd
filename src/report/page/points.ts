/** The numbers of the charts over time as a table, written when it is opened. */
import { ms } from '../cells.ts'
import { COUNTS, type Columns, type Drawn, KINDS, PERCENTILES } from './drawn.ts'
import { element } from './element.ts'

const NAMES = KINDS.flatMap((kind) => PERCENTILES.map((percentile) => `${kind} ${percentile}, ms`))

export function fillPoints({ columns, step }: Drawn): void {
  const details = document.getElementById('points')
  const fill = (): void => {
    const heads = ['second', ...COUNTS, ...NAMES].map((name) => element('th', { scope: 'col', class: 'number' }, name))
    const title = step === 1 ? 'Second by second' : `In steps of ${step} s`
    const table = element(
      'table',
      {},
      element('caption', {}, title),
      element('thead', {}, element('tr', {}, ...heads)),
      element('tbody', {}, ...columns.second.map((second, i) => rowOf(second, i, columns))),
    )
    details?.append(element('div', { class: 'scroll', role: 'region', 'aria-label': title, tabindex: '0' }, table))
  }
  details?.addEventListener('toggle', fill, { once: true })
}

function rowOf(second: number, i: number, columns: Columns): HTMLElement {
  const cell = (value: number | null, shown: string): HTMLElement =>
    element('td', { 'data-v': `${value ?? ''}` }, shown)
  const latencies = KINDS.flatMap((kind) => PERCENTILES.map((percentile) => columns[kind][percentile][i] ?? null))
  return element(
    'tr',
    {},
    element('th', { scope: 'row', 'data-v': String(second) }, String(second)),
    ...COUNTS.map((name) => cell(columns[name][i] ?? 0, String(columns[name][i]))),
    ...latencies.map((value) => cell(value, value === null ? '–' : ms(value))),
  )
}
