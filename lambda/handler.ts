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
      store: folderStore(start.store.kind === 'folder' ? start.store.folder : start.store.prefix),
      env: process.env,
      cpu: () => process.cpuUsage(),
      memory,
      files: openFiles,
      ports: takenPorts,
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

let rss = 0

/** To ask takes a file: when none is left, it is what it was. */
function memory(): number {
  try {
    rss = process.memoryUsage.rss()
  } catch {}
  return rss
}

/** Sockets are files: a worker that has no more of them left sends nothing more. Linux tells; elsewhere nobody knows. */
function openFiles(): { open: number; limit: number } {
  try {
    return { open: readdirSync('/proc/self/fd').length, limit: FILE_LIMIT }
  } catch (error) {
    const full = (error as NodeJS.ErrnoException).code === 'EMFILE'
    return full ? { open: FILE_LIMIT, limit: FILE_LIMIT } : { open: 0, limit: 0 }
  }
}

/** Read while there is a file left to read it with; 0 when nobody knows. */
const FILE_LIMIT = Number(/^Max open files\s+(\d+)/m.exec(procText('self/limits'))?.[1] ?? 0)

/** TCP sockets of this machine, or of its container, and those that wait after their closing. */
function takenPorts(): { taken: number; limit: number } {
  const [v4, v6] = [procText('net/sockstat'), procText('net/sockstat6')]
  const [, first, last] = /^(\d+)\s+(\d+)/.exec(procText('sys/net/ipv4/ip_local_port_range')) ?? []
  return {
    taken: counted(v4, /^TCP: inuse (\d+)/m) + counted(v4, /^TCP: .* tw (\d+)/m) + counted(v6, /^TCP6: inuse (\d+)/m),
    limit: last === undefined ? 0 : Number(last) - Number(first) + 1,
  }
}

const counted = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0)

function procText(name: string): string {
  try {
    return readFileSync(`/proc/${name}`, 'utf8')
  } catch {
    return ''
  }
}
