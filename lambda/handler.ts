/** The function that Lambda calls: an event in, the worker's events out as a stream. Locally the very same. */
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { folderStore } from '../src/store/folder.ts'
import { encodeEvent, type WorkerEvent } from '../src/wire/events.ts'
import type { Start } from '../src/wire/start.ts'
import { work } from './worker.ts'

declare const awslambda: {
  streamifyResponse(handler: (event: Start, response: Writable) => Promise<void>): unknown
}

export const handler: unknown = awslambda.streamifyResponse(async (start, response) => {
  process.setSourceMapsEnabled(true)
  const send = (event: WorkerEvent): void => void response.write(encodeEvent(event))
  try {
    await work(start, {
      store: folderStore(start.store),
      env: process.env,
      cpu: () => process.cpuUsage(),
      memory: () => process.memoryUsage.rss(),
      send,
    })
  } catch (error) {
    const cause = error instanceof Error ? error : new Error(String(error))
    send({ type: 'fault', code: 'worker', message: cause.stack ?? cause.message, at: null })
  }
  response.end()
  await once(response, 'finish')
})
