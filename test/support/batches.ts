/** What the workers of a recorded run would have written into its store, batch by batch. */

import { packFrame } from '../../lambda/packing.ts'
import { eventsOf } from '../../src/run/log.ts'
import { eventsPath } from '../../src/run/record.ts'
import type { RunEvent } from '../../src/run/state.ts'
import type { Store } from '../../src/store/store.ts'
import { encodeEvent, type WorkerEvent } from '../../src/wire/events.ts'
import { batchKey, claimKey } from '../../src/wire/keys.ts'

/** `each`: how many events go into one batch. */
export async function putBatches(folder: string, store: Store, each: number): Promise<void> {
  const told = new Map<number, WorkerEvent[]>()
  for (const { event } of eventsOf(eventsPath(folder))) {
    const said = saidBy(event)
    if (said === null) continue
    const events = told.get(said.slice) ?? []
    events.push(said.event)
    told.set(said.slice, events)
  }
  for (const [slice, events] of told) {
    await store.put(claimKey(slice, 1), new Uint8Array())
    for (let i = 0; i * each < events.length; i++) {
      const bytes = events.slice(i * each, (i + 1) * each).map(encodeEvent)
      await store.put(batchKey(slice, 1, i), Buffer.concat(bytes))
    }
  }
}

/** null for what only the conductor knows. */
function saidBy(event: RunEvent): { slice: number; event: WorkerEvent } | null {
  switch (event.type) {
    case 'frame':
      return { slice: event.slice, event: { type: 'frame', packed: packFrame(event.bytes) } }
    case 'fault':
      return { slice: event.slice, event: event.fault }
    case 'ready':
    case 'suggested':
    case 'step':
    case 'unkept':
    case 'done': {
      const { slice, ...rest } = event
      return { slice, event: rest }
    }
    default:
      return null
  }
}
