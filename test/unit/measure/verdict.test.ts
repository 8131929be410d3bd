import { describe, expect, it } from 'vitest'
import type { StepResult } from '../../../src/measure/acceptance.ts'
import { emptyLedger } from '../../../src/measure/ledger.ts'
import { type Evidence, judge, type Verdict } from '../../../src/measure/verdict.ts'

const balanced = { ...emptyLedger(), due: 10, launched: 10, completed: 10 }
const times = { latenessP99: 60_000, latenessMax: 90_000 }
const late = { workers: 1, arrivals: 3, causes: ['lateness' as const], refused: 0, ...times }
const clean: Evidence = {
  ledger: balanced,
  trust: 'trusted',
  requests: 10,
  responses: 10,
  stoppedBy: null,
  aborted: null,
  ...{ steps: null, errorBudget: null },
  lost: { lost: 0, planned: 2, why: '' },
  late: { workers: 0, arrivals: 0, causes: [], refused: 0, latenessP99: 10, latenessMax: 20 },
  silent: { workers: 0, arrivals: 0 },
  gaps: { workers: 0, replaced: 0, lost: 0, of: 10, why: '' },
  cutOff: 0,
  quorum: 1,
  missingFrames: 0,
  problem: null,
  cut: null,
  thresholds: [],
  expectations: { failed: 0, of: 0 },
  suggested: 0,
}
const threshold = { said: 'a < 1', strict: true, ok: false, observed: { a: 2 }, at: null, relative: false }
const unbalanced = { ...balanced, completed: 9 }

describe('a run fails', () => {
  it.each<[string, Partial<Evidence>, string[]]>([
    ['when a threshold does not hold', { thresholds: [threshold] }, ['threshold']],
    ['when an expectation failed', { expectations: { failed: 1, of: 9 } }, ['expectations']],
  ])('%s', (_, change, reasons) => {
    const verdict = judge({ ...clean, ...change })
    expect(verdict.result).toBe('fail')
    expect(verdict.reasons.map(({ kind }) => kind)).toEqual(reasons)
  })

  it('but not on an optional threshold', () => {
    expect(judge({ ...clean, thresholds: [{ ...threshold, strict: false }] }).result).toBe('pass')
  })

  it('and is inconclusive all the same when its data is not whole', () => {
    const verdict = judge({ ...clean, thresholds: [threshold], missingFrames: 1 })
    expect(verdict.result).toBe('inconclusive')
    expect(verdict.reasons.map(({ kind }) => kind)).toEqual(['threshold', 'missing-frames'])
  })
})

describe('a run passes', () => {
  it.each<[string, Partial<Evidence>, string[]]>([
    ['when nothing speaks against it', {}, []],
    ['when some requests were not answered', { responses: 1 }, []],
    ['when it sent no request at all', { requests: 0, responses: 0 }, []],
    ['with a word on late workers, when its trust is only degraded', { trust: 'degraded', late }, ['late']],
  ])('%s', (_, change, reasons) => {
    const verdict = judge({ ...clean, ...change })
    expect(verdict.result).toBe('pass')
    expect(verdict.reasons.map(({ kind }) => kind)).toEqual(reasons)
  })
})

describe('a run is inconclusive', () => {
  it.each<[string, Partial<Evidence>, object]>([
    ['when it was stopped', { stoppedBy: 'SIGTERM' }, { kind: 'stopped', by: 'SIGTERM' }],
    [
      'when a worker was lost',
      { lost: { lost: 1, planned: 2, why: 'killed' } },
      { kind: 'lost-workers', lost: 1, planned: 2, why: 'killed' },
    ],
    ['when a frame is missing', { missingFrames: 1 }, { kind: 'missing-frames', frames: 1 }],
    ['when its ledger is off by one', { ledger: unbalanced }, { kind: 'ledger', ledger: unbalanced }],
    ['when it could not be kept', { problem: 'ENOSPC' }, { kind: 'record', message: 'ENOSPC' }],
    ['when its record is cut off', { cut: { at: 3.5 } }, { kind: 'record-cut', at: 3.5 }],
    ['when nothing was answered', { responses: 0 }, { kind: 'no-response', requests: 10, failed: clean.ledger.failed }],
    ['when its trust is invalid', { trust: 'invalid', late }, { kind: 'late', ...late, of: 10 }],
  ])('%s, and says so', (_, change, reason) => {
    const verdict = judge({ ...clean, ...change })
    expect(verdict.result).toBe('inconclusive')
    expect(verdict.reasons).toEqual([reason])
  })

  it('when its trust is invalid for workers that were lost', () => {
    expect(judge({ ...clean, trust: 'invalid' })).toEqual({ result: 'inconclusive', trust: 'invalid', reasons: [] })
  })

  it('for every reason there is, what the user did himself first', () => {
    const all = {
      stoppedBy: 'SIGINT',
      lost: { lost: 1, planned: 2, why: '' },
      missingFrames: 2,
      ledger: unbalanced,
    } as const
    const { reasons } = judge({ ...clean, ...all, late, responses: 0, problem: 'full' })
    const kinds = ['stopped', 'lost-workers', 'missing-frames', 'ledger', 'record', 'no-response', 'late']
    expect(reasons.map(({ kind }) => kind)).toEqual(kinds)
  })
})

describe('the quorum', () => {
  const twenty = (lost: number, quorum: number, trust: Evidence['trust'] = 'degraded'): Verdict =>
    judge({ ...clean, trust, lost: { lost, planned: 20, why: 'killed' }, quorum })

  it.each([
    ['all by default', 1, 1, 'inconclusive'],
    ['met to the worker', 1, 0.95, 'pass'],
    ['missed by one', 2, 0.95, 'inconclusive'],
    ['of nobody', 19, 0, 'pass'],
  ])('%s', (_, lost, quorum, result) => {
    const verdict = twenty(lost, quorum)
    expect(verdict.result).toBe(result)
    expect(verdict.reasons).toMatchObject([{ kind: 'lost-workers', lost }])
  })

  it('does not make an invalid run conclusive', () => {
    expect(twenty(1, 0.5, 'invalid').result).toBe('inconclusive')
  })

  it('does not forgive virtual users that a worker cut off', () => {
    const lost = { lost: 1, planned: 20, why: 'killed' }
    expect(judge({ ...clean, lost, quorum: 0.9, cutOff: 1 }).reasons.map(({ kind }) => kind)).toEqual([
      'cut-off',
      'lost-workers',
    ])
  })
})

describe('a monitoring round', () => {
  const step = (arrival: number, failed: number, error: string | null = null): StepResult => ({
    ...{ arrival, scenario: 'shop', step: 'GET /', status: 200, took: 1_000, error },
    asserted: Array.from({ length: 2 }, (_, i) => ({ ok: i >= failed, said: 'status' })),
  })
  const judged = (steps: StepResult[], errorBudget: number): Verdict => judge({ ...clean, steps, errorBudget })

  it('counts each assertion that does not hold, and what ended a virtual user, as one error', () => {
    const steps = [step(0, 0), step(1, 2), step(1, 0), step(2, 1, 'no answer')]
    const { result, reasons } = judged(steps, 3)
    expect(result).toBe('fail')
    expect(reasons).toEqual([{ kind: 'monitoring', budget: 3, errors: 4, samples: 3, failed: 2, scenarios: ['shop'] }])
  })

  it('passes with as many errors as its budget has, and says so', () => {
    expect(judged([step(0, 1), step(1, 1)], 2)).toMatchObject({ result: 'pass', reasons: [{ errors: 2, budget: 2 }] })
    expect(judged([step(0, 0)], 0)).toEqual({ result: 'pass', trust: 'trusted', reasons: [] })
  })

  it('shows nothing when it is not whole', () => {
    expect(judge({ ...clean, steps: [step(0, 0)], errorBudget: 2, stoppedBy: 'SIGTERM' }).result).toBe('inconclusive')
  })
})
