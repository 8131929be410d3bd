/**
 * Losing workers: the real conductor over a simulated fleet in virtual time, to which any schedule of faults happens. Held against what the target
 * saw, and against what the frames that arrived told.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FRAME_VERSION, readFrame } from '../../src/measure/frame.ts'
import { balances, type Ledger } from '../../src/measure/ledger.ts'
import { Totals } from '../../src/measure/merge.ts'
import { judge } from '../../src/measure/verdict.ts'
import { slicesOf } from '../../src/plan/slices.ts'
import { evidence } from '../../src/run/evidence.ts'
import { LiveRun } from '../../src/run/live.ts'
import type { RunHead } from '../../src/run/record.ts'
import { ledgerOf, type RunState } from '../../src/run/state.ts'
import { unpacked } from '../../src/run/unpack.ts'
import { folderStore } from '../../src/store/folder.ts'
import { realWorld } from '../../src/world.ts'
import { constant, ramp } from '../support/arbitraries.ts'
import { planOf } from '../support/plans.ts'
import { often } from '../support/property.ts'
import { type Fate, FINE, simulatedFleet, type Way, type Witness } from '../support/simulated.ts'
import { startEvent } from '../support/worker.ts'

const SECONDS = 12

type Schedule = {
  workers: number
  canKill: boolean
  rising: boolean
  /** Of each slice's attempts, in turn; whoever has none left fares well. */
  fates: Fate[][]
  /** How the load is steered, and when. */
  scale: { at: number; by: number } | null
  /** When somebody ends it. */
  stopsAt: number | null
}

const moment = fc.integer({ min: 0, max: (SECONDS + 4) * 1000 })
const way: fc.Arbitrary<Way> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Way>('arrives') },
  { weight: 2, arbitrary: fc.constantFrom<Way>('doubled', 'dropped', 'damaged') },
  { weight: 2, arbitrary: fc.record({ delayed: fc.integer({ min: 1, max: 4_000 }) }) },
)
const fault: fc.Arbitrary<Fate['fault']> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Fate['fault']>({ kind: 'none' }) },
  { weight: 1, arbitrary: fc.constant<Fate['fault']>({ kind: 'refused' }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('killed' as const), at: moment }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('frozen' as const),
      at: moment,
      span: fc.integer({ min: 500, max: 60_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Fate['fault']>({ kind: 'never' }) },
)
const fate: fc.Arbitrary<Fate> = fc.record({
  startsIn: fc.integer({ min: 100, max: 3_000 }),
  fault,
  ways: fc.oneof(fc.constant([]), fc.array(way, { minLength: 1, maxLength: 8 })),
})
const schedules: fc.Arbitrary<Schedule> = fc.record({
  workers: fc.integer({ min: 1, max: 5 }),
  canKill: fc.boolean(),
  rising: fc.boolean(),
  fates: fc.array(fc.array(fate, { maxLength: 3 }), { minLength: 1, maxLength: 5 }),
  scale: fc.option(fc.record({ at: moment, by: fc.constantFrom(0.5, 2, 3) }), { freq: 4 }),
  stopsAt: fc.option(moment, { freq: 6 }),
})

type Outcome = { state: RunState; witness: Witness; orders: number; failed: boolean }

async function carryOut({ workers, canKill, rising, fates, scale, stopsAt }: Schedule): Promise<Outcome> {
  const plan = planOf([rising ? ramp(0, 20, SECONDS) : constant(10, SECONDS)], workers)
  const of = (slice: number, attempt: number): Fate => fates[slice % fates.length]?.[attempt - 1] ?? FINE
  const { fleet, time, witness, world } = simulatedFleet(
    of,
    { canKill },
    { store: { ...folderStore('/'), get: async () => null } },
  )
  const starts = slicesOf(plan.windows).map((slice, index) => ({
    ...startEvent('/', 'http://127.0.0.1', { duration: 1, arrivals: 1 }),
    ...{ slice, index, profile: plan.profile },
  }))
  const script = { target: '', file: '', warmUp: [], strict: false, quorum: 0.5, scenarios: [], thresholds: [] }
  const head: RunHead = {
    ...{
      schema: 'slsart.run/1',
      frames: FRAME_VERSION,
      id: 'r',
      fleet: fleet.name,
      engine: 'native',
      launchedAt: time.now,
      plan,
      script,
    },
    ...{ acceptance: false, monitoring: null, baseline: null, money: { cap: null, tariff: null }, platform: null },
  }
  const log = { frame: () => {}, event: () => {}, problem: () => null, close: async () => 0 }
  let stop: () => void = () => {}
  const onStop = (listener: (signal: 'SIGINT') => void): (() => void) => {
    stop = () => listener('SIGINT')
    return () => {}
  }
  const live = new LiveRun(head, {
    fleet,
    world: { ...realWorld({ isOurs: false }), ...world, onStop },
    observe: () => {},
    log,
  })
  if (scale !== null) time.after(scale.at, () => live.steer({ kind: 'scale', scale: scale.by }))
  if (stopsAt !== null) time.after(stopsAt, () => stop())
  const over = live.carryOut([starts], { before: null, after: null })
  await time.run(over)
  const failed = await over.then(
    () => false,
    () => true,
  )
  return { state: live.state, witness, orders: 0, failed }
}

/** What the frames told that arrived whole, each once. */
function toldBy(witness: Witness): { totals: Totals; told: Pick<Ledger, 'launched'> } {
  const totals = new Totals()
  const order = (a: Witness['frames'][number], b: Witness['frames'][number]): number =>
    a.slice - b.slice || a.attempt - b.attempt || a.seq - b.seq
  let launched = 0
  for (const { packed } of witness.frames.toSorted(order)) {
    const bytes = unpacked(packed) ?? expect.fail()
    totals.add(bytes)
    readFrame(bytes, { counter: (name, n) => (launched += name === 'launched' ? n : 0), histogram: () => {} })
  }
  return { totals, told: { launched } }
}

const numbersOf = ({ counters, histograms }: Totals): unknown => [
  Object.fromEntries([...counters].toSorted()),
  [...histograms]
    .filter(([, { count }]) => count > 0)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { count, min, max, sum, ...rest }]) => [name, count, min, max, sum, rest]),
]

async function holdsFor(schedule: Schedule): Promise<Outcome> {
  const outcome = await carryOut(schedule)
  const { state, witness, failed } = outcome
  // Nobody is asked for twice, whoever launched it.
  expect([...witness.seen].filter(([, times]) => times > 1)).toEqual([])
  if (failed) {
    expect([...witness.seen]).toEqual([])
    return outcome
  }
  expect(state.stage).toBe('over')
  const ledger = ledgerOf(state)
  const { totals, told } = toldBy(witness)
  // Whatever order frames came in, and however often.
  expect(numbersOf(state.totals)).toEqual(numbersOf(totals))
  expect(ledger.due).toBe(state.profile.arrivals)
  expect(ledger.launched).toBe(told.launched)
  expect(witness.seen.size).toBeGreaterThanOrEqual(ledger.launched)
  // What nobody told is lost, to the last: also what the target has seen of it. Only what ended attempts say of themselves may contradict that.
  if (witness.missing === 0) expect(ledger.lost).toBe(ledger.due - told.launched)
  const verdict = judge(evidence(state, { problem: null, cut: null }, { ...asked, quorum: 0.5 }))
  if (witness.unheard === 0) {
    expect(balances(ledger)).toBe(true)
    expect(verdict.reasons.map(({ kind }) => kind)).not.toContain('missing-frames')
    // Nothing that is lost goes unsaid, and a fifth of the load is no run.
    if (state.endedAt === null && ledger.lost > 0) {
      expect(verdict.reasons.map(({ kind }) => kind)).toEqual(
        expect.arrayContaining([expect.stringMatching(/gaps|lost-workers/)]),
      )
      if (verdict.result === 'pass') expect(ledger.lost).toBeLessThanOrEqual(ledger.due / 5)
    }
  } else if (witness.missing > 0 || !balances(ledger)) expect(verdict.result).toBe('inconclusive')
  return outcome
}

const asked = { thresholds: [], suggested: 0, aborted: null, steps: null, errorBudget: null }

async function holdsForAll(runs: number): Promise<void> {
  const seed = process.env.FC_SEED
  const property = fc.asyncProperty(schedules, async (schedule) => void (await holdsFor(schedule)))
  await fc.assert(property, { numRuns: often(runs), ...(seed === undefined ? {} : { seed: Number(seed) }) })
}

describe('whatever happens to workers and their frames', () => {
  it('no arrival is launched twice, the ledger balances, and totals do not hang on the order of frames', async () => {
    await holdsForAll(1_000)
  }, 120_000)
})

/** One worker of four has that fate; the others fare well. */
const oneOf = (fate: Fate, canKill = true): Schedule => ({
  ...{ workers: 4, canKill, rising: false, scale: null, stopsAt: null },
  fates: [[fate], [], [], []],
})

/** From its worker's end, or its freezing, until the slice goes on. */
function gap({ state }: Outcome, since: number): number {
  const { t0, workers } = state
  const from = workers[0]?.attempts[1]?.from ?? expect.fail('was not replaced')
  return (t0 ?? expect.fail()) + from * 1000 - since
}

describe('a worker that is lost', () => {
  it('is replaced as soon as its next attempt has started, and what was due in between is lost', async () => {
    const outcome = await holdsFor(oneOf({ ...FINE, fault: { kind: 'killed', at: 5_000 } }))
    const { ends } = outcome.witness
    const end = ends.find(({ how }) => how === 'killed') ?? expect.fail()
    expect(gap(outcome, end.at)).toBeLessThanOrEqual(FINE.startsIn + 750 + 1)
    const { ledger, is } = outcome.state.workers[0] ?? expect.fail()
    expect(is).toBe('done')
    // 2.5 arrivals a second are its own: 1.25 s until the next attempt, and up to a second that was in no frame.
    expect(ledger.lost).toBeGreaterThanOrEqual(3)
    expect(ledger.lost).toBeLessThanOrEqual(6)
  })

  it('stands still for 5 s before it is given up, and then is replaced', async () => {
    const outcome = await holdsFor(oneOf({ ...FINE, fault: { kind: 'frozen', at: 4_000, span: 60_000 } }))
    const frozenAt = 1_000_000 + 4_000
    expect(gap(outcome, frozenAt)).toBeGreaterThan(4_000)
    expect(gap(outcome, frozenAt)).toBeLessThanOrEqual(5_000 + 1_000 + FINE.startsIn + 750 + 1)
  })

  it('that thaws behind a network has asked before it goes on: nothing is launched twice', async () => {
    const outcome = await holdsFor(oneOf({ ...FINE, fault: { kind: 'frozen', at: 4_000, span: 7_000 } }, false))
    expect(outcome.state.workers[0]?.attempts).toHaveLength(2)
  })

  it('and has said its end before the load is steered lost what has become due since, not what it expected', async () => {
    const frozen: Fate = { startsIn: 100, fault: { kind: 'frozen', at: 101, span: 7_899 }, ways: [] }
    const scale = { at: 9_001, by: 0.5 }
    await holdsFor({ workers: 2, canKill: false, rising: false, fates: [[], [frozen]], scale, stopsAt: null })
  })

  it('and fails three times is not tried again', async () => {
    const killed: Fate = { ...FINE, fault: { kind: 'killed', at: 3_000 } }
    const { state } = await holdsFor({ ...oneOf(FINE), fates: [[killed, killed, killed], [], [], []] })
    expect(state.workers[0]).toMatchObject({ is: 'lost' })
    expect(state.workers[0]?.attempts).toHaveLength(3)
  })

  it('before the beginning costs nothing', async () => {
    const { state } = await holdsFor(oneOf({ ...FINE, fault: { kind: 'killed', at: 300 } }))
    expect(ledgerOf(state)).toMatchObject({ lost: 0, launched: 120 })
  })
})
