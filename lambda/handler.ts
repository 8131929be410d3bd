/** The function that Lambda calls: an event in, the worker's events out as a stream. Locally the very same. */
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { format } from 'node:util'
import { folderStore } from '../src/store/folder.ts'
import { encodeEvent, type WorkerEvent } from '../src/wire/events.ts'
import type { Start } from '../src/wire/start.ts'
import { placeIn } from './parts.ts'
import { work } from './worker.ts'

declare const awslambda: {
  streamifyResponse(handler: (event: Start, response: Writable) => Promise<void>): unknown
}

export const handler: unknown = awslambda.streamifyResponse(async (start, response) => {
  process.setSourceMapsEnabled(true)
  // Artillery's plugins look whether they are in a worker.
  Object.assign(process.env, start.env, { LOCAL_WORKER_ID: String(start.index) })
  const send = (event: WorkerEvent): void => void response.write(encodeEvent(event))
  // An error that nobody catches is the user's code's: the engine's own are caught. It ends the worker, with its cause told.
  process.once('uncaughtException', (error) => {
    send({ type: 'fault', code: 'script', message: `${error.name}: ${error.message}`, at: placeIn(error.stack ?? '') })
    response.end(() => process.exit(1))
  })
  try {
    await work(start, {
      store: folderStore(start.store),
      env: process.env,
      cpu: () => process.cpuUsage(),
      memory: () => process.memoryUsage.rss(),
      files: openFiles,
      send,
      log: (...words) => void process.stdout.write(`${format(...words)}\n`),
    })
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error))
    send({ type: 'fault', code: 'worker', message: cause.stack ?? cause.message, at: null })
  }
  response.end()
  await once(response, 'finish')
})

/** Sockets are files: a worker that has no more of them left sends nothing more. Linux tells; elsewhere nobody knows. */
function openFiles(): { open: number; limit: number } {
  try {
    return { open: readdirSync('/proc/self/fd').length, limit: fileLimit() }
  } catch {
    return { open: 0, limit: 0 }
  }
}

function fileLimit(): number {
  const limit = Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1])
  return Number.isFinite(limit) ? limit : 0
}
