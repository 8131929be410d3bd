/**
 * Service time at 2,000 requests a second, far from what either can carry: the native engine over 50 shared connections, warm, beside wrk
 * on the same core. wrk has no rate, so each of its connections waits between requests (`delay`), and sends none while it waits for an
 * answer: with 10 connections a stall of the machine meets ten requests, however long it is, with 50 nearly all that were due. So p99 is
 * held against wrk over as many connections as ours, p50 against the better of the two. `node bench/accuracy.ts artillery 500` measures
 * Artillery's engine in the same place, at a rate that it can carry.
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { underLoad } from './load.ts'
import { startNginx } from './nginx.ts'
import { GENERATOR_CORE, need, TARGET_CORE, temporaryFolder } from './processes.ts'
import { CONNECTIONS } from './references.ts'
import { report } from './rows.ts'
import { folderWithScript, invoke, one, reportIn, scriptOf } from './slsart.ts'

const engine = process.argv[2] ?? 'native'
const RATE = Number(process.argv[3] ?? 2_000)
const SECONDS = 8
const WARM = 5

type Latency = { p50: number; p99: number; rate: number }

/** Microseconds. wrk's timers are a millisecond late, so it waits one less. */
async function ofWrk(connections: number): Promise<Latency> {
  const lua = join(temporaryFolder(), 'paced.lua')
  writeFileSync(
    lua,
    `function delay() return ${Math.round((connections / RATE) * 1000) - 1} end
function done(summary, latency)
  print(string.format('measured %d %d %d', latency:percentile(50), latency:percentile(99), summary.errors.status))
end
`,
  )
  const command = ['wrk', '-t', '1', '-c', String(connections), '-d', `${SECONDS}s`, '-s', lua, `${nginx.url}/items/1`]
  const { output, requestRate } = await underLoad(nginx, command)
  const [p50 = Number.NaN, p99 = Number.NaN] = (/measured (\d+) (\d+) 0/.exec(output) ?? []).slice(1).map(Number)
  if (/Socket errors/.test(output)) throw new Error(output)
  return { p50, p99, rate: requestRate }
}

async function ofSlsart(): Promise<Latency> {
  const cwd = folderWithScript(
    scriptOf({
      ...{ target: nginx.url, flow: one, pool: CONNECTIONS, slsart: { warmup: ['warm'] } },
      phases: [
        { name: 'warm', duration: WARM, arrivalRate: RATE },
        { name: 'measured', duration: SECONDS, arrivalRate: RATE },
      ],
    }),
  )
  const { requestRate } = await underLoad(nginx, invoke({ engine, workers: 1 }), { cwd })
  const { errors, latency_ms } = reportIn(cwd, engine)
  const { p50, p99, count } = latency_ms.service
  if (errors.length > 0 || count !== RATE * SECONDS) throw new Error(`${count} requests, ${JSON.stringify(errors)}`)
  return { p50: p50 * 1000, p99: p99 * 1000, rate: requestRate }
}

/** Percent of the time. */
function stalls(core: number): number {
  const command = ['-c', String(core), process.execPath, join(import.meta.dirname, 'stalls.ts')]
  return 100 * Number(execFileSync('taskset', command, { encoding: 'utf8' }))
}

need('nginx', 'openssl', 'wrk')
const stalled = stalls(TARGET_CORE) + stalls(GENERATOR_CORE)
const nginx = await startNginx()
const few = await ofWrk(10)
const ours = await ofSlsart()
const many = await ofWrk(50)
await nginx.stop()

report({
  p50_per_wrk: ours.p50 / Math.min(few.p50, many.p50),
  p99_per_wrk: ours.p99 / many.p99,
  stalled_percent: stalled,
  ...{ p50_us: ours.p50, p99_us: ours.p99, rate: ours.rate },
  ...{ wrk_10_p50_us: few.p50, wrk_10_p99_us: few.p99, wrk_10_rate: few.rate },
  ...{ wrk_50_p50_us: many.p50, wrk_50_p99_us: many.p99, wrk_50_rate: many.rate },
})
