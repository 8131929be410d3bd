import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { due, owned, pieceOf } from '../../../src/plan/arrivals.ts'
import { steer } from '../../../src/plan/epochs.ts'
import { type Profile, profileOf } from '../../../src/plan/profile.ts'
import { constant, count, pause, poisson, ramp } from '../../support/arbitraries.ts'

/** Held for ever: a processor, an engine or a refactoring that gives another hash gives another workload. */
const FIXED = [
  ...[constant(0.7, 45), ramp(0, 10, 12.25), pause(3.5), count(101, 7), ramp(33.3, 0.1, 21), constant(600, 1)],
  ...[ramp(0.1, 1000, 1.5), constant(1 / 3, 10), ramp(20, 0, 30.03)],
]
const FIXED_ARRIVALS = 2198
const FIXED_HASH = '8077153f5c197961e554dfb544dda54a4a3b9cb34d5e11b7b64cd8184ad1e2c0'

/** The same schedule with Poisson phases in it, steered. */
const DRAWN_ARRIVALS = 4889
const DRAWN_HASH = '08c70f2d7f524b5b90b965bbdd97eb8216d97c2d13351713ccd881a440935e12'

const hashOf = (profile: Profile): string => {
  const times = new DataView(new ArrayBuffer(profile.arrivals * 8))
  for (let k = 0; k < profile.arrivals; k++) times.setFloat64(k * 8, due(profile, k), true)
  return createHash('sha256').update(times).digest('hex')
}

describe('two workers agree to the bit', () => {
  const profile = profileOf(FIXED, 1)

  it('on how many arrivals the fixed schedule has', () => {
    expect(profile.arrivals).toBe(FIXED_ARRIVALS)
  })

  it('on when each is due: the hash of the due times is the constant in this file', () => {
    expect(hashOf(profile)).toBe(FIXED_HASH)
  })

  it('on Poisson arrivals and after steering, likewise', () => {
    const drawn = profileOf([...FIXED, poisson(40, 40, 20.5), poisson(0, 900, 3), poisson(90, 0.3, 12)], 20_261_121)
    const steered = steer(drawn, [
      { at: 20.25, kind: 'scale', scale: 1.3 },
      { at: 60, kind: 'pause' },
      { at: 71.5, kind: 'resume' },
      { at: 150.125, kind: 'scale', scale: 0.7 },
    ])
    expect(steered.arrivals).toBe(DRAWN_ARRIVALS)
    expect(hashOf(steered)).toBe(DRAWN_HASH)
  })

  it('after the profile went through JSON', () => {
    const sent = JSON.parse(JSON.stringify(profile)) as typeof profile
    const differing = Array.from({ length: profile.arrivals }, (_, k) => k).filter(
      (k) => due(sent, k) !== due(profile, k),
    )
    expect(differing).toEqual([])
  })
})

describe('the arrivals of a slice', () => {
  const profile = profileOf([constant(1, 10)], 1) // due at 0.5, 1.5 … 9.5
  const whole = { from: 0, to: 10 }

  it.each([
    ['one worker owns all', { index: 0, of: 1 }, whole, { first: 0, end: 10, step: 1, count: 10 }],
    ['the second of three owns 1, 4, 7', { index: 1, of: 3 }, whole, { first: 1, end: 10, step: 3, count: 3 }],
    ['the first of three owns 0, 3, 6, 9', { index: 0, of: 3 }, whole, { first: 0, end: 10, step: 3, count: 4 }],
    [
      'a window owns what is due in it',
      { index: 0, of: 1 },
      { from: 2, to: 5 },
      { first: 2, end: 5, step: 1, count: 3 },
    ],
    [
      'a window owns what is due at its start, not at its end',
      { index: 0, of: 1 },
      { from: 2.5, to: 5.5 },
      { first: 2, end: 5, step: 1, count: 3 },
    ],
    [
      'stripes go by k, not by the place in the window',
      { index: 1, of: 3 },
      { from: 2, to: 10 },
      { first: 4, end: 10, step: 3, count: 2 },
    ],
    ['a window without arrivals owns none', { index: 0, of: 1 }, { from: 2.6, to: 2.7 }, { count: 0 }],
    ['an empty window owns none', { index: 0, of: 1 }, { from: 2.5, to: 2.5 }, { count: 0 }],
    ['a worker more than there are arrivals owns none', { index: 10, of: 11 }, whole, { count: 0 }],
  ])('%s', (_, stripe, window, expected) => {
    expect(owned(profile, { stripe, window })).toMatchObject(expected)
  })

  it('include the one due exactly at the end of the profile, in the last window', () => {
    const half = profileOf([constant(0.5, 1)], 1)
    const slice = (from: number, to: number): number =>
      owned(half, { stripe: { index: 0, of: 1 }, window: { from, to } }).count
    expect([slice(0, 0.5), slice(0.5, 1)]).toEqual([0, 1])
  })

  it('are none when the profile has none', () => {
    const silent = profileOf([pause(10)], 1)
    expect(owned(silent, { stripe: { index: 0, of: 1 }, window: whole }).count).toBe(0)
  })
})

describe('the phase of an arrival', () => {
  it('is the one in which it is due, phases without arrivals passed over', () => {
    const profile = profileOf([pause(1), constant(2, 1), pause(5), count(0, 1), constant(1, 2)], 1)
    expect([0, 1, 2, 3].map((k) => pieceOf(profile, k).phase)).toEqual([1, 1, 4, 4])
  })

  it('is the earlier one when it is due on the seam', () => {
    const profile = profileOf([constant(0.5, 1), constant(1, 1)], 1)
    expect(pieceOf(profile, 0).phase).toBe(0)
    expect(due(profile, 0)).toBe(1)
  })
})
