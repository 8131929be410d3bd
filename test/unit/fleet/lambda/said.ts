/** What workers in these tests say, and write. */
import { emptyLedger } from '../../../../src/measure/ledger.ts'
import { folderStore } from '../../../../src/store/folder.ts'
import { encodeEvent, type WorkerEvent } from '../../../../src/wire/events.ts'
import { batchKey, claimKey } from '../../../../src/wire/keys.ts'
import type { Start } from '../../../../src/wire/start.ts'
import { type Asked, fleetAt, heard, serve, timeless } from './api.ts'

export const ready: WorkerEvent = { type: 'ready', at: 5 }
export const frame = (n: number): WorkerEvent => ({ type: 'frame', packed: Uint8Array.of(n) })
export const done: WorkerEvent = {
  type: 'done',
  ledger: { ...emptyLedger(), due: 3, launched: 3, completed: 3 },
  frames: 2,
}
export const REPORT =
  'REPORT RequestId: 1-2\tDuration: 900.1 ms\tBilled Duration: 901 ms\tMemory Size: 1769 MB\tMax Memory Used: 200 MB\t\n'

export const stream = ({ response }: Asked, ...messages: Uint8Array[]): void => {
  response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
  for (const one of messages) response.write(one)
}
export const putBatch = async (root: string, seq: number, ...events: WorkerEvent[]): Promise<void> =>
  folderStore(root).put(batchKey(0, 1, seq), Buffer.concat(events.map(encodeEvent)))
export const claim = async (root: string): Promise<unknown> =>
  folderStore(root).putIfAbsent(claimKey(0, 1), Buffer.from('w'))

/** A worker that ends as the test says, and what its fleet says of it. */
export async function ended(
  answer: (asked: Asked) => unknown,
  change: Partial<Start> = {},
  options: Parameters<typeof fleetAt>[1] = {},
): Promise<{ reason: string; billed: number | null; root: string; asked: Asked[] }> {
  const { url, asked } = await serve(answer)
  const { fleet, root, start } = fleetAt(timeless(url).world, options)
  const gone = (await heard(fleet.launch([{ ...start(), ...change }]))).at(-1)
  if (gone?.type !== 'gone') throw new Error('it is not gone')
  return { ...gone, root, asked }
}
