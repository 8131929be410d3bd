/** HTML by template, in which everything is escaped that is not Markup itself: a URL, a name or an error may say anything. */
import { int, ms } from './cells.ts'

export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Value = string | number | Markup | null | readonly Value[]

/** null is nothing, a list its parts one after another. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(parts.map((part, i) => (i === 0 ? part : written(values[i - 1] ?? null) + part)).join(''))
}

function written(value: Value): string {
  if (value === null) return ''
  if (value instanceof Markup) return value.text
  return typeof value === 'object' ? value.map(written).join('') : escaped(String(value))
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')

/** A value as JSON that a script element can hold: no `<` can end it. */
export const jsonIn = (value: object): Markup => new Markup(JSON.stringify(value).replaceAll('<', '\\u003c'))

/** A number is shown rounded, and kept whole in `data-v`; null was not measured. */
export type Cell = string | Markup | { value: number | null; shown: string }

export const count = (value: number): Cell => ({ value, shown: int(value) })
export const millis = (value: number | null): Cell => ({ value, shown: value === null ? '–' : ms(value) })

type Table = { caption: string; heads: readonly string[]; rows: readonly (readonly Cell[])[] }

/** `most`: rows beyond it are only counted. Nothing without rows. */
export function table({ caption, heads, rows }: Table, most: number = Number.POSITIVE_INFINITY): Markup | null {
  if (rows.length === 0) return null
  const rest = rows.length - most
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table><caption>${caption}</caption>
<thead><tr>${heads.map((head, i) => (isNumber(rows[0]?.[i]) ? html`<th scope="col" class="number">${head}</th>` : html`<th scope="col">${head}</th>`))}</tr></thead>
<tbody>${rows.slice(0, most).map(([first = '', ...others]) => html`<tr>${headOf(first)}${others.map(cellOf)}</tr>\n`)}</tbody></table></div>
${rest > 0 ? html`<p>and ${int(rest)} more in the JSON report</p>` : null}`
}

const isNumber = (cell: Cell | undefined): cell is Exclude<Cell, string | Markup> =>
  typeof cell === 'object' && !(cell instanceof Markup)

const headOf = (cell: Cell): Markup =>
  isNumber(cell) ? html`<th scope="row" data-v="${cell.value}">${cell.shown}</th>` : html`<th scope="row">${cell}</th>`

const cellOf = (cell: Cell): Markup =>
  isNumber(cell) ? html`<td data-v="${cell.value}">${cell.shown}</td>` : html`<td>${cell}</td>`
