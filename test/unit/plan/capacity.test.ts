import { describe, expect, it } from 'vitest'
import {
  arrivalRatePerWorker,
  artilleryPower,
  leastWorkers,
  meanPower,
  nativePower,
} from '../../../src/plan/capacity.ts'

/** So round that each limit can be seen: 100 one-request virtual users a second, 800 at once. */
const power = { ...artilleryPower, cpu: 0.5, vuSeconds: 0.004, requestSeconds: 0.001, connections: 800 }
const shape = (requests: number, seconds: number) => ({ requests, seconds })

describe('the least number of workers', () => {
  it.each([
    ['is one for nothing', 0, null, shape(1, 1), { workers: 1, decidedBy: 'least' }],
    ['is one up to what one can start', 100, null, shape(1, 1), { workers: 1, decidedBy: 'least' }],
    ['grows with the arrival rate', 101, null, shape(1, 1), { workers: 2, decidedBy: 'cpu' }],
    ['grows with the requests of a virtual user', 100, null, shape(6, 1), { workers: 2, decidedBy: 'cpu' }],
    [
      'grows with how long virtual users live: 50/s × 60 s are 3,000 at once',
      50,
      null,
      shape(1, 60),
      { workers: 4, decidedBy: 'connections' },
    ],
    ['counts no more virtual users at once than maxVusers', 50, 700, shape(1, 60), { workers: 1, decidedBy: 'least' }],
    ['grows with the bytes', 1_000, null, shape(100, 0.1), { workers: 208, decidedBy: 'cpu' }],
    ['is never over maxVusers', 1_000, 3, shape(1, 1), { workers: 3, decidedBy: 'max-vusers' }],
  ])('%s', (_, peak, maxVusers, vu, need) => {
    expect(leastWorkers(peak, maxVusers, vu, power)).toEqual(need)
  })

  it('is decided by bandwidth when requests are cheap and heavy', () => {
    const heavy = { ...power, requestSeconds: 0, megabitsPerRequest: 8 }
    expect(leastWorkers(100, null, shape(10, 0.1), heavy)).toEqual({ workers: 13, decidedBy: 'bandwidth' })
  })
})

it('one worker with Artillery’s engine is given 240 one-request virtual users a second', () => {
  expect(arrivalRatePerWorker(artilleryPower, shape(1, 0.2))).toBeCloseTo(240)
})

describe('a worker with virtual users of several kinds', () => {
  const cheap = { ...power, vuSeconds: 0.001, requestSeconds: 0.0001, connections: 900 }
  const cost = ({ vuSeconds, requestSeconds }: typeof power, requests: number) => vuSeconds + requestSeconds * requests

  it('gives the mean one what all take by their shares', () => {
    const mean = meanPower([
      { share: 0.25, requests: 2, power },
      { share: 0.75, requests: 10, power: cheap },
    ])
    expect(cost(mean, 8)).toBeCloseTo(0.25 * cost(power, 2) + 0.75 * cost(cheap, 10))
    expect(mean).toMatchObject({ cpu: 0.5, connections: 800 })
  })

  it.each([artilleryPower, nativePower])('is what it is for one kind alone, in whatever shares', (one) => {
    const thirds = [1, 2, 3].map((requests) => ({ share: 1 / 3, requests, power: one }))
    const mean = meanPower(thirds)
    expect(arrivalRatePerWorker(mean, shape(2, 1))).toBeCloseTo(arrivalRatePerWorker(one, shape(2, 1)))
  })

  it('takes nothing for requests where there are none', () => {
    expect(meanPower([{ share: 1, requests: 0, power }])).toMatchObject({ vuSeconds: 0.004, requestSeconds: 0 })
  })
})
