import { describe, expect, it } from 'vitest'
import { columnsOf, densities, spark } from '../../../src/dashboard/charts.ts'
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
    ['are the newest values', [1, 2, 3, 4], { first: 0, each: 1, width: 3 }, [2, 3, 4]],
    ['are means of several', [1, 3, 5, 7], { first: 0, each: 2, width: 2 }, [2, 6]],
    ['end with what there is of the newest', [1, 3, 5], { first: 0, each: 2, width: 2 }, [2, 5]],
    ['begin at whole multiples, wherever the values begin', [1, 3, 5, 7], { first: 7, each: 2, width: 9 }, [1, 4, 7]],
    ['are as many as there are', [1], { first: 0, each: 1, width: 5 }, [1]],
    ['are none of no width', [1, 2], { first: 0, each: 1, width: 0 }, []],
    ['are none of less', [1, 2], { first: 0, each: 1, width: -3 }, []],
  ])('%s', (_, values, columns, means) => expect(columnsOf(values, columns)).toEqual(means))
})

describe('densities', () => {
  it('are on a logarithmic scale, from nothing to the most', () =>
    expect(densities([0, 1, 10, 100, 1_000], 1_000, ascii.density)).toBe(' .:*#'))
  it('show one of a million', () => expect(densities([1], 1_000_000, unicode.density)).toBe('·'))
  it('of one each are all dense', () => expect(densities([1, 1], 1, unicode.density)).toBe('██'))
})
