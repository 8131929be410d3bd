import { describe, expect, it } from 'vitest'
import { isLate, judgeFrame, LATE, type Punctuality, punctual, trustOf } from '../../../src/measure/trust.ts'

/** A frame a second, in milliseconds of lateness p99, each with 10 arrivals. */
const workerAfter = (...lateness: number[]): Punctuality =>
  lateness.reduce(
    (worker, ms, second) => judgeFrame(worker, { second, latenessP99: ms * 1000, launched: 10 }),
    punctual(),
  )

describe('a worker', () => {
  it.each([
    ['is on time at first', [], 0],
    ['is on time at 50 ms exactly', [50, 50, 50, 50], 0],
    ['is forgiven two late seconds', [51, 51], 0],
    ['is late with the third in a row, and the first two count too', [51, 51, 51], 30],
    ['goes on being late', [51, 51, 51, 60], 40],
    ['is forgiven two, and two again, when one between was on time', [90, 90, 1, 90, 90], 0],
    ['once late stays on record after it has recovered', [90, 90, 90, 1, 1], 30],
    ['late twice has both counted', [90, 90, 90, 1, 90, 90, 90], 60],
    ['is not charged with the frame that was on time between', [90, 90, 90, 1, 90], 30],
  ])('%s', (_, lateness, arrivals) => {
    const worker = workerAfter(...lateness)
    expect(worker.lateArrivals).toBe(arrivals)
    expect(isLate(worker)).toBe(arrivals > 0)
  })

  it('too busy to send a frame each second is late by the seconds that its frames are apart', () => {
    const first = judgeFrame(punctual(), { second: 0, latenessP99: 900_000, launched: 500 })
    const second = judgeFrame(first, { second: 4, latenessP99: 900_000, launched: 700 })
    expect([first.lateArrivals, second.lateArrivals]).toEqual([0, 1_200])
  })

  it('is held to 50 ms', () => {
    expect(LATE).toBe(50_000)
  })
})

describe('a run', () => {
  it.each([
    ['is trusted when every worker was ok', 1000, 0, 'trusted'],
    ['is trusted when nothing arrived', 0, 0, 'trusted'],
    ['is degraded by one arrival', 1000, 1, 'degraded'],
    ['is degraded by 20 % exactly', 1000, 200, 'degraded'],
    ['is invalid over 20 %', 1000, 201, 'invalid'],
  ])('%s', (_, all, fromWorkersNotOk, trust) => {
    expect(trustOf({ all, fromWorkersNotOk })).toBe(trust)
  })
})
