/** A run that its command leaves: what is laid, ordered and started, in which order, and what is taken back when something fails. */
import { describe, expect, test } from 'vitest'
import { Leaving } from '../../../src/run/leaving.ts'
import type { RunHead } from '../../../src/run/record.ts'
import { begin, type RunState } from '../../../src/run/state.ts'
import { Till } from '../../../src/run/till.ts'
import type { Script } from '../../../src/scenario/script.ts'
import type { Execution } from '../../../src/wire/detached.ts'
import { constant } from '../../support/arbitraries.ts'
import { planOf } from '../../support/plans.ts'
import { startEvent } from '../../support/worker.ts'

const T0 = 1_000_000
const NOW = T0 + 3_000

const planned = planOf([constant(4, 20)], 2)
const plan = {
  ...planned,
  lifetime: { ...planned.lifetime, startUp: 4 },
  windows: [0, 10].map((from) => ({ ...planned.windows[0], from, to: from + 10, workers: 2 })),
} as typeof planned

const script = {
  hooks: { before: null, after: null },
  extensions: [],
  thresholds: [],
  quorum: 0.9,
} as unknown as Script

type Given = { state?: Partial<RunState>; head?: Partial<RunHead>; script?: Partial<Script>; fails?: 'order' | 'begin' }

function leaving({ state: more = {}, head: others = {}, script: other = {}, fails }: Given = {}) {
  const done: string[] = []
  const laid = new Map<string, unknown>()
  const head = { plan, launchedAt: 0, acceptance: false, monitoring: null, money: { cap: null, tariff: null } }
  const fleet = {
    ...{ platform: { stage: 'dev' }, batches: 30 },
    place: { kind: 'bucket', bucket: 'b', prefix: 'runs/r/', region: 'x' },
    store: {
      async put(key: string, bytes: Uint8Array) {
        done.push(key)
        laid.set(key, JSON.parse(Buffer.from(bytes).toString()))
      },
    },
  }
  const begun = begin(plan, 0, { thresholds: [], warmUp: [] } as never)
  const workers = begun.workers.map((worker, i) => ({ ...worker, is: i < 2 ? 'working' : 'waiting' }))
  const state = { ...begun, workers, t0: T0, stage: 'running', at: 3, ...more } as RunState
  const start = startEvent('/', 'http://127.0.0.1', { duration: 20, arrivals: 80 })
  const orders: object[] = []
  const executions: Execution[] = []
  const all = { ...head, ...others } as RunHead
  const own = new Leaving({
    ...{ head: all, fleet: fleet as never, state: () => state },
    till: new Till(all, { world: { clock: { wall: () => NOW } }, fleet: { batches: 30 } }),
    starts: () => [0, 1, 2, 3].map((index) => ({ ...start, index, drain: 2 })),
    async order() {
      done.push('orders')
      orders.push(own.holds({ lease: NOW, until: null }))
      if (fails === 'order' && orders.length === 1) throw new Error('the orders were not written')
    },
  })
  const machine = {
    function: 'f:1',
    async begin(execution: Execution) {
      done.push('execution')
      if (fails === 'begin') throw new Error('no states:StartExecution')
      executions.push(execution)
    },
  }
  const to = (stage: typeof machine | null = machine) =>
    own.to({ script: { ...script, ...other } as Script, machine: stage })
  return { own, to, done, laid, orders, executions }
}

const END = T0 + 20_000 + 2_000 + 10_000

test('what has not begun is laid first, then nobody leads, and only then the state machine begins', async () => {
  const { own, to, done, laid, orders, executions } = leaving()
  await to()
  expect(done).toEqual(['windows/1.json', 'start.json', 'orders', 'execution'])
  expect(laid.get('windows/1.json')).toMatchObject([{ index: 2 }, { index: 3 }])
  expect(laid.get('start.json')).toMatchObject({ batches: 10, hook: null })
  expect(orders).toEqual([{ led: false, lease: END, until: null }])
  expect(executions).toMatchObject([
    {
      ...{ function: 'f:1', tolerated: 10 },
      windows: [{ at: new Date(T0 + 6_000).toISOString(), bucket: 'b', key: 'runs/r/windows/1.json' }],
      // Its own workers are over by the beginning of the next window, but for what drains.
      rest: { from: new Date(T0 + 10_000).toISOString(), until: T0 + 10_000 + 2_000 + 10_000 },
    },
  ])
  expect(own.left).toEqual({ t0: T0, end: END })
  expect(await own.done).toEqual(own.left)
})

test.each(['order', 'begin'] as const)('when the %s fails it is led as before', async (fails) => {
  const { own, to, orders } = leaving({ fails })
  await expect(to()).rejects.toThrow()
  expect(orders.at(-1)).toEqual({ led: true, lease: NOW, until: null })
  expect([own.left, own.isUnderWay]).toEqual([null, false])
})

describe('it is not left', () => {
  const aborting = { thresholds: [{ kind: 'slsart', abort: true }] } as unknown as Script
  test.each<[string, Given, string]>([
    ['before its load', { state: { t0: null } }, 'has not begun'],
    ['when it was told to end', { state: { endedAt: NOW } }, 'told to end'],
    ['when its load is over', { state: { at: 20 } }, 'told to end'],
    ['while it stands still', { state: { epochs: [{ at: 1, kind: 'pause' }] } }, 'stands still'],
    ['when `after` is to run', { script: { hooks: { before: null, after: {} } as never } }, '`after`'],
    ['when a threshold may end it', { script: aborting }, 'abortOnFail'],
    ['when it only tries scenarios out', { head: { acceptance: true } }, 'tries the scenarios out'],
  ])('%s', async (_, given, why) => {
    const { to, done } = leaving(given)
    await expect(to()).rejects.toThrow(why)
    expect(done).toEqual([])
  })

  test('to a stage without a state machine', async () => {
    await expect(leaving().to(null)).rejects.toThrow('no state machine')
  })
})
