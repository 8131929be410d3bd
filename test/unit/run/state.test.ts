import { describe, expect, it } from 'vitest'
import { emptyLedger, type Ledger } from '../../../src/measure/ledger.ts'
import type { OwnThreshold } from '../../../src/measure/thresholds.ts'
import { begin, countWorkers, ledgerOf, type RunEvent, type RunState, reduce } from '../../../src/run/state.ts'
import { constant, type FrameSketch, frameBytes } from '../../support/arbitraries.ts'
import { planOf } from '../../support/plans.ts'
import { threshold } from '../../support/screens.ts'

/** Two workers, five arrivals each. */
const plan = planOf([constant(1, 10)], 2)
const START = 1_000_000

/** What a state becomes when each of the events happens a second after the one before. */
const stateAfter = (...events: RunEvent[]): RunState =>
  events.reduce((state, event, i) => reduce(state, event, START + (i + 1) * 1000), begin(plan, START))

const frame = (sketch: FrameSketch): RunEvent => ({
  type: 'frame',
  slice: sketch.slice ?? 0,
  bytes: frameBytes(sketch),
})
const done = (slice: number, frames: number, ledger: Partial<Ledger> = {}): RunEvent => ({
  ...{ type: 'done', slice, attempt: 1, frames },
  ledger: { ...emptyLedger(), due: 5, ...ledger },
})
const go: RunEvent = { type: 'go', t0: START + 3_000 }
const allLaunched = { launched: 5, completed: 4, failed: 1 }

describe('a run', () => {
  it('begins warming, with every arrival due and none launched', () => {
    const state = begin(plan, START)
    expect(state).toMatchObject({ stage: 'warming', t0: null, at: 0, stoppedBy: null })
    expect(state.workers.map(({ is }) => is)).toEqual(['waiting', 'waiting'])
    expect(ledgerOf(state)).toEqual({ ...emptyLedger(), due: 10 })
  })

  it('runs from go on, its time negative until T0', () => {
    expect(stateAfter(go)).toMatchObject({ stage: 'running', t0: START + 3_000, at: -2 })
    expect(stateAfter(go, { type: 'tick' }, { type: 'tick' }, { type: 'tick' }).at).toBe(1)
  })

  it('stays warming while nothing but ticks happens', () => {
    expect(stateAfter({ type: 'tick' }, { type: 'tick' })).toMatchObject({ stage: 'warming', at: 0 })
  })

  it('is over when the last worker is done or lost', () => {
    const gone: RunEvent = { type: 'gone', slice: 1, attempt: 1, again: false, reason: 'exit code 1', billed: null }
    expect(stateAfter(go, done(0, 0)).stage).toBe('running')
    expect(stateAfter(go, done(0, 0), gone).stage).toBe('over')
  })

  it('keeps nothing of a frame’s bytes: they are used again', () => {
    const failure = { code: 'E', message: 'm', scenario: 's', endpoint: 'GET /', status: 500, arrival: 1, second: 0 }
    const counters = { launched: 5, completed: 4, failed: 1, 'requests{phase=0}': 5, 'errors{error=E}': 1 }
    const samples = { response: [3, 70_000], 'response{phase=0}': [3, 70_000] }
    const sketch = { counters, samples, failures: [failure] }
    const heardWith = (isUsedAgain: boolean): RunState => {
      const events = [0, 1].map((slice) => frame({ ...sketch, slice }))
      let state = stateAfter({ type: 'go', t0: START })
      for (const event of events) {
        state = reduce(state, event, START + 500)
        if (isUsedAgain && event.type === 'frame') event.bytes.fill(0xff)
      }
      return reduce(state, { type: 'tick' }, START + 4_000)
    }
    const [kept, used] = [heardWith(false), heardWith(true)]
    expect(used).toEqual(kept)
    expect(used.totals.failures.get('E')).toEqual(failure)
    expect(used.recent.seconds.map(({ errors }) => errors.get('E') ?? 0)).toContain(2)
  })

  it('judges a second when all workers that send frames have sent theirs, or half a second later without', () => {
    const most = (span: number | null): OwnThreshold => threshold('launched > 1', { span, abort: true })
    const started = [0, 1].map((slice): RunEvent => ({ type: 'ready', slice, attempt: 1, at: 0 }))
    const at = (seconds: number, ...events: RunEvent[]): RunState => {
      const begun = begin(plan, START, { thresholds: [most(1)], strict: false })
      const state = [...started, { type: 'go', t0: START } as const].reduce(
        (state, event) => reduce(state, event, START),
        begun,
      )
      const heard = events.reduce((state, event) => reduce(state, event, START + 900), state)
      return reduce(heard, { type: 'tick' }, START + seconds * 1000)
    }
    // Nobody has been heard of: that is no second without load.
    expect(at(1.2).thresholds.tripped()).toBe(null)
    expect(at(1.6).thresholds.tripped()).toEqual({ threshold: 0, at: 1 })
    const both = [0, 1].map((slice) => frame({ slice, second: 0, counters: { launched: 1 } }))
    expect(at(1.1, ...both).thresholds.now).toMatchObject([{ ok: true, observed: { launched: 2 } }])
    expect(at(1.1, ...both.slice(0, 1)).thresholds.now).toMatchObject([{ ok: null }])
  })

  it('is due what steering makes of the plan; who is gone launches none of what comes anew', () => {
    const gone: RunEvent = { type: 'gone', slice: 1, attempt: 1, again: false, reason: 'exit code 1', billed: null }
    const twice: RunEvent = { type: 'steered', epochs: [{ at: 5, kind: 'scale', scale: 3 }] }
    const state = stateAfter(go, frame({ counters: { launched: 1 } }), gone, twice)
    expect(state.profile.arrivals).toBe(20)
    expect(state.workers.map(({ ledger: { due, launched, lost } }) => [due, launched, lost])).toEqual([
      [10, 1, 0],
      [10, 0, 10],
    ])
    const paused = reduce(state, { type: 'steered', epochs: [{ at: 4, kind: 'pause' }] }, START)
    expect(ledgerOf(paused).due).toBe(4)
    expect(paused.plan.arrivals).toBe(10)
  })

  it('does not count the seconds of a clock that has gone mad', () => {
    const state = reduce(stateAfter(go), { type: 'tick' }, 1e300)
    expect(state.recent.seconds.at(-1)?.second).toBe(86_400 + 10 - 1)
  })

  it('remembers who stopped it first', () => {
    expect(stateAfter({ type: 'stop', by: 'SIGTERM' }, { type: 'stop', by: 'SIGINT' }).stoppedBy).toBe('SIGTERM')
  })

  it('replaces its workers and never changes them, so that who has looked at one knows how it was', () => {
    const state = stateAfter(go)
    const workers = [...state.workers]
    const before = structuredClone(workers)
    reduce(state, frame({ counters: { launched: 3 } }), START)
    expect(workers).toEqual(before)
    expect(state.workers).not.toEqual(before)
  })

  it('knows how many workers are so, whatever has become of them', () => {
    const gone = (again: boolean) => ({ type: 'gone', slice: 0, attempt: 1, reason: 'x', billed: null, again }) as const
    const launch = { type: 'launched', slices: [0], attempt: 1 } as const
    for (const events of [
      [launch],
      [launch, go, frame({})],
      [launch, gone(true)],
      [launch, gone(false), gone(false)],
    ]) {
      const { workers, are } = stateAfter(...events)
      for (const [is, number] of Object.entries(are))
        expect(number, is).toBe(workers.filter((worker) => worker.is === is).length)
    }
  })
})

describe('a worker', () => {
  it('is ready, then running with its first frame, then done', () => {
    const ready: RunEvent = { type: 'ready', slice: 0, attempt: 1, at: 0 }
    const stages = [stateAfter(ready), stateAfter(ready, go, frame({})), stateAfter(ready, go, frame({}), done(0, 1))]
    expect(stages.map(({ workers }) => workers[0]?.is)).toEqual(['ready', 'running', 'done'])
    expect(stages.map((state) => countWorkers(state, 'ready', 'running'))).toEqual([1, 1, 0])
  })

  it('was heard of when it last said something, not when others did', () => {
    const state = stateAfter(
      { type: 'ready', slice: 0, attempt: 1, at: 0 },
      { type: 'ready', slice: 1, attempt: 1, at: 0 },
      { type: 'tick' },
    )
    expect(state.workers.map(({ heardAt }) => heardAt - START)).toEqual([1000, 2000])
  })

  it('has the ledger that its frames add up to', () => {
    const state = stateAfter(
      go,
      frame({ seq: 0, counters: { launched: 3, completed: 1, requests: 99 } }),
      frame({ seq: 1, counters: { launched: 1, skipped: 1, completed: 2, failed: 1 } }),
    )
    expect(state.workers[0]?.ledger).toEqual({
      ...{ due: 5, launched: 4, skipped: 1, lost: 0, completed: 3, failed: 1, unfinished: 0 },
    })
  })

  it('shows the memory and the virtual users at work of its last frame', () => {
    const state = stateAfter(
      frame({ seq: 0, memoryBytes: 5e7, inFlight: 3 }),
      frame({ seq: 1, memoryBytes: 6e7, inFlight: 9 }),
    )
    expect(state.workers[0]).toMatchObject({ memoryBytes: 6e7, inFlight: 9 })
    expect(stateAfter(frame({ inFlight: 9 }), done(0, 1)).workers[0]?.inFlight).toBe(0)
  })

  it('counts a doubled frame once, and shows nothing of it again', () => {
    const once = frame({ seq: 0, inFlight: 4, counters: { launched: 3 } })
    const [worker] = stateAfter(once, frame({ seq: 1, inFlight: 7 }), once).workers
    expect(worker).toMatchObject({ inFlight: 7, ledger: { launched: 3 } })
  })

  it('says itself what it lost and left unfinished when it is done', () => {
    const state = stateAfter(frame({ counters: { launched: 3, completed: 2 } }), done(0, 1, { lost: 2, unfinished: 1 }))
    expect(state.workers[0]).toMatchObject({
      attempts: [{ own: { frames: 1 } }],
      ledger: { launched: 3, lost: 2, unfinished: 1 },
    })
  })

  it('that is gone has lost what is in no frame', () => {
    const state = stateAfter(frame({ counters: { launched: 3, skipped: 1, completed: 1, failed: 1 } }), {
      ...{ type: 'gone', slice: 0, attempt: 1, again: false, reason: 'killed', billed: null },
    })
    expect(state.workers[0]).toMatchObject({ is: 'lost', trouble: { reason: 'killed', fault: null } })
    expect(state.workers[0]?.ledger).toMatchObject({ due: 5, launched: 3, skipped: 1, lost: 1, unfinished: 1 })
  })

  it('that is gone, its launches in a frame that never came, has no ledger below 0', () => {
    const state = stateAfter(frame({ seq: 1, counters: { completed: 1 } }), {
      ...{ type: 'gone', slice: 0, attempt: 1, again: false, reason: 'killed', billed: null },
    })
    expect(Object.values(state.workers[0]?.ledger ?? {}).filter((n) => n < 0)).toEqual([])
  })

  it('that is gone after it was done is still done', () => {
    const state = stateAfter(frame({ counters: allLaunched }), done(0, 1), {
      ...{ type: 'gone', slice: 0, attempt: 1, again: false, reason: 'ended', billed: null },
    })
    expect(state.workers[0]).toMatchObject({ is: 'done', trouble: null })
  })

  it('that is gone after a fault is lost for that fault', () => {
    const fault = { type: 'fault', code: 'worker', message: 'out of memory', at: null } as const
    const state = stateAfter(
      { type: 'fault', slice: 0, attempt: 1, fault },
      { type: 'gone', slice: 0, attempt: 1, again: false, reason: 'exit code 1', billed: null },
    )
    expect(state.workers[0]?.trouble).toEqual({ reason: 'out of memory', fault })
  })
})

describe('a worker’s condition', () => {
  const lateFrame = (seq: number): RunEvent =>
    frame({ seq, second: seq, counters: { launched: 1 }, samples: { lateness: [70_000] } })

  it('is judged by the lateness of its frames, for three seconds', () => {
    expect(stateAfter(lateFrame(0), lateFrame(1)).workers[0]?.condition.lateArrivals).toBe(0)
    expect(stateAfter(lateFrame(0), lateFrame(1), lateFrame(2)).workers[0]?.condition.lateArrivals).toBe(3)
  })

  it('is not judged by a frame that launched nothing', () => {
    const state = stateAfter(lateFrame(0), lateFrame(1), frame({ seq: 2, second: 2 }), lateFrame(3))
    expect(state.workers[0]?.condition.lateArrivals).toBe(3)
  })

  it('is its own: the late frames of another worker do not count', () => {
    const other = (seq: number): RunEvent =>
      frame({ slice: 1, seq, second: seq, counters: { launched: 1 }, samples: { lateness: [70_000] } })
    expect(stateAfter(lateFrame(0), other(0), lateFrame(1), other(1)).workers.map((w) => w.condition.pending)).toEqual([
      2, 2,
    ])
  })
})
