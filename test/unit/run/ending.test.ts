import { describe, expect, it } from 'vitest'
import type { Reason, Verdict } from '../../../src/measure/verdict.ts'
import { exitFor } from '../../../src/run/ending.ts'

const ended = (result: Verdict['result'], ...reasons: Reason[]): Verdict => ({ result, trust: 'trusted', reasons })
const sigint: Reason = { kind: 'stopped', by: 'SIGINT' }
const sigterm: Reason = { kind: 'stopped', by: 'SIGTERM' }
const missing: Reason = { kind: 'missing-frames', frames: 1 }
const times = { latenessP99: 60_000, latenessMax: 60_000 }
const late: Reason = { kind: 'late', workers: 1, arrivals: 1, causes: ['lateness'], refused: 0, of: 10, ...times }

const threshold: Reason = { kind: 'threshold', said: 'a < 1', observed: { a: 2 }, at: null, relative: false }
const worse: Reason = { ...threshold, relative: true }
const aborted: Reason = { kind: 'aborted', said: 'a < 1', at: 30 }

describe('the exit code', () => {
  it.each([
    ['of a run that passed is 0', ended('pass'), 0, [0]],
    ['of a run that passed with late workers is 0', ended('pass', late), 0, [0]],
    ['of a failed threshold is 10', ended('fail', threshold, threshold), 10, [10]],
    ['of a run worse than its baseline is 14', ended('fail', worse), 14, [14]],
    ['of a run with both is 10, above 14', ended('fail', worse, threshold), 10, [10, 14]],
    ['of a run that a threshold ended is 11', ended('fail', aborted, threshold), 11, [11, 10]],
    ['of one that is inconclusive beside is 11 too', ended('inconclusive', aborted, missing), 11, [11, 12]],
    ['of failed expectations is 10', ended('fail', { kind: 'expectations', failed: 1, of: 2 }), 10, [10]],
    [
      'of an inconclusive run with a failed threshold is 12, above 10',
      ended('inconclusive', threshold, missing),
      12,
      [12, 10],
    ],
    ['of an inconclusive run is 12', ended('inconclusive', missing), 12, [12]],
    ['of an interrupted run is 130, above 12', ended('inconclusive', sigint), 130, [130, 12]],
    ['of a terminated run is 143, above 12', ended('inconclusive', missing, sigterm), 143, [143, 12]],
  ])('%s', (_, verdict, code, all) => {
    expect(exitFor(verdict)).toEqual({ code, all })
  })
})
