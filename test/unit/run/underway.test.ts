import { expect, it } from 'vitest'
import { FRAME_VERSION } from '../../../src/measure/frame.ts'
import { underwayJson, underwayText } from '../../../src/report/underway.ts'
import type { Seen } from '../../../src/run/kill.ts'
import type { RunHead } from '../../../src/run/record.ts'
import { type Underway, underway } from '../../../src/run/underway.ts'
import { firstOrders, type Orders } from '../../../src/wire/orders.ts'
import { constant } from '../../support/arbitraries.ts'
import { planOf } from '../../support/plans.ts'

const NOW = Date.UTC(2026, 10, 20, 22, 16, 0)
const platform = { stage: 'dev', region: 'eu-west-1', function: 'f', bucket: 'b', arch: 'arm64', memoryMb: 1 } as const
const headOf = (fleet: RunHead['fleet']): RunHead => ({
  ...{
    schema: 'slsart.run/1',
    frames: FRAME_VERSION,
    id: `20261120-221530-${fleet}`,
    fleet,
    engine: 'native',
    launchedAt: NOW - 45_000,
  },
  ...{
    acceptance: false,
    monitoring: null,
    baseline: null,
    plan: planOf([constant(4, 60)], 3),
    money: { cap: null, tariff: null },
  },
  platform: fleet === 'lambda' ? platform : null,
  script: {
    ...{ target: 'http://target', file: '/project/script.yml', scenarios: ['0'], warmUp: [], strict: false, quorum: 1 },
    thresholds: [],
  },
})
const T0 = NOW - 40_000
const seen = (orders: Partial<Orders> | null, more: Partial<Seen> = {}): Seen => ({
  orders: orders && { ...firstOrders(NOW - 1_000), version: 9, t0: T0, ...orders },
  ...{ isOver: false, claimed: 4, open: ['-1-1', '0-1', '2-2'], ...more },
})
const now = (orders: Partial<Orders> | null, more: Partial<Seen> = {}): Underway | null =>
  underway(headOf('lambda'), seen(orders, more), NOW)

it('goes on until its conductor says that it is over, or nobody can be at work any more', () => {
  expect(now({})).not.toBeNull()
  expect(now(null)).toBeNull()
  expect(now({}, { isOver: true })).toBeNull()
  expect(now({ lease: NOW - 41_000 })).toBeNull()
  // Its command is gone, its workers may be at work by their lease, or are not.
  expect(now({ lease: NOW - 20_000 })).toMatchObject({ led: { isRenewed: false }, workers: { atWork: 2 } })
  expect(now({ lease: NOW - 20_000 }, { open: ['-1-1'] })).toBeNull()
  expect(now({ lease: NOW - 20_000, t0: null }, { claimed: 0, open: [] })).toMatchObject({ is: 'starting' })
})

it.each<[string, Partial<Orders>, Partial<Underway>]>([
  ['before its load begins', { t0: null }, { is: 'starting', at: null, phase: null }],
  ['before T0', { t0: NOW + 500 }, { is: 'starting', at: -0.5 }],
  [
    'in its load',
    {},
    { is: 'running', at: 40, duration: 60, phase: 'rate', scale: 1, led: { renewedAt: NOW - 1_000, isRenewed: true } },
  ],
  ['scaled', { epochs: [{ at: 30, kind: 'scale', scale: 1.5 }] }, { is: 'running', scale: 1.5 }],
  ['scaled in a moment', { epochs: [{ at: 41, kind: 'scale', scale: 1.5 }] }, { scale: 1 }],
  ['paused', { epochs: [{ at: 30, kind: 'pause' }] }, { is: 'paused' }],
  ['draining', { t0: NOW - 70_000 }, { is: 'draining', at: 70, phase: null }],
  ['by itself, to its fixed end', { led: false, lease: NOW + 60_000 }, { is: 'running', led: null }],
  ['told to end', { stop: 'drain' }, { is: 'stopping' }],
])('%s', (_, orders, told) => expect(now(orders)).toMatchObject(told))

it('is a line, and an object', () => {
  const runs = [
    now({ epochs: [{ at: 30, kind: 'scale', scale: 1.5 }] }),
    underway(headOf('local'), seen({ lease: NOW - 20_000, t0: null }), NOW),
  ].filter((run) => run !== null)
  expect(underwayText(runs, NOW).split('\n')).toEqual([
    'run                         script                 fleet          since (UTC)                               load  workers           led',
    '20261120-221530-lambda  script.yml  lambda dev eu-west-1  2026-11-20 22:15:15  running 0:40 of 1:00 "rate" x 1.5   2 of 3           yes',
    '20261120-221530-local   script.yml                 local  2026-11-20 22:15:15                           starting   2 of 3  not for 20 s',
    '',
  ])
  expect(underwayText([], NOW)).toBe('No run goes on.\n')
  expect(underwayJson(runs, NOW)).toMatchObject({
    schema: 'slsart.ps/1',
    runs: [
      {
        ...{ id: '20261120-221530-lambda', fleet: 'lambda', stage: 'dev', region: 'eu-west-1', is: 'running' },
        ...{ at: 40, of: 60, phase: 'rate', scale: 1.5, workers: { planned: 3, atWork: 2 } },
        lease: { age: 1, renewed: true },
      },
      { fleet: 'local', stage: null, at: null, lease: { age: 20, renewed: false } },
    ],
  })
})
