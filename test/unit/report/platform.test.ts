import { describe, expect, it } from 'vitest'
import { platformLines, startOf } from '../../../src/report/platform.ts'
import type { ReportJson } from '../../../src/report/schema.ts'
import { begin, type RunEvent, type RunState, reduce } from '../../../src/run/state.ts'
import { constant, frameBytes } from '../../support/arbitraries.ts'
import { planOf } from '../../support/plans.ts'

function stateAfter(...events: [number, RunEvent][]): RunState {
  const first = begin(planOf([constant(3, 4)], 3), 0)
  return events.reduce((state, [now, event]) => reduce(state, event, now), first)
}
const launched: [number, RunEvent] = [1_000, { type: 'launched', slices: [0, 1, 2], attempt: 1 }]
const ready = (slice: number, at: number, heard: number): [number, RunEvent] => [
  heard,
  { type: 'ready', slice, attempt: 1, at },
]
/** A frame of a whole second, heard so long after it had ended on the worker's clock. */
const frame = (slice: number, second: number, after: number): [number, RunEvent] => [
  10_000 + (second + 1) * 1_000 + after,
  { type: 'frame', slice, bytes: frameBytes({ slice, seq: second, second }) },
]

describe('how workers started', () => {
  it('is not known before one is ready', () => {
    expect(startOf(stateAfter(launched).workers)).toEqual({ ready_ms: null, skew_ms: null })
  })

  it('is the time from their launch until they were heard', () => {
    const { workers } = stateAfter(launched, ready(2, 1_400, 1_500), ready(0, 1_890, 1_900), ready(1, 3_990, 4_000))
    expect(startOf(workers)).toEqual({ ready_ms: { min: 500, p50: 900, max: 3_000 }, skew_ms: 90 })
  })

  it('takes the least delay of each worker, of its frames too, but for the first', () => {
    const go: [number, RunEvent] = [9_000, { type: 'go', t0: 10_000 }]
    const heard = [ready(0, 1_000, 1_300), ready(1, 1_000, 1_050), go, frame(0, 0, 5), frame(0, 1, 60), frame(0, 2, 40)]
    // A clock that is ahead tells of moments that have not come here yet.
    expect(startOf(stateAfter(launched, ...heard, frame(1, 1, -20)).workers).skew_ms).toBe(60)
  })

  it('says nothing of what was read from the store', () => {
    const fetched: [number, RunEvent] = [1_000, { type: 'fetched' }]
    const { workers } = stateAfter(launched, fetched, ready(0, 2_000, 2_000), ready(1, 2_000, 2_000))
    expect(startOf(workers)).toEqual({ ready_ms: null, skew_ms: null })
  })
})

type Said = Parameters<typeof platformLines>[0]
const counted = {
  ...{ at: '2026-11-20T22:15:30.000Z', isWhole: true, invocations: 4, errors: 0, throttles: 1, concurrent: 4 },
  duration_ms: 61_240,
}
const platform: NonNullable<ReportJson['platform']> = {
  ...{ stage: 'dev', region: 'eu-west-1', function: 'slsart-dev-worker', arch: 'arm64', memoryMb: 1_769, counted },
  billed: { seconds: 241.5, workers: 4, unknown: 0 },
}
const said: Said = {
  run: { id: 'a', regions: ['eu-west-1'] },
  workers: { start: { ready_ms: { min: 410, p50: 600, max: 1_240 }, skew_ms: 12 } },
  costUsd: { estimated: 0.0061, actual: 0.0057, atLeast: 0.0057, atMost: 0.0058, cap: null, billed: platform.billed },
  platform,
}

describe('what is said of a run on Lambda', () => {
  it('is nothing of a run on this machine', () => {
    expect(platformLines({ ...said, platform: null, costUsd: null })).toEqual([])
  })

  it('is where it ran, how it started, what it cost and what Lambda counted', () => {
    expect(platformLines(said)).toEqual([
      ['lambda', 'slsart-dev-worker in eu-west-1, arm64, 1,769 MB'],
      ['start', 'ready 0.4 s (min), 0.6 s (median), 1.2 s (max) after their launch; skew 12 ms'],
      ['cost', '$0.0057 for 4 workers billed 241.5 s, $0.0061 was estimated'],
      ['counted', '4 invocations, 0 errors, 1 throttle, at most 4 at once, the longest 61.2 s'],
    ])
  })

  it('names all of its regions', () => {
    const [[, line] = []] = platformLines({ ...said, run: { id: 'a', regions: ['eu-west-1', 'us-east-1'] } })
    expect(line).toBe('slsart-dev-worker in eu-west-1 + us-east-1, arm64, 1,769 MB')
  })

  it.each<[string, Partial<NonNullable<ReportJson['platform']>>, Said['costUsd'], string, string]>([
    [
      'a bill is missing',
      { billed: { seconds: 120, workers: 2, unknown: 2 } },
      {
        ...{ estimated: 0.0061, actual: null, atLeast: 0.003, atMost: 0.0077, cap: 0.01 },
        billed: { seconds: 120, workers: 2, unknown: 2 },
      },
      'at least $0.0030 for 2 workers billed 120 s; Lambda has not said what it bills 2 others: at most $0.0077 in all, $0.0061 was estimated, $0.0100 was allowed',
      '4 invocations, 0 errors, 1 throttle, at most 4 at once, the longest 61.2 s',
    ],
    [
      'the region has no price, and CloudWatch is behind',
      {
        region: 'mars-north-1',
        counted: { ...counted, isWhole: false, invocations: 1, concurrent: null, duration_ms: null },
      },
      { estimated: null, actual: null, atLeast: null, atMost: null, cap: null, billed: platform.billed },
      '4 workers billed 241.5 s; the price in mars-north-1 is not known',
      '1 invocation, 0 errors, 1 throttle; it is a minute or two behind and has not counted all of the run yet: `slsart report a` asks again',
    ],
    [
      'CloudWatch did not answer',
      { counted: null },
      said.costUsd,
      '$0.0057 for 4 workers billed 241.5 s, $0.0061 was estimated',
      'CloudWatch has not been asked, or did not answer: `slsart report a` asks again',
    ],
  ])('says so when %s', (_, change, costUsd, cost, count) => {
    const changed = { ...platform, ...change }
    const run = { id: 'a', regions: [changed.region] }
    const lines = new Map(platformLines({ ...said, run, costUsd, platform: changed }))
    expect([lines.get('cost'), lines.get('counted')]).toEqual([cost, count])
  })
})
