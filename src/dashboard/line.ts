/** What a screen is made of: lines of cells with a tone each, of an exact width. What users named may hold any sign; it is made harmless here. */
import stringWidth from 'string-width'

/** `strong` and `chosen` stand out, `faint` recedes; `good`, `warn` and `bad` only repeat what a word says. */
export type Tone = 'plain' | 'strong' | 'chosen' | 'faint' | 'good' | 'warn' | 'bad'
export type Cell = { readonly text: string; readonly tone: Tone }
export type Line = readonly Cell[]

const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
/** ASCII and our own signs take a column each: asking for the width of each run of them took half the time of a screen. */
const SINGLE = /^[ -~·×…›→─│▁-█░▒▓▾■□▨▪▫◪]*$/

export const cell = (text: string, tone: Tone = 'plain'): Cell => ({ text: text.replace(CONTROL, ' '), tone })
export const line = (text: string, tone: Tone = 'plain'): Line => [cell(text, tone)]

/** Columns of the terminal that a text takes. */
export const widthOf = (text: string): number => (SINGLE.test(text) ? text.length : stringWidth(text))
export const lineWidth = (line: Line): number => line.reduce((sum, { text }) => sum + widthOf(text), 0)

const segments = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Cut to a width, the last column an ellipsis. */
export function cut(text: string, width: number, ellipsis: string): string {
  if (widthOf(text) <= width) return text
  const room = width - widthOf(ellipsis)
  if (room < 0) return ''
  let kept = ''
  let taken = 0
  for (const { segment } of segments.segment(text)) {
    taken += widthOf(segment)
    if (taken > room) break
    kept += segment
  }
  return kept + ellipsis
}

/** Exactly `width` columns: cut, or filled with blanks. */
export function fitted(line: Line, width: number, ellipsis: string): Line {
  const cells: Cell[] = []
  let left = width
  for (const { text, tone } of line) {
    if (left === 0) break
    const kept = cut(text, left, ellipsis)
    cells.push({ text: kept, tone })
    left -= widthOf(kept)
    if (kept !== text) break
  }
  return left > 0
    ? [...cells, { text: ' '.repeat(left), tone: line.length === 1 ? (line[0] as Cell).tone : 'plain' }]
    : cells
}

/** One to the left, one to the right, which keeps its place when there is too little. */
export function apart(left: Line, right: Line, width: number, ellipsis: string): Line {
  const wide = lineWidth(right)
  if (wide === 0 || wide + 1 > width) return fitted(left, width, ellipsis)
  return [...fitted(left, width - wide - 1, ellipsis), cell(' '), ...right]
}

export const textOf = (line: Line): string => line.map(({ text }) => text).join('')

/** All of a line in one tone. */
export const toned = (line: Line, tone: Tone): Line => line.map(({ text }) => ({ text, tone }))
