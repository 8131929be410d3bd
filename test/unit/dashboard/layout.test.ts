import { describe, expect, it } from 'vitest'
import { beside, type Panel, stack } from '../../../src/dashboard/layout.ts'
import { line, lineWidth, textOf } from '../../../src/dashboard/line.ts'
import { ascii } from '../../../src/dashboard/marks.ts'

const panel = (title: string, least: number, wants: number): Panel => ({
  ...{ title, aside: [], least, wants },
  lines: (_, height) => Array.from({ length: height }, (_, i) => line(`${title}${i}`)),
})
const panels = [panel('A', 1, 3), panel('B', 2, 4), panel('C', 1, 9)]
const drawn = (height: number): string =>
  stack(panels, { width: 8, height }, ascii)
    .map((row) => textOf(row).replaceAll(/[- ]/g, '') || '.')
    .join(' ')

describe('panels', () => {
  it.each([
    ['all have what they need at least', 7, 'A A0 B B0 B1 C C0'],
    ['the first gets what is left over', 9, 'A A0 A1 A2 B B0 B1 C C0'],
    ['then the next', 12, 'A A0 A1 A2 B B0 B1 B2 B3 C C0 C1'],
    ['the last is dropped first', 6, 'A A0 A1 B B0 B1'],
    ['and then the one before it', 4, 'A A0 A1 A2'],
    ['none is there without room', 1, '.'],
  ])('%s', (_, height, text) => expect(drawn(height)).toBe(text))

  it('leave blank what none of them wants', () => {
    const lines = stack([panel('A', 1, 1)], { width: 10, height: 4 }, ascii)
    expect(lines.map(textOf)).toEqual(['A --------', ' A0       ', ' '.repeat(10), ' '.repeat(10)])
  })

  it('stand beside each other', () => {
    const [left, right] = [20, 11].map((width) => stack(panels, { width, height: 9 }, ascii)) as [never, never]
    expect(new Set(beside(left, right).map(lineWidth))).toEqual(new Set([34]))
  })
})
