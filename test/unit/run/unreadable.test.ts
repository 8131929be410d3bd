/** A worker that sends what cannot be read is given up, in the run that it is of; the run goes on. */
import { expect, it } from 'vitest'
import { packFrame } from '../../../lambda/packing.ts'
import type { Fleet, FleetEvent } from '../../../src/fleet/fleet.ts'
import { EventQueue } from '../../../src/fleet/queue.ts'
import { FRAME_VERSION } from '../../../src/measure/frame.ts'
import { emptyLedger } from '../../../src/measure/ledger.ts'
import { LiveRun } from '../../../src/run/live.ts'
import { type RunHead, recordOf } from '../../../src/run/record.ts'
import { folderStore } from '../../../src/store/folder.ts'
import { realWorld } from '../../../src/world.ts'
import { constant, frameBytes } from '../../support/arbitraries.ts'
import { planOf } from '../../support/plans.ts'
import { startEvent } from '../../support/worker.ts'

type Said = FleetEvent['event']
const frame = (bytes: Uint8Array): Said => ({ type: 'frame', packed: packFrame(bytes) })

/** Two workers, of which the second says `said` when the load is on, and then what it should. */
async function runWith(said: Said): Promise<{ dropped: number[]; live: LiveRun; head: RunHead }> {
  const dropped: number[] = []
  const events = new EventQueue<FleetEvent>()
  const say = (slice: number, event: Said): void => events.push({ slice, attempt: 1, event })
  const fleet: Fleet = {
    ...{ name: 'local', platform: null, store: folderStore('/'), place: { kind: 'folder', folder: '/' } },
    ...{ batches: null, inlineBytes: 0, mostStartBytes: null, startDeadline: null, headstart: 0 },
    limits: async () => ({ workers: 2, startsPer10s: null }),
    launch: () => events,
    order: async () => {},
    drop({ slice }) {
      dropped.push(slice)
      say(slice, { type: 'gone', reason: 'signal SIGKILL', retry: false, billed: null })
    },
    dropAll() {},
    close: async () => {},
  }
  const script = { target: '', file: '', warmUp: [], strict: false, quorum: 0, scenarios: [], thresholds: [] }
  const head: RunHead = {
    ...{
      schema: 'slsart.run/1',
      frames: FRAME_VERSION,
      id: 'r',
      fleet: 'local',
      engine: 'native',
      launchedAt: Date.now(),
      script,
    },
    ...{
      plan: planOf([constant(2, 1)], 2),
      ...{ acceptance: false, monitoring: null },
      baseline: null,
      money: { cap: null, tariff: null },
      platform: null,
    },
  }
  const log = { frame: () => {}, event: () => {}, problem: () => null, close: async () => 0 }
  const live = new LiveRun(head, { fleet, world: realWorld({ isOurs: false }), observe: () => {}, log })
  const start = startEvent('/', 'http://127.0.0.1', { duration: 1, arrivals: 2 })
  for (const slice of [0, 1]) say(slice, { type: 'ready', at: Date.now() })
  say(1, said)
  for (const slice of [0, 1]) {
    say(slice, frame(frameBytes({ slice, counters: { launched: 1, completed: 1 } })))
    say(slice, { type: 'done', ledger: { ...emptyLedger(), due: 1 }, frames: 1 })
  }
  say(0, { type: 'gone', reason: 'exit code 0', retry: true, billed: null })
  const over = live.carryOut([[start, { ...start, index: 1 }]], { before: null, after: null })
  await Promise.resolve()
  setTimeout(() => events.end(), 50)
  await over
  return { dropped, live, head }
}

it.each<[string, Said]>([
  ['an event that is none', { type: 'done', ledger: null, frames: 0 } as never],
  ['a frame of another slice', frame(frameBytes({ slice: 0, seq: 7, counters: { launched: 50 } }))],
  ['a frame of a second that is long to come', frame(frameBytes({ slice: 1, seq: 7, second: 1e9 }))],
  ['a frame that cannot be read', frame(frameBytes({ slice: 1, seq: 7 }).subarray(0, 12))],
])('%s', async (_, said) => {
  const { dropped, live, head } = await runWith(said)
  const [sound, faulty] = live.state.workers
  expect(dropped).toEqual([1])
  expect(sound).toMatchObject({ is: 'done', ledger: { launched: 1, completed: 1 } })
  // What it says afterwards nobody believes.
  expect(faulty).toMatchObject({ is: 'lost', ledger: { launched: 0, lost: 1 } })
  expect(faulty?.trouble?.reason).toContain('it sent what cannot be read: ')
  const ending = { endedAt: Date.now(), after: null, suggested: 0, problem: null, logged: 0 }
  const { verdict } = recordOf({ folder: '/', head, state: live.state, cut: null, counted: null }, ending)
  expect(verdict.reasons).toContainEqual(expect.objectContaining({ kind: 'lost-workers', lost: 1 }))
})
