/**
 * Loaded into every process of a run by bench/memory.ts: a worker has its memory collected once a minute and tells, in a file, how
 * much of it was alive.
 */
import { appendFileSync } from 'node:fs'
import { basename } from 'node:path'

const MINUTE = 60_000
const { argv, env } = process
const collect = globalThis.gc
if (basename(argv[1] ?? '') === 'runtime.js' && collect !== undefined && env.SLSART_BENCH_HEAP !== undefined) {
  const file = env.SLSART_BENCH_HEAP
  const look = (): void => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    appendFileSync(file, `${JSON.stringify({ pid: process.pid, heapUsed, external })}\n`)
  }
  setInterval(look, MINUTE).unref()
}
