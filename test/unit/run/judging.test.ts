import { describe, expect, it } from 'vitest'
import { type Epoch, steer } from '../../../src/plan/epochs.ts'
import { type Phase, profileOf } from '../../../src/plan/profile.ts'
import { isOn, judgeOwn } from '../../../src/run/judging.ts'
import { begin, type RunState } from '../../../src/run/state.ts'
import { constant, frameBytes, pause } from '../../support/arbitraries.ts'
import { planOf } from '../../support/plans.ts'
import { threshold } from '../../support/screens.ts'

const onSeconds = (phases: Phase[], epochs: Epoch[] = [], endedAt: number | null = null): number[] => {
  const profile = steer(profileOf(phases, 1), epochs)
  return Array.from({ length: 12 }, (_, second) => second).filter((second) => isOn({ profile, endedAt }, second))
}

describe('the load is on', () => {
  it.each<[string, number[], number[]]>([
    ['from its beginning to its end', onSeconds([constant(5, 3.5)]), [0, 1, 2]],
    ['over the seam of two phases', onSeconds([constant(5, 1.5), constant(2, 1.5)]), [0, 1, 2]],
    ['for the second that a short one has', onSeconds([constant(5, 0.5)]), [0]],
    ['not in a phase of pause', onSeconds([constant(5, 2), pause(2), constant(5, 2)]), [0, 1, 4, 5]],
    [
      'not while a person has paused it',
      onSeconds(
        [constant(5, 4)],
        [
          { at: 1.5, kind: 'pause' },
          { at: 4, kind: 'resume' },
        ],
      ),
      [0, 4, 5],
    ],
    ['not once it was told to end', onSeconds([constant(5, 9)], [], 2.5), [0, 1]],
  ])('%s', (_, seconds, expected) => expect(seconds).toEqual(expected))
})

describe('a threshold of a span, on a run that is over', () => {
  const plan = planOf([constant(10, 3), pause(2), constant(10, 3)], 1)
  const frames = [0, 1, 2, 5, 6, 7].map((second) => frameBytes({ second, seq: second, counters: { launched: 10 } }))
  const state: RunState = begin(plan, 0)
  const judged = (span: number, ended: number | null = null): object | undefined =>
    judgeOwn([threshold('launched >= 10', { span })], { ...state, endedAt: ended }, () => frames)[0]

  it('is not judged over a pause', () => {
    expect(judged(1)).toMatchObject({ ok: true, at: { from: 7, to: 8 } })
    expect(judged(3)).toMatchObject({ ok: true, at: { from: 5, to: 8 }, observed: { launched: 30 } })
  })

  it('that the load was never on for is of the whole run, unless that ended early', () => {
    state.totals.counters.set('launched', 60)
    expect(judged(5)).toMatchObject({ ok: true, at: null, observed: { launched: 60 } })
    expect(judged(5, 2)).toMatchObject({ ok: false, at: null, observed: { launched: null } })
  })
})
