/** Workers as processes on this machine, each running the very bundle that Lambda runs. */
import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { folderErrors, oneLine, unreadableText } from '../../errors.ts'
import { documentBytes } from '../../store/documents.ts'
import { folderStore, OWN_FILE, OWN_FOLDER } from '../../store/folder.ts'
import type { Millis } from '../../units.ts'
import { EventDecoder } from '../../wire/events.ts'
import { bundlesPrefix, claimKey, ordersKey, overKey, stopKey } from '../../wire/keys.ts'
import type { AnyStart } from '../../wire/task.ts'
import type { World } from '../../world.ts'
import type { Gone, TaskFleet } from '../fleet.ts'
import { type Begun, type Say, WorkerPool } from '../pool.ts'

/** Room for a worker when the limit of the machine is worked out: 300 MB resident at 100 VU/s (bench/memory). */
const MEMORY_PER_WORKER = 320 * 2 ** 20

const HEADSTART: Millis = 500

export function localFleet(world: World, folder: string): TaskFleet {
  const store = folderStore(folder)
  const pool = new WorkerPool((start, say) => {
    mkdirSync(join(folder, 'logs'), { recursive: true, mode: OWN_FOLDER })
    return runWorker(world, start, { log: join(folder, 'logs', `worker-${start.hook ?? start.index}.log`), say })
  })
  return {
    name: 'local',
    platform: null,
    store,
    place: { kind: 'folder', folder },
    ...{ batches: null, inlineBytes: 0, mostStartBytes: null, startDeadline: null, headstart: HEADSTART },
    async limits() {
      return { workers: Math.max(1, Math.floor(world.machine.memoryBytes / MEMORY_PER_WORKER)), startsPer10s: null }
    },
    launch: (starts) => pool.launch(starts),
    launchTasks: (starts, atOnce) => pool.launch(starts, atOnce),
    async order(orders) {
      if (orders.version === 1) layOut(folder)
      await store.put(ordersKey, documentBytes(orders)).catch((error) => {
        // Who cannot be told to stop is ended.
        if (orders.stop !== null) pool.dropAll()
        throw error
      })
    },
    drop: (worker) => pool.drop(worker),
    dropAll: () => pool.dropAll(),
    // With the run's record alone nothing is kept of the script's code and data.
    close: () => store.clear(bundlesPrefix),
  }
}

/** On a disk that has become full there is room for a name in a folder, and none for another folder: those who stop the run need theirs. */
function layOut(folder: string): void {
  for (const key of [claimKey(0, 1), overKey, stopKey('now')]) {
    const path = dirname(join(folder, key))
    try {
      mkdirSync(path, { recursive: true, mode: OWN_FOLDER })
    } catch (cause) {
      throw folderErrors.unwritten(path, cause)
    }
  }
}

function runWorker({ node, clock }: World, start: AnyStart, { log, say }: { log: string; say: Say }): Begun {
  const begun = clock.steady()
  // What it would be charged for, were its time paid for.
  const life = (): Millis => Math.ceil((clock.steady() - begun) / 1000)
  const beside = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
  const child = spawn(node, [beside('runtime.js'), beside('worker.mjs')], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    // A process group of its own: ^C in the terminal goes to the conductor, which tells the workers.
    detached: true,
  })
  // A later attempt goes on in the same file.
  const output = createWriteStream(log, { flags: 'a', mode: OWN_FILE })
  const said = [child.stdout, child.stderr]
  for (const stream of said) stream?.pipe(output, { end: false })
  // Without its log a worker is still a worker, unless it waits for ever for what it prints to be taken.
  output.on('error', () => said.map((stream) => stream?.resume()))
  // A worker that dies while its event is being written is heard of through its exit.
  child.stdin?.on('error', () => {})
  child.stdin?.write(`${JSON.stringify(start)}\n`)

  const decoder = new EventDecoder()
  const stream = child.stdio[3] as Readable
  let unreadable = false
  stream.on('data', (chunk: Buffer) => {
    try {
      for (const event of decoder.push(chunk)) say(event)
    } catch (error) {
      unreadable = true
      stream.destroy()
      say({ type: 'fault', code: 'worker', message: unreadableText(oneLine(error)), at: null })
      child.kill('SIGKILL')
    }
  })
  const { promise: gone, resolve } = Promise.withResolvers<Gone>()
  let reason: string | null = null
  const end = (): void => {
    if (reason === null || !(stream.readableEnded || unreadable)) return
    output.end()
    resolve({ type: 'gone', reason, retry: true, billed: life() })
  }
  // Not `close`: a process that the user's code left behind may hold the worker's output open for ever.
  stream.on('end', end)
  child.on('exit', (code, signal) => {
    reason = signal === null ? `exit code ${code}` : `signal ${signal}`
    end()
  })
  child.on('error', (error) => {
    reason = error.message
    stream.destroy()
    resolve({ type: 'gone', reason, retry: true, billed: null })
  })
  const kill = (): void => void child.kill('SIGKILL')
  return { gone, drop: kill, leave: kill }
}
