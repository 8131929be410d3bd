import stringWidth from 'string-width'
import { expect, it } from 'vitest'
import { widthOf } from '../../../src/dashboard/line.ts'
import { ascii, type Marks, painted, unicode } from '../../../src/dashboard/marks.ts'

const signs = ({ worker, bars, density, ...single }: Marks): string[] => [
  ...Object.values(worker),
  ...bars,
  ...density,
  ...Object.values(single),
]

it('every sign takes one column, but those that are words', () => {
  for (const marks of [unicode, ascii]) {
    for (const sign of signs(marks)) {
      expect(widthOf(sign), sign).toBe(stringWidth(sign))
      expect(sign).toHaveLength(sign === marks.dot ? 3 : sign === marks.to ? marks.to.length : 1)
    }
  }
})

it('no two states of a worker look alike', () => {
  for (const { worker } of [unicode, ascii]) expect(new Set(Object.values(worker)).size).toBe(8)
})

it.each([
  ['in no colour', 1, 'faint', 'x'],
  ['in none, but heavier', 1, 'bad', '\u001b[1mx\u001b[0m'],
  ['in one of 16', 4, 'good', '\u001b[94mx\u001b[0m'],
  ['in one of 256', 8, 'warn', '\u001b[38;5;214mx\u001b[0m'],
  ['in one of more', 24, 'warn', '\u001b[38;5;214mx\u001b[0m'],
  ['as it is', 24, 'plain', 'x'],
] as const)('a text is painted %s', (_, depth, tone, text) => expect(painted('x', tone, depth)).toBe(text))
