/** Rows under heads: one column takes what is left, the others are as wide as they must be; the chosen row is always in sight. */
import { cell, cut, type Line, type Tone, widthOf } from '../line.ts'
import type { Marks } from '../marks.ts'

/** `takes`: the column that is cut when there is too little room; it stands to the left, as do those that say so. */
export type Column<Row> = {
  head: string
  takes?: true
  left?: true
  text(row: Row): string
  tone?(row: Row): Tone
}

/** `cursor`: the chosen row, null when none is. */
export type Look = { width: number; height: number; cursor: number | null; marks: Marks }

const GAP = 2
const LEAST = 24

export function tableLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[], look: Look): Line[] {
  const { width, height, cursor, marks } = look
  const seen = Math.max(0, height - 1)
  const at = cursor === null ? null : Math.min(cursor, rows.length - 1)
  const from = at === null ? 0 : Math.max(0, Math.min(at - Math.floor(seen / 2), rows.length - seen))
  const shown = rows.slice(from, from + seen)
  const texts = shown.map((row) => columns.map(({ text }) => cell(text(row)).text))
  const lead = at === null ? 0 : 2
  const wide = widths(columns, texts, width - lead)
  const placed = (text: string, i: number): string => {
    const column = columns[i] as Column<Row>
    const room = wide[i] as number
    const kept = cut(text, room, marks.ellipsis)
    const blank = ' '.repeat(room - widthOf(kept))
    const gap = i === 0 || room === 0 ? '' : ' '.repeat(GAP)
    return gap + (column.takes || column.left ? kept + blank : blank + kept)
  }
  const head = [cell(' '.repeat(lead)), ...columns.map(({ head }, i) => cell(placed(head, i), 'faint'))]
  return [
    head,
    ...shown.map((row, n): Line => {
      const chosen = at !== null && from + n === at
      const mark = lead === 0 ? [] : [cell(chosen ? `${marks.chosen} ` : '  ', 'strong')]
      const cells = columns.map(({ tone }, i) =>
        cell(placed(texts[n]?.[i] ?? '', i), chosen && i === 0 ? 'strong' : (tone?.(row) ?? 'plain')),
      )
      return [...mark, ...cells]
    }),
  ]
}

/** Columns that have no room beside the one that takes the rest are left out, the last ones first: width 0. */
function widths<Row>(columns: readonly Column<Row>[], texts: readonly string[][], width: number): number[] {
  const wide = columns.map(({ head }, i) => Math.max(widthOf(head), ...texts.map((row) => widthOf(row[i] ?? ''))))
  const takes = columns.findIndex((column) => column.takes)
  const wanted = wide[takes] as number
  wide[takes] = Math.max(1, Math.min(LEAST, wanted))
  const total = (): number => wide.reduce((sum, own, i) => sum + own + (i > 0 && own > 0 ? GAP : 0), 0)
  for (let last = columns.length - 1; last >= 0 && total() > width; last--) if (last !== takes) wide[last] = 0
  wide[takes] = Math.max(1, width - total() + (wide[takes] as number))
  return wide
}
