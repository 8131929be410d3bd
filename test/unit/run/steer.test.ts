import { expect, it } from 'vitest'
import type { Epoch, Steering } from '../../../src/plan/epochs.ts'
import { begin, type RunEvent, type RunState, reduce } from '../../../src/run/state.ts'
import { steeredBy } from '../../../src/run/steer.ts'
import { constant } from '../../support/arbitraries.ts'
import { planOf } from '../../support/plans.ts'

const NOW = 1_000_000
const pause: Steering = { kind: 'pause' }
const resume: Steering = { kind: 'resume' }

/** Of ten seconds, so many seconds into it, after these events. */
function state(at: number, events: readonly RunEvent[] = [], plan = planOf([constant(10, 10)], 2)): RunState {
  const begun = reduce(begin(plan, NOW), { type: 'go', t0: NOW }, NOW)
  return [...events, { type: 'tick' } as const].reduce((before, event) => reduce(before, event, NOW + at * 1000), begun)
}
const steered = (...epochs: Epoch[]): RunEvent => ({ type: 'steered', epochs })
const refused = (why: string): object => ({ epochs: null, answer: { kind: 'refused', why } })

it('holds from two seconds on, to the millisecond, and never before the one before it', () => {
  const epoch = { kind: 'scale', scale: 2, at: 5.124 } as const
  expect(steeredBy(state(3.1236), { kind: 'scale', scale: 2 })).toEqual({
    epochs: [epoch],
    answer: { kind: 'steered', epoch },
  })
  expect(steeredBy(state(-0.5), pause).answer).toMatchObject({ epoch: { at: 2 } })
  const later: Epoch = { kind: 'pause', at: 6 }
  expect(steeredBy(state(3, [steered(later)]), resume).epochs).toEqual([later, { kind: 'resume', at: 6 }])
})

it('says why not', () => {
  const plan = planOf([constant(10, 10)], 2)
  const before = begin(plan, NOW)
  expect(steeredBy(before, pause)).toEqual(refused('early'))
  expect(steeredBy(state(3, [{ type: 'stop', by: 'order' }]), pause)).toEqual(refused('ended'))
  expect(steeredBy(state(8), pause)).toEqual(refused('late'))
  expect(steeredBy(state(3), resume)).toEqual(refused('going'))
  const stands = steered({ kind: 'pause', at: 2 })
  expect(steeredBy(state(3, [stands]), pause)).toEqual(refused('paused'))
  // A load that stands still may go on whenever that is.
  expect(steeredBy(state(60, [stands]), resume).answer).toMatchObject({ kind: 'steered' })
  const [window] = plan.windows
  expect(steeredBy(state(3, [], { ...plan, windows: [...plan.windows, ...(window ? [window] : [])] }), pause)).toEqual(
    refused('fixed'),
  )
})

it('does not pass the limits of the script, though the load stands still', () => {
  const plan = planOf([constant(10, 10)], 2)
  const scale = (scale: number): Steering => ({ kind: 'scale', scale })
  const stands = steered({ kind: 'pause', at: 2 })
  for (const most of [
    { arrivalRate: 15, arrivalRatePerWorker: null },
    { arrivalRate: null, arrivalRatePerWorker: 7.5 },
  ]) {
    const limited = { ...plan, most }
    expect(steeredBy(state(3, [], limited), scale(1.5)).answer).toMatchObject({ kind: 'steered' })
    expect(steeredBy(state(3, [], limited), scale(1.6))).toEqual(refused('limited'))
    expect(steeredBy(state(3, [stands], limited), scale(1.6))).toEqual(refused('limited'))
    // What is over does not count.
    expect(steeredBy(state(3, [steered({ kind: 'scale', scale: 2, at: 1 })], limited), scale(1)).epochs).toHaveLength(2)
  }
})
