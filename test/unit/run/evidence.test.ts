import { describe, expect, it } from 'vitest'
import { emptyLedger } from '../../../src/measure/ledger.ts'
import { named } from '../../../src/measure/names.ts'
import { judge } from '../../../src/measure/verdict.ts'
import { evidence } from '../../../src/run/evidence.ts'
import { begin, type RunEvent, reduce } from '../../../src/run/state.ts'
import { constant, type FrameSketch, frameBytes } from '../../support/arbitraries.ts'
import { planOf } from '../../support/plans.ts'

const asked = { thresholds: [], suggested: 0, quorum: 1, aborted: null, steps: null, errorBudget: null }
const plan = planOf([constant(1, 10)], 2)
const evidenceAfter = (...events: RunEvent[]): ReturnType<typeof evidence> =>
  evidence(
    events.reduce((state, event) => reduce(state, event, 0), begin(plan, 0)),
    { problem: null, cut: null },
    asked,
  )
const frame = (sketch: FrameSketch): RunEvent => ({
  type: 'frame',
  slice: sketch.slice ?? 0,
  bytes: frameBytes(sketch),
})
const whole = (slice: number, samples: Record<string, number[]> = {}): RunEvent =>
  frame({ slice, counters: { launched: 5, completed: 5, requests: 5, responses: 5 }, samples })
const done = (slice: number, frames = 1): RunEvent => ({
  type: 'done',
  slice,
  attempt: 1,
  frames,
  ledger: { ...emptyLedger(), due: 5 },
})
const gone = (slice: number): RunEvent => ({
  type: 'gone',
  slice,
  attempt: 1,
  again: false,
  reason: `worker ${slice} was killed`,
  billed: null,
})

describe('the evidence of a run', () => {
  it('that went well speaks for it', () => {
    const clean = evidenceAfter(whole(0), done(0), whole(1), done(1))
    expect(clean).toMatchObject({ trust: 'trusted', requests: 10, responses: 10, missingFrames: 0, stoppedBy: null })
    expect(judge(clean)).toEqual({ result: 'pass', trust: 'trusted', reasons: [] })
  })

  it('counts the frames that a worker says it sent and that never came', () => {
    expect(evidenceAfter(whole(0), done(0, 3), whole(1), done(1)).missingFrames).toBe(2)
  })

  it('does not count frames of a worker that never said how many', () => {
    expect(evidenceAfter(whole(0), gone(0), whole(1), done(1)).missingFrames).toBe(0)
  })

  it('names the lost workers and the first one’s trouble', () => {
    expect(evidenceAfter(gone(1), gone(0)).lost).toEqual({ lost: 2, planned: 2, why: 'worker 0 was killed' })
  })

  it('holds what a lost worker launched, and what was lost with it, against the trust', () => {
    expect(evidenceAfter(whole(0), done(0), gone(1)).trust).toBe('invalid')
    expect(evidenceAfter(whole(0), done(0), frame({ slice: 1, counters: { launched: 2 } }), gone(1)).trust).toBe(
      'invalid',
    )
  })

  it('holds the late arrivals of a worker against the trust, and shows how late', () => {
    const late = [0, 1, 2].map((seq) =>
      frame({ seq, second: seq, counters: { launched: 1 }, samples: { lateness: [80_000] } }),
    )
    const { trust, late: found } = evidenceAfter(...late, done(0, 3), whole(1, { lateness: [5, 5, 5, 5, 5] }), done(1))
    expect(trust).toBe('invalid')
    expect(found).toMatchObject({ workers: 1, arrivals: 3, latenessMax: 80_000 })
  })

  it('holds connections that a worker’s own machine refused it against the trust', () => {
    const short = {
      launched: 2,
      [named('errors', 'error', 'EADDRNOTAVAIL')]: 1,
      [named('errors', 'error', 'EMFILE')]: 3,
    }
    const { trust, late } = evidenceAfter(frame({ counters: short }), done(0), whole(1), done(1))
    expect(trust).toBe('invalid')
    expect(late).toMatchObject({ workers: 1, arrivals: 2, causes: ['sockets', 'ports'], refused: 4 })
    const theirs = { launched: 2, [named('errors', 'error', 'ECONNREFUSED')]: 4 }
    expect(evidenceAfter(frame({ counters: theirs }), done(0), whole(1), done(1)).trust).toBe('trusted')
  })

  it('passes on why the record could not be written', () => {
    expect(evidence(begin(plan, 0), { problem: 'ENOSPC: no space left', cut: null }, asked)).toMatchObject({
      problem: 'ENOSPC: no space left',
      cut: null,
    })
  })

  it('passes on the first of what workers could not keep, unless the record itself could not be', () => {
    const told = [1, 2].map((slice) => ({ type: 'unkept', slice, message: `no room for ${slice}` }) as const)
    const state = told.reduce((before, event) => reduce(before, event, 0), begin(plan, 0))
    expect(evidence(state, { problem: null, cut: null }, asked)).toMatchObject({ problem: 'no room for 1' })
    expect(evidence(state, { problem: 'ENOSPC', cut: null }, asked)).toMatchObject({ problem: 'ENOSPC' })
  })
})
