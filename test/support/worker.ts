/** One worker of the built bundle, driven by hand: its event in, its orders in the store, its events out. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { profileOf } from '../../src/plan/profile.ts'
import { folderStore } from '../../src/store/folder.ts'
import { EventDecoder, type WorkerEvent } from '../../src/wire/events.ts'
import { ordersKey } from '../../src/wire/keys.ts'
import { firstOrders, type Orders } from '../../src/wire/orders.ts'
import type { Start } from '../../src/wire/start.ts'

const dist = join(import.meta.dirname, '../../dist')

/** A slice of all of `arrivals`, spread over `duration` seconds, each one GET of /items/1. */
export const startEvent = (store: string, target: string, load: { duration: number; arrivals: number }): Start => {
  const { duration, arrivals } = load
  return {
    run: 'test',
    slice: { stripe: { index: 0, of: 1 }, window: { from: 0, to: duration } },
    index: 0,
    hook: null,
    vars: {},
    attempt: 1,
    seed: 1,
    env: {},
    secrets: [],
    allow: [],
    profile: profileOf([{ name: 'p', duration, load: { kind: 'count', arrivals }, maxVusers: null }], 1),
    drain: null,
    until: null,
    script: {
      target,
      variables: {},
      config: {},
      environment: null,
      source: { file: join(store, 'script.yml'), folder: store, root: store },
      scenarios: [{ name: 's', weight: 1, spec: { flow: [{ get: { url: '/items/1' } }] }, engine: 'artillery' }],
      feeds: [],
      hooks: { before: null, after: null },
      ...{ strict: false, warmUp: [] },
    },
    parts: { processor: null, extensions: [], rows: [], files: [] },
    store: { kind: 'folder', folder: store },
    batches: null,
    rawSamples: false,
    acceptance: false,
  }
}

export const order = (store: string, orders: Pick<Orders, 't0' | 'lease' | 'stop'> & Partial<Orders>): Promise<void> =>
  folderStore(store).put(ordersKey, new TextEncoder().encode(JSON.stringify({ ...firstOrders(0), ...orders })))

/** Resolves with all that the worker said, when it has exited. `on` hears events as they come. */
export function runWorker(
  start: Start,
  on: (event: WorkerEvent, child: ChildProcess) => void = () => {},
): Promise<WorkerEvent[]> {
  const child = spawn(process.execPath, [join(dist, 'runtime.js'), join(dist, 'worker.mjs')], {
    stdio: ['pipe', 'ignore', 'inherit', 'pipe'],
  })
  child.stdin?.write(`${JSON.stringify(start)}\n`)
  const decoder = new EventDecoder()
  const events: WorkerEvent[] = []
  const stream = child.stdio[3] as Readable
  stream.on('data', (chunk: Buffer) => {
    for (const event of decoder.push(chunk)) {
      events.push(event)
      on(event, child)
    }
  })
  return new Promise((resolve) => child.on('close', () => resolve(events)))
}
