import { describe, expect, it } from 'vitest'
import { bar, columnsOf, densities, spark } from '../../../src/dashboard/charts.ts'
import { ascii, unicode } from '../../../src/dashboard/marks.ts'

describe('a sparkline', () => {
  it.each([
    ['rises with its values', [0, 1, 2, 3, 4, 5, 6, 7, 8], 8, ' ▁▂▃▄▅▆▇█'],
    ['shows what is next to nothing', [0, 0.001, 100], 100, ' ▁█'],
    ['is blank when there is nothing', [0, 0], 0, '  '],
    ['does not rise above its peak', [5, 50], 10, '▄█'],
    ['is empty without values', [], 10, ''],
  ])('%s', (_, values, peak, text) => expect(spark(values, peak, unicode.bars)).toBe(text))

  it('has signs of its own in ASCII', () => expect(spark([0, 1, 2, 3, 4, 5, 6, 7], 7, ascii.bars)).toBe(' _.-=+*#'))
})

describe('columns', () => {
  it.each([
    ['are the newest values', [1, 2, 3, 4], 3, 1, [2, 3, 4]],
    ['are means of several', [1, 3, 5, 7], 2, 2, [2, 6]],
    ['begin with what is left over', [1, 3, 5], 2, 2, [1, 4]],
    ['are as many as there are', [1], 5, 1, [1]],
    ['are none of no width', [1, 2], 0, 1, []],
  ])('%s', (_, values, width, each, columns) => expect(columnsOf(values, width, each)).toEqual(columns))
})

it.each([
  ['nothing', 0, '    '],
  ['a half', 0.5, '██  '],
  ['all', 1, '████'],
  ['more than all', 2, '████'],
])('a bar of %s', (_, share, text) => expect(bar(share, 4, unicode.bars)).toBe(text))

describe('densities', () => {
  it('are on a logarithmic scale, from nothing to the most', () =>
    expect(densities([0, 1, 10, 100, 1_000], 1_000, ascii.density)).toBe(' .:*#'))
  it('show one of a million', () => expect(densities([1], 1_000_000, unicode.density)).toBe('·'))
  it('of one each are all dense', () => expect(densities([1, 1], 1, unicode.density)).toBe('██'))
})
