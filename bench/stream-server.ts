/**
 * Lambda's API for bench/streams, over TLS: each invocation says `ready`, and from T0 on a worker's frame a second until its window is
 * over. `node stream-server.ts KEY CERTIFICATE` prints its port.
 */
import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { packFrame } from '../lambda/packing.ts'
import { emptyLedger } from '../src/measure/ledger.ts'
import { encodeEvent, type WorkerEvent } from '../src/wire/events.ts'
import { ordersKey } from '../src/wire/keys.ts'
import type { Orders } from '../src/wire/orders.ts'
import type { Start } from '../src/wire/start.ts'
import { framesWith } from './frames.ts'
import { LAUNCHED } from './rows.ts'

const [key = '', cert = ''] = process.argv.slice(2)
const LIMIT = { AccountLimit: { ConcurrentExecutions: 1_000, UnreservedConcurrentExecutions: 1_000 } }

/** Frames of 6 kB. */
const frameOf = framesWith(1_000)

type Worker = { start: Start; response: ServerResponse }
const workers: Worker[] = []

function message(type: string, payload: Uint8Array): Buffer {
  const names = [
    [':message-type', 'event'],
    [':event-type', type],
    [':content-type', 'application/octet-stream'],
  ] as const
  const headers = Buffer.concat(
    names.map(([name, value]) => {
      const head = Buffer.from([name.length, ...Buffer.from(name), 7, 0, value.length])
      return Buffer.concat([head, Buffer.from(value)])
    }),
  )
  const bytes = Buffer.alloc(16 + headers.length + payload.length)
  bytes.writeUInt32BE(bytes.length, 0)
  bytes.writeUInt32BE(headers.length, 4)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8)
  headers.copy(bytes, 12)
  bytes.set(payload, 12 + headers.length)
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4)
  return bytes
}

const say = ({ response }: Worker, event: WorkerEvent): boolean =>
  response.write(message('PayloadChunk', encodeEvent(event)))

/** Beats for all workers, from the first T0 that the orders say. */
async function beat(folder: string, seconds: number): Promise<void> {
  const t0 = await goOf(folder)
  for (let second = 0; second < seconds; second++) {
    await sleep(Math.max(0, t0 + (second + 1) * 1000 - Date.now()))
    for (const [i, worker] of workers.entries()) {
      say(worker, { type: 'frame', packed: packFrame(frameOf(worker.start.index, second)) })
      // What is written goes out before the next frames are made.
      if (i % 20 === 19) await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const all = LAUNCHED * seconds
  for (const worker of workers.splice(0)) {
    const ledger = { ...emptyLedger(), due: all, launched: all, completed: all }
    say(worker, { type: 'done', ledger, frames: seconds })
    worker.response.end(message('InvokeComplete', Buffer.from('{"LogResult":""}')))
  }
}

async function goOf(folder: string): Promise<number> {
  for (;;) {
    const text = readFileSync(join(folder, ordersKey), 'utf8')
    // Without a byte it is being written.
    const t0 = text === '' ? null : (JSON.parse(text) as Orders).t0
    if (t0 !== null) return t0
    await sleep(100)
  }
}

const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
  const body: Buffer[] = []
  request.on('data', (chunk: Buffer) => body.push(chunk))
  request.on('end', () => {
    if (request.method === 'GET') return response.end(JSON.stringify(request.url?.includes('account') ? LIMIT : {}))
    const start = JSON.parse(Buffer.concat(body).toString('utf8')) as Start
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
    const worker = { start, response }
    workers.push(worker)
    say(worker, { type: 'ready', at: Date.now() })
    if (workers.length === 1 && start.store.kind === 'folder') void beat(start.store.folder, start.slice.window.to)
  })
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
