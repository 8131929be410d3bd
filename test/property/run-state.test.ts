/** The conductor's state under faults: frames doubled, reordered and lost, workers that end well or are gone. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { balances, emptyLedger, type Ledger } from '../../src/measure/ledger.ts'
import { judge, type Verdict } from '../../src/measure/verdict.ts'
import { owned } from '../../src/plan/arrivals.ts'
import { slicesOf } from '../../src/plan/slices.ts'
import { evidence } from '../../src/run/evidence.ts'
import { begin, countWorkers, ledgerOf, type RunEvent, type RunState, reduce } from '../../src/run/state.ts'
import { constant, frameBytes } from '../support/arbitraries.ts'
import { planOf } from '../support/plans.ts'
import { holds } from '../support/property.ts'

const ARRIVALS = 60
const asked = { thresholds: [], suggested: 0, quorum: 1, aborted: null, steps: null, errorBudget: null }

/** What becomes of one arrival, and in which of its worker's frames that is told (launch, then end). */
type Fate = { as: 'completed' | 'failed' | 'unfinished' | 'skipped' | 'lost'; toldIn: number; endsIn: number }
/** What happens to one frame on its way. */
type Way = 'arrives' | 'doubled' | 'late' | 'missing'
/** A worker of the run: its frames' ways, and whether it says `done` before it goes. */
type Worker = { ways: Way[]; ending: 'done' | 'gone' }

const fates = fc.array(
  fc.record({
    as: fc.constantFrom<Fate['as'][]>('completed', 'completed', 'failed', 'unfinished', 'skipped', 'lost'),
    toldIn: fc.nat(5),
    endsIn: fc.nat(5),
  }),
  { minLength: ARRIVALS, maxLength: ARRIVALS },
)
const worker = (ways: fc.Arbitrary<Way>, endings: Worker['ending'][]): fc.Arbitrary<Worker> =>
  fc.record({ ways: fc.array(ways, { minLength: 1, maxLength: 6 }), ending: fc.constantFrom(...endings) })
const runs = (
  ways: Way[],
  endings: Worker['ending'][],
): fc.Arbitrary<{ workers: Worker[]; fates: Fate[]; mixing: number[] }> =>
  fc.record({
    workers: fc.array(worker(fc.constantFrom(...ways), endings), { minLength: 1, maxLength: 5 }),
    fates,
    mixing: fc.array(fc.nat(4), { minLength: 200, maxLength: 200 }),
  })

/** The counters of each frame of a worker, and the ledger that it ends with. */
function work(fatesOfMine: readonly Fate[], frames: number): { counters: Record<string, number>[]; ledger: Ledger } {
  const ledger = { ...emptyLedger(), due: fatesOfMine.length }
  const counters = Array.from({ length: frames }, (): Record<string, number> => ({}))
  const tell = (frame: number, what: keyof Ledger): void => {
    ledger[what]++
    const into = counters[Math.min(frame, frames - 1)]
    if (into) into[what] = (into[what] ?? 0) + 1
  }
  for (const { as, toldIn, endsIn } of fatesOfMine) {
    if (as === 'lost') ledger.lost++
    else if (as === 'skipped') tell(toldIn, 'skipped')
    else {
      tell(toldIn, 'launched')
      if (as === 'unfinished') ledger.unfinished++
      else tell(Math.max(toldIn, endsIn), as)
    }
  }
  return { counters, ledger }
}

/** All that one worker causes, in the order in which the fleet hands it on: its frames as they come, then its end. */
function eventsOf(slice: number, { ways, ending }: Worker, fatesOfMine: readonly Fate[]): RunEvent[] {
  const { counters, ledger } = work(fatesOfMine, ways.length)
  const frames = counters.map((told, seq): RunEvent => {
    const bytes = frameBytes({
      slice,
      seq,
      second: seq,
      counters: { ...told, responses: 1 },
      samples: { lateness: [seq] },
    })
    return { type: 'frame', slice, bytes }
  })
  const coming = frames.flatMap((frame, i) => {
    const times = { arrives: 1, doubled: 2, late: 0, missing: 0 }[ways[i] ?? 'arrives']
    return Array<RunEvent>(times).fill(frame)
  })
  const late = frames.filter((_, i) => ways[i] === 'late').toReversed()
  const end: RunEvent[] = ending === 'done' ? [{ type: 'done', slice, attempt: 1, ledger, frames: frames.length }] : []
  return [
    { type: 'ready', slice, attempt: 1, at: 0 },
    ...coming,
    ...late,
    ...end,
    { type: 'gone', slice, attempt: 1, again: false, reason: 'its stream ended', billed: null },
  ]
}

/** The workers' events mixed as they might come over several streams: each worker's own stay in order. */
function mix(streams: readonly RunEvent[][], mixing: readonly number[]): RunEvent[] {
  const rest = streams.map((events) => [...events])
  const mixed: RunEvent[] = []
  for (let i = 0; rest.some(({ length }) => length > 0); i++) {
    const open = rest.filter(({ length }) => length > 0)
    const next = open[(mixing[i % mixing.length] ?? 0) % open.length]?.shift()
    if (next) mixed.push(next)
  }
  return mixed
}

type Run = { workers: Worker[]; fates: Fate[]; mixing: number[] }

function carryOut({ workers, fates, mixing }: Run): { states: RunState[]; verdict: Verdict } {
  const plan = planOf([constant(ARRIVALS / 10, 10)], workers.length)
  const streams = workers.map((worker, slice) => {
    const mine = fates.filter((_, k) => k % workers.length === slice)
    expect(owned(plan.profile, slicesOf(plan.windows)[slice] ?? expect.fail()).count).toBe(mine.length)
    return eventsOf(slice, worker, mine)
  })
  const states = [begin(plan, 0)]
  for (const [i, event] of mix(streams, mixing).entries()) states.push(reduce(states.at(-1) ?? expect.fail(), event, i))
  return {
    states,
    verdict: judge(evidence(last(states), { problem: null, cut: null }, asked)),
  }
}
const last = (states: readonly RunState[]): RunState => states.at(-1) ?? expect.fail()

const tally = (fates: readonly Fate[]): Ledger => {
  const is = (...as: Fate['as'][]): number => fates.filter((fate) => as.includes(fate.as)).length
  return {
    ...{
      due: fates.length,
      launched: is('completed', 'failed', 'unfinished'),
      skipped: is('skipped'),
      lost: is('lost'),
    },
    ...{ completed: is('completed'), failed: is('failed'), unfinished: is('unfinished') },
  }
}

describe('when every frame of every worker came, once or twice and in any order', () => {
  it('the ledger is that of what really became of each arrival, and the run passes unless some were cut off or too many lost', () => {
    holds(
      runs(['arrives', 'doubled', 'late'], ['done']),
      (run) => {
        const { states, verdict } = carryOut(run)
        const state = last(states)
        expect(ledgerOf(state)).toEqual(tally(run.fates))
        expect(balances(ledgerOf(state))).toBe(true)
        const { unfinished, lost } = tally(run.fates)
        const kinds = [...(unfinished > 0 ? ['cut-off'] : []), ...(lost > 0 ? ['gaps'] : [])]
        expect(verdict.reasons.map(({ kind }) => kind)).toEqual(kinds)
        // Nobody ended this run: what its workers lost they had no reason to.
        const trust =
          lost === 0 ? 'trusted' : lost > 0.2 * (ARRIVALS - tally(run.fates).skipped) ? 'invalid' : 'degraded'
        expect(verdict.trust).toBe(trust)
        expect(verdict.result).toBe(unfinished > 0 || trust === 'invalid' ? 'inconclusive' : 'pass')
        expect(countWorkers(state, 'done')).toBe(run.workers.length)
      },
      { runs: 300 },
    )
  })
})

describe('when a frame is missing', () => {
  it('the run never passes: it is known how many are, and a launch untold shows in the ledger', () => {
    holds(
      runs(['arrives', 'doubled', 'late', 'missing'], ['done']),
      (run) => {
        const { states, verdict } = carryOut(run)
        const missing = run.workers.flatMap(({ ways }) => ways).filter((way) => way === 'missing').length
        expect(evidence(last(states), { problem: null, cut: null }, asked).missingFrames).toBe(missing)
        if (missing > 0) expect(verdict.result).toBe('inconclusive')
        const { due, launched, skipped, lost } = ledgerOf(last(states))
        const untold = tally(run.fates).launched + tally(run.fates).skipped - launched - skipped
        expect(due - launched - skipped - lost).toBe(untold)
        if (untold > 0) expect(verdict.reasons.map(({ kind }) => kind)).toContain('ledger')
      },
      { runs: 300 },
    )
  })
})

describe('when a worker is gone without a word', () => {
  it('its ledger balances, with what is in no frame counted as lost', () => {
    holds(
      runs(['arrives', 'doubled', 'late'], ['done', 'gone']),
      (run) => {
        const { workers } = last(carryOut(run).states)
        const lost = workers.filter(({ is }) => is === 'lost')
        expect(lost.length).toBe(run.workers.filter(({ ending }) => ending === 'gone').length)
        expect(workers.filter(({ ledger }) => !balances(ledger))).toEqual([])
      },
      { runs: 300 },
    )
  })

  it('the run never passes, whatever became of its frames', () => {
    holds(
      runs(['arrives', 'doubled', 'late', 'missing'], ['done', 'gone']),
      (run) => {
        const { verdict } = carryOut(run)
        const gone = run.workers.some(({ ending }) => ending === 'gone')
        expect(verdict.reasons.some(({ kind }) => kind === 'lost-workers')).toBe(gone)
        if (gone) expect(verdict.result).toBe('inconclusive')
      },
      { runs: 300 },
    )
  })
})

describe('at every moment of a run', () => {
  it('what is due stays the plan’s, and it is over exactly when all workers are', () => {
    holds(
      runs(['arrives', 'doubled', 'late', 'missing'], ['done', 'gone']),
      (run) => {
        const { states } = carryOut(run)
        for (const state of states) {
          expect(ledgerOf(state).due).toBe(ARRIVALS)
          const ended = countWorkers(state, 'done', 'lost')
          expect(state.stage === 'over').toBe(ended === run.workers.length)
        }
      },
      { runs: 200 },
    )
  })
})
