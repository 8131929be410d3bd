import { describe, expect, it } from 'vitest'
import { apart, cell, cut, fitted, line, lineWidth, textOf } from '../../../src/dashboard/line.ts'
import { clock, ms, percent, perSecond, value } from '../../../src/dashboard/numbers.ts'

describe('a line', () => {
  it.each([
    ['is filled', 'ab', 4, 'ab  '],
    ['is cut with an ellipsis', 'abcdef', 4, 'abc…'],
    ['may be of no width', 'abc', 0, ''],
    ['is not cut within a wide sign', '日本語', 4, '日… '],
  ])('%s', (_, text, width, shown) => {
    const made = fitted(line(text), width, '…')
    expect(textOf(made)).toBe(shown)
    expect(lineWidth(made)).toBe(width)
  })

  it('never hands a terminal what it would obey', () => {
    expect(cell('a\u001b[2Jb\nc\u0007').text).toBe('a [2Jb c ')
    expect(cell('a\u202eb').text).toBe('a b')
  })

  it('keeps what stands to the right when there is too little room', () => {
    expect(textOf(apart(line('a long name'), line('42'), 10, '…'))).toBe('a long… 42')
    expect(textOf(apart(line('a'), line('42'), 10, '…'))).toBe('a       42')
    expect(textOf(apart(line('name'), line('1234567'), 5, '…'))).toBe('name ')
  })

  it('leaves what fits as it is', () => expect(cut('abc', 3, '…')).toBe('abc'))
})

it.each([
  [clock(7), '0:07'],
  [clock(720), '12:00'],
  [clock(3_723), '1:02:03'],
  [clock(-3.2), '-0:03'],
  [clock(-0.4), '0:00'],
  [ms(1_234), '1.23'],
  [ms(12_340), '12.3'],
  [ms(1_234_000), '1,234'],
  [ms(3_600_000_000), '3600s'],
  [perSecond(0.25), '0.3/s'],
  [perSecond(12_345.6), '12,346/s'],
  [value(0.012345), '0.0123'],
  [percent(0.0047), '0.47 %'],
  [percent(0.25), '25.0 %'],
  [percent(1), '100 %'],
  [value(null), '-'],
])('%s is %s', (found, wanted) => expect(found).toBe(wanted))
