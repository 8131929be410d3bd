import { describe, expect, it } from 'vitest'
import { lineWidth, textOf } from '../../../src/dashboard/line.ts'
import { unicode } from '../../../src/dashboard/marks.ts'
import { type Column, type Look, tableLines } from '../../../src/dashboard/parts/table.ts'

type Row = { name: string; count: number }
const columns: Column<Row>[] = [
  { head: 'name', takes: true, text: ({ name }) => name },
  { head: 'count', text: ({ count }) => String(count) },
  { head: 'twice', text: ({ count }) => String(count * 2) },
]
const rows = (n: number): Row[] => Array.from({ length: n }, (_, i) => ({ name: `row ${i}`, count: i }))
const drawn = (all: readonly Row[], look: Partial<Look> = {}): string[] =>
  tableLines(columns, all, { width: 30, height: 6, cursor: null, marks: unicode, ...look }).map(textOf)

describe('a table', () => {
  it('has numbers to the right, under their heads', () =>
    expect(drawn(rows(2))).toEqual([
      'name              count  twice',
      'row 0                 0      0',
      'row 1                 1      2',
    ]))

  it('marks the row that is chosen', () =>
    expect(drawn(rows(2), { cursor: 1 })).toEqual([
      '  name            count  twice',
      '  row 0               0      0',
      '› row 1               1      2',
    ]))

  it('shows no more rows than there is room for', () => expect(drawn(rows(1_000)).length).toBe(6))

  it.each([0, 3, 500, 998, 999, 5_000])('keeps row %i in sight', (cursor) => {
    const lines = drawn(rows(1_000), { cursor })
    expect(lines.length).toBe(6)
    expect(lines.find((line) => line.startsWith('›'))).toContain(`row ${Math.min(999, cursor)} `)
  })

  it('leaves its last columns out where there is no room, and cuts what takes the rest', () => {
    expect(drawn(rows(1), { width: 12 })).toEqual(['name   count', 'row 0      0'])
    expect(drawn([{ name: 'a name that is too long for it', count: 1 }], { width: 20 })).toEqual([
      'name                ',
      'a name that is too …',
    ])
  })

  it('is never wider than it may be', () => {
    for (let width = 3; width < 60; width++) {
      for (const line of tableLines(columns, rows(3), { width, height: 9, cursor: 0, marks: unicode })) {
        expect(lineWidth(line)).toBeLessThanOrEqual(width)
      }
    }
  })

  it('of nothing is its heads', () => expect(drawn([], { cursor: 0 })).toEqual(['  name            count  twice']))
})
