/**
 * Ends the process of a worker that does not end by itself when the budget is spent: one whose code never gives the event loop back hears of
 * no order and of no lease, and would be paid for until the platform ends it. A thread of its own, which looks at the clock.
 */
import { Worker } from 'node:worker_threads'
import type { Millis } from '../src/units.ts'

const LOOK: Millis = 250

/** `process.exit` would end the thread alone. */
const CODE = `const { workerData } = require('node:worker_threads')
const ends = new Float64Array(workerData)
setInterval(() => { if (Date.now() > ends[0]) process.kill(process.pid, 'SIGKILL') }, ${LOOK})`

export type Watchdog = {
  /** The last moment at which the process may be there, by the wall clock; null: no such moment. */
  guard(at: Millis | null): void
  /** The process may be another run's after this. */
  close(): void
}

/** There is no thread before there is something to guard. */
export function watchdog(): Watchdog {
  let thread: Worker | null = null
  const ends = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT))
  return {
    guard(at) {
      ends[0] = at === null ? Number.POSITIVE_INFINITY : at - LOOK
      if (at === null || thread !== null) return
      thread = new Worker(CODE, { eval: true, workerData: ends.buffer, env: {}, execArgv: [] })
      thread.unref()
      // Without it there is still everything else that ends a worker.
      thread.on('error', () => {})
    },
    close() {
      ends[0] = Number.POSITIVE_INFINITY
      void thread?.terminate()
    },
  }
}
