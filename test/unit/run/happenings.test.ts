import { describe, expect, it } from 'vitest'
import { happeningText } from '../../../src/report/advice.ts'
import { type RunEvent, type RunState, reduce } from '../../../src/run/state.ts'
import { runOf, T0 } from '../../support/fleet.ts'
import { threshold } from '../../support/screens.ts'

const told = ({ log }: RunState): string[] => log.map((happening) => `${happening.at} ${happeningText(happening)}`)
const later = (state: RunState, at: number, ...events: RunEvent[]): RunState =>
  events.reduce((before, event) => reduce(before, event, T0 + at * 1000), state)

describe('what happened in a run', () => {
  it('is its phases, when they begin', () =>
    expect(told(runOf({ workers: 1, seconds: 32 }).state)).toEqual([
      '0 phase "warm" begins',
      '10 phase "ramp" begins',
      '30 phase "steady" begins',
    ]))

  it('is who is late, silent and lost, each once', () => {
    const { state } = runOf({ workers: 9, seconds: 12, late: { 2: 0 }, silent: { 5: 1, 6: 1 }, lost: { 7: 3 } })
    expect(told(state).filter((text) => text.includes('worker'))).toEqual([
      '3 worker 2 late: starts late, or is short of processor, sockets or ports',
      '4 worker 7 lost: what was due there counts as lost',
      '6 worker 5, 6 silent: no frame for over 5 s',
    ])
  })

  it('names a few workers of many', () => {
    const lost = Object.fromEntries(Array.from({ length: 20 }, (_, slice) => [slice, 1]))
    expect(told(runOf({ workers: 21, seconds: 3, lost }).state)).toContain(
      '2 20 workers (0, 1, 2, 3, 4, …) lost: what was due there counts as lost',
    )
  })

  it('is who is ok again', () => {
    const { state } = runOf({ workers: 1, seconds: 3, silent: { 0: 2 } })
    const silent = later(state, 12, { type: 'tick' })
    expect(told(silent)).toContain('12 worker 0 silent: no frame for over 5 s')
    const [worker] = silent.workers
    const heard = { ...silent, workers: worker ? [{ ...worker, condition: { ...worker.condition, heardOf: 12 } }] : [] }
    expect(told(later(heard, 14, { type: 'tick' })).at(-1)).toBe('14 worker 0 ok again')
  })

  it('is a threshold that does not hold, and the end of the load that comes of it', () => {
    const { state } = runOf({ workers: 1, seconds: 12, thresholds: [threshold('requests < 4', { abort: true })] })
    expect(told(state)).toContain('12 threshold requests < 4 does not hold')
    expect(told(later(state, 13, { type: 'tripped', threshold: 0, at: 12 })).at(-1)).toBe(
      '13 the load was ended: requests < 4 did not hold',
    )
  })

  it('is a stop, a second stop and the end', () => {
    const { state } = runOf({ workers: 1, seconds: 3 })
    const gone: RunEvent = { type: 'gone', slice: 0, attempt: 1, again: false, reason: 'signal SIGKILL', billed: null }
    const stop: RunEvent = { type: 'stop', by: 'SIGINT' }
    expect(told(later(state, 3.5, stop, stop, gone)).slice(-3)).toEqual([
      '3.5 stopped by SIGINT',
      '3.5 stopped at once by SIGINT',
      '3.5 the run is over',
    ])
  })

  it('is the fault of a worker', () => {
    const { state } = runOf({ workers: 1, seconds: 3 })
    const fault = { type: 'fault', code: 'worker', message: 'out of memory', at: null } as const
    expect(told(later(state, 3.5, { type: 'fault', slice: 0, attempt: 1, fault })).at(-1)).toBe(
      '3.5 worker 0: out of memory',
    )
  })

  it('is forgotten when there is too much of it', () => {
    const { state } = runOf({ workers: 1, seconds: 1 })
    const fault = { type: 'fault', code: 'worker', message: 'again', at: null } as const
    const many = Array.from({ length: 500 }, (): RunEvent => ({ type: 'fault', slice: 0, attempt: 1, fault }))
    expect(later(state, 3, ...many).log.length).toBe(200)
  })
})

it('the newest frame has a time', () => {
  const { state } = runOf({ workers: 1, seconds: 3 })
  expect(state.freshAt).toBe(3)
  expect(later(state, 9, { type: 'tick' })).toMatchObject({ freshAt: 3, at: 9 })
})
