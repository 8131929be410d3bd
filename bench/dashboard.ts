/**
 * The built dashboard over 1,000 workers whose state changes every second, on a terminal of 200 × 60 with all its colours: processor time
 * a second of the run, for drawing it and, apart, for the frames that it is made of. Seconds follow each other at once.
 */
import { PassThrough } from 'node:stream'
import type { Setting } from '../src/dashboard/open.tsx'
import { artilleryPower } from '../src/plan/capacity.ts'
import { planRun } from '../src/plan/plan.ts'
import { begin, type RunEvent, reduce } from '../src/run/state.ts'
import { framesWith } from './frames.ts'
import { LAUNCHED, report } from './rows.ts'

const WORKERS = 1_000
const SECONDS = 40
const WARM = 10
const KEYS = 10

// As src/cli/watching.ts loads it.
process.env.NODE_ENV = 'production'
const { Dashboard } = (await import('../dist/dashboard.js' as string)) as typeof import('../src/dashboard/open.tsx')

/** A terminal that counts what it is sent. */
let sent = 0
const output = new PassThrough()
output.on('data', (chunk: Buffer) => {
  sent += chunk.length
})
const input = new PassThrough()
Object.assign(output, { isTTY: true, columns: 200, rows: 60, getColorDepth: () => 24 })
Object.assign(input, { isTTY: true, setRawMode: () => input, ref: () => input, unref: () => input })

const load = { kind: 'rate', from: WORKERS * LAUNCHED, to: WORKERS * LAUNCHED } as const
const plan = planRun({
  ...{ phases: [{ name: 'steady', duration: SECONDS + 5, load, maxVusers: null }], seed: 1, workers: WORKERS },
  ...{
    lifetime: null,
    most: { arrivalRate: null, arrivalRatePerWorker: null },
    session: { requests: 4, thinking: 0 },
    power: artilleryPower,
  },
})
let state = begin(plan, 0)
const happen = (event: RunEvent, at: number): void => {
  state = reduce(state, event, at * 1000)
}
happen({ type: 'go', t0: 0 }, 0)

const frameOf = framesWith(200)
const framesOf = (second: number): Uint8Array[] => Array.from({ length: WORKERS }, (_, slice) => frameOf(slice, second))

let now = 0
const setting: Setting = {
  about: { script: 's.yml', target: 'http://t', run: 'r', fleet: 'local', warmUp: [], baseline: null },
  terminal: { input, output } as unknown as Setting['terminal'],
  clock: { wall: () => now, steady: () => now * 1000, sleep: () => Promise.resolve(), every: () => () => {} },
  ...{ env: { LANG: 'C.UTF-8' }, ascii: false, controls: { stop: () => {} } },
  keep: () => Promise.resolve(''),
  left: (problem) => {
    throw new Error(problem ?? 'left')
  },
}

/** Microseconds of processor time of what is done, drawn and flushed. */
async function cost(work: () => void): Promise<number> {
  const before = process.cpuUsage()
  work()
  // ink draws no more than 30 times a second, and the rest of it later.
  await new Promise((resolve) => setTimeout(resolve, 40))
  const { user, system } = process.cpuUsage(before)
  return user + system
}

const dashboard = new Dashboard(state, setting)
const costs = { reduce: 0, draw: 0, keys: 0 }
for (let second = 0; second < SECONDS; second++) {
  const frames = framesOf(second)
  const reducing = await cost(() => {
    for (const [slice, bytes] of frames.entries()) happen({ type: 'frame', slice, bytes }, second + 1.2)
    happen({ type: 'tick' }, second + 1.75)
  })
  now = (second + 2) * 1000
  const before = sent
  const drawing = await cost(() => dashboard.observe(state))
  if (second === WARM) sent = 0
  if (second < WARM) continue
  costs.reduce += reducing
  costs.draw += drawing
  const bytes = sent - before
  for (let key = 0; key < KEYS; key++) {
    now += 100
    costs.keys += await cost(() => void input.write(key % 2 === 0 ? '2' : '1'))
  }
  sent = before + bytes
}
dashboard.close()
const measured = SECONDS - WARM
const percent = (micros: number): number => micros / measured / 1e4
report({
  draw_percent: percent(costs.draw),
  keys_percent: percent(costs.draw + costs.keys),
  bytes: sent / measured,
  reduce_percent: percent(costs.reduce),
})
process.exit()
