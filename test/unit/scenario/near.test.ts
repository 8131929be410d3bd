import { describe, expect, it } from 'vitest'
import { near, SLIP, SUGGESTION } from '../../../src/scenario/near.ts'

const known = ['duration', 'arrivalRate', 'rampTo', 'pause']

describe('the word that was probably meant', () => {
  it.each([
    ['arivalRate', SLIP, 'arrivalRate'],
    ['arrivalrate', SLIP, 'arrivalRate'],
    ['ARRIVALRATE', SLIP, 'arrivalRate'],
    ['durations', SLIP, 'duration'],
    ['pausee', SLIP, 'pause'],
    ['rate', SLIP, null],
    ['ram', SLIP, null],
    ['paues', SLIP, null],
    ['durataion', SLIP, 'duration'],
    ['ram', SUGGESTION, 'rampTo'],
    ['something', SUGGESTION, null],
  ])('for "%s", when a share of %d may differ, is %j', (word, share, meant) => {
    expect(near(word, known, share)).toBe(meant)
  })

  it('is none when nothing is known', () => {
    expect(near('duration', [], SUGGESTION)).toBeNull()
  })
})
