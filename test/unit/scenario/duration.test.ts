import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDuration, thinkTime } from '../../../src/scenario/duration.ts'
import { holds } from '../../support/property.ts'

describe('a duration', () => {
  it.each<[unknown, number]>([
    [60, 60],
    [0.5, 0.5],
    ['30', 30],
    ['12.25', 12.25],
    ['.5', 0.5],
    [' 90s ', 90],
    ['90 s', 90],
    ['90sec', 90],
    ['1 second', 1],
    ['90 seconds', 90],
    ['500ms', 0.5],
    ['1100ms', 1.1],
    ['5m', 300],
    ['5 min', 300],
    ['1.5 minutes', 90],
    ['1h', 3600],
    ['1.5h', 5400],
    ['2 hours', 7200],
    ['1d', 86_400],
    ['5M', 300],
    ['0', 0],
  ])('%j is %d seconds', (written, seconds) => {
    expect(parseDuration(written)).toBe(seconds)
  })

  it.each<[unknown]>([
    [''],
    ['soon'],
    ['s'],
    ['-5'],
    ['-5s'],
    ['5x'],
    ['5 m 30 s'],
    ['1e3'],
    ['5.'],
    ['1,5'],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [null],
    [undefined],
    [true],
    [[60]],
  ])('%j is none', (written) => {
    expect(parseDuration(written)).toBeNull()
  })

  it('in minutes and hours is the exact decimal: 4.1m is 246, not 245.99999999999997', () => {
    const units = fc.constantFrom<Unit>({ unit: 'm', seconds: 60 }, { unit: 'h', seconds: 3600 })
    holds(
      fc.tuple(fc.nat(5_000), units),
      ([hundredths, { unit, seconds }]) => {
        const written = `${(hundredths / 100).toFixed(2)}${unit}`
        const exact = Number(`${hundredths * seconds}e-2`)
        expect({ written, is: parseDuration(written) }).toEqual({ written, is: exact })
      },
      { examples: [[410, { unit: 'm', seconds: 60 }]] },
    )
  })

  it('in milliseconds is the exact decimal', () => {
    holds(fc.nat(10_000_000), (n) => expect(parseDuration(`${n}ms`)).toBe(Number(`${n}e-3`)))
  })
})

type Unit = { unit: 'm' | 'h'; seconds: number }

it.each([
  ['whole seconds', 2, 2000, 2000],
  ['half a second', 0.5, 500, 1],
  ['half a second as text', '0.5', 500, 0.5],
  ['half a second with its unit', '0.5s', 500, 500],
  ['milliseconds', '20ms', 20, 20],
  ['what is no time', 'a while', null, null],
  ['less than nothing', -1, null, null],
])('%s of think time are what they say; or what Artillery makes of them', (_, written, mended, strict) => {
  expect([thinkTime(written, false), thinkTime(written, true)]).toEqual([mended, strict])
})
