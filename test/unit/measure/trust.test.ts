import { describe, expect, it } from 'vitest'
import {
  type Condition,
  isLate,
  judgeFrame,
  LATE,
  ok,
  type Strain,
  trustOf,
  wasSilent,
} from '../../../src/measure/trust.ts'

const none = { sockets: 0, ports: 0 }

/** A frame a second, in milliseconds of lateness p99, each with 10 arrivals. */
const easy: Strain = {
  second: 0,
  span: 1,
  latenessP99: 500,
  launched: 10,
  atWork: 0,
  cpu: 0.3,
  sockets: 0.1,
  refused: none,
}
const workerAfter = (...lateness: number[]): Condition =>
  lateness.reduce((worker, ms, second) => judgeFrame(worker, { ...easy, second, latenessP99: ms * 1000 }), ok())

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
    const first = judgeFrame(ok(), { ...easy, latenessP99: 900_000, launched: 500 })
    const second = judgeFrame(first, { ...easy, second: 4, latenessP99: 900_000, launched: 700 })
    expect([first.lateArrivals, second.lateArrivals]).toEqual([0, 1_200])
  })

  it('is held to 50 ms', () => {
    expect(LATE).toBe(50_000)
  })
})

describe('a worker without room to spare', () => {
  const after = (...frames: Partial<Strain>[]): Condition =>
    frames.reduce<Condition>((worker, frame, second) => judgeFrame(worker, { ...easy, second, ...frame }), ok())

  it.each<[string, Partial<Strain>[], number, string[]]>([
    ['may use 90 % of its processor', Array(4).fill({ cpu: 0.9 }), 0, []],
    ['is late with more for 3 s', Array(4).fill({ cpu: 0.91 }), 40, ['cpu']],
    ['is late with over 90 % of its files open', Array(3).fill({ sockets: 0.91 }), 30, ['sockets']],
    [
      'is late by one thing after the other',
      [{ cpu: 1 }, { sockets: 1 }, { latenessP99: 60_000 }],
      30,
      ['lateness', 'cpu', 'sockets'],
    ],
    ['is forgiven when a second between was easy', [{ cpu: 1 }, { cpu: 1 }, {}, { cpu: 1 }, { cpu: 1 }], 0, []],
    [
      'delays who is at work, though nobody arrives',
      [{ atWork: 7 }, ...Array(3).fill({ cpu: 1, launched: 0, latenessP99: 0, atWork: 7 })],
      7,
      ['cpu'],
    ],
    ['is late by one frame that took 3 s', [{ span: 3, latenessP99: 60_000 }], 10, ['lateness']],
    ['is late at once when it was refused a socket', [{}, { refused: { ...none, sockets: 1 } }, {}], 10, ['sockets']],
    ['is late at once when it was refused a port', [{}, { refused: { ...none, ports: 7 } }, {}], 10, ['ports']],
    ['fails who was at work when it was refused one', [{ launched: 0, refused: { ...none, ports: 5 } }], 5, ['ports']],
    [
      'is forgiven a second without room though it was refused a port in the next',
      [{ cpu: 1 }, { refused: { ...none, ports: 1 } }, {}],
      10,
      ['ports'],
    ],
    [
      'goes on being without room when it was refused a port meanwhile',
      [{ cpu: 1 }, { refused: { ...none, ports: 1 } }, { cpu: 1 }],
      30,
      ['cpu', 'ports'],
    ],
    [
      'is not excused by seconds in which nobody arrives',
      [{ latenessP99: 60_000 }, { launched: 0, latenessP99: 0 }, { latenessP99: 60_000 }],
      20,
      ['lateness'],
    ],
  ])('%s', (_, frames, arrivals, causes) => {
    const worker = after(...frames)
    expect(worker.lateArrivals).toBe(arrivals)
    expect(
      Object.entries(worker.causes)
        .filter(([, n]) => n > 0)
        .map(([cause]) => cause),
    ).toEqual(causes)
  })
})

describe('a worker that cuts no frames', () => {
  const after = (...seconds: number[]): Condition =>
    seconds.reduce<Condition>((worker, second) => judgeFrame(worker, { ...easy, second }), ok())

  it.each<[string, number[], number, number]>([
    ['for 5 s is not silent', [0, 5], 0, 0],
    ['for longer is, and what it launched then is on record', [0, 6], 1, 10],
    ['twice is silent twice', [0, 6, 7, 20], 2, 20],
    ['is not silent when a frame comes out of turn', [0, 4, 1, 2, 3, 5], 0, 0],
  ])('%s', (_, seconds, silences, arrivals) => {
    const worker = after(...seconds)
    expect([worker.silences, worker.silentArrivals, wasSilent(worker)]).toEqual([silences, arrivals, silences > 0])
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
