/**
 * Worker memory over ten minutes at a flat arrival rate, a connection for every virtual user: mean and highest resident size of each
 * minute, as the workers' own frames tell it. Not part of a plain `npm run bench`: name it.
 *
 *   node bench/memory.ts                                              the native engine, one worker at 5,000 a second
 *   node bench/memory.ts --heap                                       and what is alive each minute, after a collection by force
 *   node bench/memory.ts --engine artillery --rate 200 --workers 2    Artillery's
 */
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readHead } from '../src/measure/frame.ts'
import { framesBySecond } from '../src/run/log.ts'
import { startNginx } from './nginx.ts'
import { GENERATOR_CORE, need, start } from './processes.ts'
import { folderWithScript, invoke, reportIn, runLogIn, scriptOf } from './slsart.ts'

const MB = 2 ** 20
const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'native' },
    rate: { type: 'string', default: '5000' },
    workers: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '10' },
    heap: { type: 'boolean', default: false },
  },
})
need('nginx', 'openssl')
const nginx = await startNginx()
const get = { url: '/items/1', capture: { json: '$.name', as: 'name' } }
const cwd = folderWithScript(
  scriptOf({
    ...{ target: nginx.url, flow: { steps: [{ get }], requests: 1 }, pool: null },
    phases: [{ duration: Number(values.minutes) * 60, arrivalRate: Number(values.rate) }],
  }),
)
const command = invoke({ engine: values.engine, workers: Number(values.workers) })
const alive = join(cwd, 'alive.ndjson')
const looked = {
  NODE_OPTIONS: `--expose-gc --import ${join(import.meta.dirname, 'heap.ts')}`,
  SLSART_BENCH_HEAP: alive,
}
const env = { ...process.env, ...(values.heap ? looked : {}) }
const [code] = await once(
  start(GENERATOR_CORE, command, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] }),
  'close',
)
console.log(`at the target: ${JSON.stringify(await nginx.counts())}; exit code ${code}`)
await nginx.stop()
reportIn(cwd, values.engine)

const minutes = new Map<string, number[]>()
for (const frame of framesBySecond(runLogIn(cwd))) {
  const { slice, second, health } = readHead(frame)
  if (second >= Number(values.minutes) * 60) continue
  const which = `minute ${Math.floor(second / 60) + 1}, worker ${slice}`
  minutes.set(which, [...(minutes.get(which) ?? []), health.memoryBytes / MB])
}
for (const [which, sizes] of minutes) {
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length
  console.log(`${which}: ${mean.toFixed(0)} MB, highest ${Math.max(...sizes).toFixed(0)} MB`)
}

const lines = existsSync(alive) ? readFileSync(alive, 'utf8').trim().split('\n') : []
for (const line of lines) {
  const { pid, heapUsed, external } = JSON.parse(line) as Record<'pid' | 'heapUsed' | 'external', number>
  console.log(
    `process ${pid} has alive ${(heapUsed / MB).toFixed(1)} MB, and ${(external / MB).toFixed(1)} MB outside the heap`,
  )
}
