import { expect, it } from 'vitest'
import { ok } from '../../../src/measure/trust.ts'
import { standingOf } from '../../../src/run/standing.ts'
import { begin } from '../../../src/run/state.ts'
import type { WorkerState } from '../../../src/run/workers.ts'
import { constant } from '../../support/arbitraries.ts'
import { planOf } from '../../support/plans.ts'

const worker = (is: WorkerState['is'], condition: Partial<WorkerState['condition']> = {}): WorkerState => ({
  ...(begin(planOf([constant(1, 10)], 1), 0).workers[0] as WorkerState),
  ...{ is, condition: { ...ok(), ...condition } },
})

it.each<[string, WorkerState, string]>([
  ['waits for its window', worker('waiting'), 'waiting'],
  ['is ready and has nothing to do', worker('ready'), 'ok'],
  ['was heard of a moment ago', worker('running', { heardOf: 9 }), 'ok'],
  ['was heard of five seconds ago', worker('running', { heardOf: 4 }), 'ok'],
  ['was heard of longer ago', worker('running', { heardOf: 3 }), 'silent'],
  ['has been late for two seconds', worker('running', { heardOf: 9, lateSince: 8 }), 'ok'],
  ['has been late for three', worker('running', { heardOf: 9, lateSince: 7 }), 'late'],
  ['was just refused a connection by its own machine', worker('running', { heardOf: 9, refusedAt: 9 }), 'late'],
  ['was refused one before', worker('running', { heardOf: 9, refusedAt: 8 }), 'ok'],
  ['was late, and is done', worker('done', { heardOf: 9, lateSince: 2 }), 'done'],
  ['is lost', worker('lost', { heardOf: 2 }), 'lost'],
])('a worker that %s', (_, state, standing) => expect(standingOf(state, 10)).toBe(standing))
