import { describe, expect, it } from 'vitest'
import { ACCOUNT_DEFAULTS, preflight } from '../../../src/plan/preflight.ts'

const windows = (...workers: number[]) => workers.map((n, i) => ({ from: i * 100, to: (i + 1) * 100, workers: n }))
const machine = { workers: 8, startsPer10s: null }

describe('a plan', () => {
  it.each([
    ['that fits exactly', windows(8), 0, machine, []],
    ['with a worker too many', windows(9), 0, machine, [{ what: 'workers', asked: 9, fits: 8 }]],
    [
      'whose neighbours are there together at the seam',
      windows(5, 4),
      2,
      machine,
      [{ what: 'workers', asked: 9, fits: 8 }],
    ],
    [
      'whose windows are so short that three are there together',
      windows(3, 3, 3),
      150,
      machine,
      [{ what: 'workers', asked: 9, fits: 8 }],
    ],
    ['whose neighbours fit together', windows(4, 4, 4), 2, machine, []],
    ['for an account with the defaults', windows(1_000), 30, ACCOUNT_DEFAULTS, []],
    ['that starts no faster than the account lets it', windows(400, 400), 1, { workers: 5_000, startsPer10s: 500 }, []],
    [
      'that would have to start faster than it may',
      windows(4_000),
      30,
      { workers: 5_000, startsPer10s: 1_000 },
      [{ what: 'starts', asked: 4_000, fits: 3_000, seconds: 30 }],
    ],
  ])('%s', (_, plan, startUp, limits, refusals) => {
    expect(preflight(plan, { startUp, session: 1 }, limits)).toEqual(refusals)
  })
})
