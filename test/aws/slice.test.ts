/** One slice on Lambda, over S3: what the worker does there, and what it leaves to the next one in the same environment. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startTarget, type Target } from '../../demo/target.ts'
import type { WorkerEvent } from '../../src/wire/events.ts'
import { claimKey } from '../../src/wire/keys.ts'
import { workFolder } from '../support/cli.ts'
import { storeContract } from '../support/store.ts'
import { invoke, makeBucket, prepared, type Run, runSlice, storeOf, type Worked, workerZip } from './slices.ts'
import { startFaults } from './standin/faults.ts'
import { type Aws, startAws } from './standin/start.ts'
import { clientOf, makeFunction } from './support.ts'

let aws: Aws
let target: Target
let lambda: LambdaClient
let bodies: { found: Record<string, unknown> }[]
beforeAll(async () => {
  aws = await startAws()
  target = await startTarget()
  target.watch(({ body }) => body !== '' && bodies.push(JSON.parse(body)))
  lambda = new LambdaClient(clientOf(aws))
  await makeBucket(aws)
  for (const [name, Timeout] of [
    ['worker', 30],
    ['short', 9],
    // Time enough to start and to work for seconds before it would stop by itself, on a machine that is busy.
    ['longer', 14],
  ] as const) {
    await makeFunction(aws, name, workerZip(), { MemorySize: 1769, Timeout })
  }
})
beforeEach(() => {
  bodies = []
})
afterEach(() => aws.lambda.kill())
afterAll(async () => {
  lambda.destroy()
  await target.close()
  await aws.close()
})

let runs = 0
beforeEach(() => void runs++)
storeContract('a store in S3, by moto', () => storeOf(aws, `contract-${runs}`).store)

const LOAD = { duration: 1, arrivals: 10 }
const yml = (config = '', flow = '[{ get: { url: /items/1 } }]'): string => `config:
  target: ${target.url}
  phases: [{ duration: 1, arrivalCount: 10 }]
${config}scenarios:
  - flow: ${flow}
`
const LOOK = '[{ function: look }, { post: { url: /echo, json: { found: "{{ found }}" } } }]'
const PROCESSOR = '  processor: ./load/hooks.ts\n  includeFiles: [load/words.txt]\n'

let named = 0
const runOf = (files: Record<string, string>, inlineBytes = 0, load = LOAD): Promise<Run> =>
  prepared(aws, `20261122-0800${String(named++).padStart(2, '0')}-1a2b3c`, { files, load, inlineBytes })

const again = (run: Run): Run => ({ ...run, start: { ...run.start, attempt: run.start.attempt + 1 } })
const kinds = ({ events }: Worked): string[] => events.map(({ type }) => type)
/** What a worker says that carries out its slice, with as many frames as came. */
const wholeOf = ({ events }: Worked): string[] => ['ready', ...events.slice(1, -1).map(() => 'frame'), 'done']
const last = ({ events }: Worked): WorkerEvent | undefined => events.at(-1)
/** All that a worker wrote into the bucket, in the order of the keys. */
async function batchesOf({ store, start: { index, attempt } }: Run): Promise<Buffer> {
  const keys = await store.list(`batches/${index}-${attempt}/`)
  const batches = await Promise.all(keys.map((key) => store.get(key)))
  return Buffer.concat(batches.map((bytes) => bytes ?? new Uint8Array()))
}
const requests = async (work: () => Promise<unknown>): Promise<number> => {
  const before = target.total()
  await work()
  return target.total() - before
}

test('it goes from ready to done, and the bucket has, batch by batch, the bytes of its stream', async () => {
  const run = await runOf({ 'script.yml': yml() }, 0, { duration: 3, arrivals: 10 })
  const worked = await runSlice(lambda, run)
  expect(worked.error).toBeNull()
  expect(kinds(worked)).toEqual(wholeOf(worked))
  expect(last(worked)).toMatchObject({ ledger: { due: 10, launched: 10, completed: 10, lost: 0, unfinished: 0 } })
  expect((await run.store.list('batches/')).length).toBeGreaterThan(2)
  expect(await batchesOf(run)).toEqual(worked.bytes)
  const claim = JSON.parse(String(Buffer.from((await run.store.get(claimKey(0, 1))) ?? '')))
  expect(claim.log).toBe(aws.lambda.logs.lines.at(-1)?.stream)
})

test('a slice that was claimed, or whose window is over, sends nothing', async () => {
  const run = await runOf({ 'script.yml': yml() })
  await runSlice(lambda, run)
  let twice: Worked | null = null
  let late: Worked | null = null
  const sent = await requests(async () => {
    twice = await invoke(lambda, run.start)
    await run.order({ t0: Date.now() - 63_000 })
    const start = { ...run.start, attempt: 2, slice: { ...run.start.slice, window: { from: 0, to: 60 } } }
    late = await invoke(lambda, start)
  })
  expect(sent).toBe(0)
  expect(twice).toMatchObject({
    error: null,
    events: [{ type: 'fault', code: 'late', message: expect.stringContaining('claimed') }],
  })
  expect(late).toMatchObject({
    error: null,
    events: [{ type: 'ready' }, { code: 'late', message: expect.stringMatching(/window of slice \d+ is over/) }],
  })
})

const HOOKS = `import { readFileSync } from 'node:fs'
import { shout } from 'shouting'
let runs = 0
const before = { own: process.env.LEFT_BY_RUN, cwd: process.cwd(), listeners: process.listenerCount('SIGUSR2') }
process.env.LEFT_BY_RUN = 'left'
process.chdir('/')
process.on('SIGUSR2', () => {})
const timer = setInterval(() => { runs += 100 }, 1)
setTimeout(() => clearInterval(timer), 1e6)
runs++
const first = runs
console.log('loaded\\nin two lines')
export async function look(context) {
  context.vars.found = { word: shout(readFileSync(import.meta.dirname + '/words.txt', 'utf8')), first, ...before, script: context.vars.$scenarioFile, given: process.env.GIVEN }
}
`
const PROJECT = (): Record<string, string> => ({
  'package.json': '{}',
  'script.yml': yml(PROCESSOR, LOOK),
  'load/hooks.ts': HOOKS,
  'load/words.txt': 'words',
  'node_modules/shouting/package.json': '{"name":"shouting","type":"module","exports":"./index.js"}',
  'node_modules/shouting/index.js': 'export const shout = (word) => word.toUpperCase()\n',
})

test.each([
  ['the bucket', 0],
  ['the event', 2 ** 20],
])(
  'code with packages and files beside it comes from %s, each time as if for the first time',
  async (_, inlineBytes) => {
    const run = await runOf(PROJECT(), inlineBytes)
    run.start.env = { GIVEN: 'given', AWS_SECRET_ACCESS_KEY: "the user's own" }
    const folder = process.cwd()
    for (const next of [run, again(run)]) {
      const worked = await runSlice(lambda, next)
      expect(last(worked)).toMatchObject({ type: 'done', ledger: { completed: 10 } })
      expect(bodies).toHaveLength(10)
      const [{ found } = { found: {} }] = bodies
      expect(found).toMatchObject({ word: 'WORDS', first: 1, listeners: 0, given: 'given' })
      expect(found.own).toBeUndefined()
      expect(found.cwd).not.toBe('/')
      expect(String(found.script)).toMatch(/\/slsart\/runs\/.*\/script\.yml$/)
      const prefix = `[slsart ${next.start.run} 0-${next.start.attempt}] `
      const lines = aws.lambda.logs.lines.map(({ line }) => line)
      expect(lines).toEqual(expect.arrayContaining([`${prefix}loaded`, `${prefix}in two lines`]))
      bodies = []
    }
    expect(aws.lambda.invocations.slice(-2).map(({ cold }) => cold)).toEqual([true, false])
    expect(process.cwd()).toBe(folder)
  },
)

test('a bucket that fails, answers nothing or cuts the connection changes nothing of the load and of its record', async () => {
  const faults = await startFaults(aws)
  const { AWS_ENDPOINT_URL_S3, ...before } = aws.lambda.variables
  aws.lambda.variables = { ...before, AWS_ENDPOINT_URL_S3: faults.url }
  // The claim is made, and nobody hears of it; an order is not answered; the first batch fails for good, and once more.
  faults.reset({ path: /\/claims\//, times: 1, arrives: true })
  faults.stall(0, { path: /\/orders\.json$/, times: 1 })
  faults.fail(503, { path: /\/batches\//, times: 4 })
  const run = await runOf({ 'script.yml': yml() }, 0, { duration: 3, arrivals: 10 })
  const worked = await runSlice(lambda, run)
  expect(faults.hits()).toBe(6)
  expect(kinds(worked)).toEqual(wholeOf(worked))
  expect(last(worked)).toMatchObject({ ledger: { due: 10, launched: 10, completed: 10, lost: 0 } })
  expect(await batchesOf(run)).toEqual(worked.bytes)
  aws.lambda.variables = { ...before, AWS_ENDPOINT_URL_S3: aws.url }
  faults.close()
})

test('a bucket that is not there is named, with the code that AWS has for it', async () => {
  const run = await runOf({ 'script.yml': yml() })
  const start = { ...run.start, store: { ...run.start.store, bucket: 'gone' } as Run['start']['store'] }
  const message = expect.stringMatching(/^cannot write s3:\/\/gone\/runs\/.*\/claims\/0-1: NoSuchBucket/)
  expect(last(await invoke(lambda, start))).toMatchObject({ code: 'worker', message })
})

test("code that throws while it is loaded is told with the place in the user's source", async () => {
  const hooks = '// a comment\ntype Words = string[]\n\nconst words: Words = JSON.parse("{")\nexport { words }\n'
  const run = await runOf({ ...PROJECT(), 'load/hooks.ts': hooks })
  const worked = await invoke(lambda, run.start)
  expect(worked).toMatchObject({ error: null, events: [{ type: 'fault', code: 'script' }] })
  expect(last(worked)).toMatchObject({
    message: expect.stringContaining('SyntaxError: '),
    at: { file: join(run.folder, 'load/hooks.ts'), line: 4 },
  })
})

test('a file that no script names is missed with what would have it travel', async () => {
  const hooks =
    "import { readFileSync } from 'node:fs'\nexport const text = readFileSync(__dirname + '/unnamed.txt', 'utf8')\n"
  const run = await runOf({ ...PROJECT(), 'load/hooks.ts': hooks, 'load/unnamed.txt': 'a' })
  expect(last(await invoke(lambda, run.start))).toMatchObject({
    code: 'script',
    message: expect.stringContaining('`config.includeFiles`'),
    at: { line: 2 },
  })
})

test("an error that nobody catches is the worker's last word, and the next one has an environment of its own", async () => {
  const hooks = `export async function look(context) {
  context.vars.found = 1
  setTimeout(() => { throw new TypeError('not caught') }, 1)
}
`
  const run = await runOf({ ...PROJECT(), 'load/hooks.ts': hooks })
  const worked = await runSlice(lambda, run)
  const fault = {
    type: 'fault',
    code: 'script',
    message: 'TypeError: not caught',
    at: { file: join(run.folder, 'load/hooks.ts'), line: 3 },
  }
  expect(last(worked)).toMatchObject(fault)
  const lines = aws.lambda.logs.lines.map(({ line }) => line)
  expect(lines).toContain(`[slsart ${run.start.run} 0-1] TypeError: not caught`)
  expect(lines.find((line) => line.includes('load/hooks.ts:3:'))).toMatch(/^\[slsart .* 0-1\] +at /)
  expect(await batchesOf(run)).toEqual(worked.bytes)
  const well = again(await runOf({ 'script.yml': yml() }))
  expect(last(await runSlice(lambda, well))).toMatchObject({ type: 'done', ledger: { completed: 10 } })
})

test('it stops before the platform ends it, and says so', async () => {
  const run = await runOf({ 'script.yml': yml('', '[{ get: { url: /slow } }, { think: 60 }]') }, 0, {
    duration: 60,
    arrivals: 600,
  })
  const worked = await runSlice(lambda, run, 'short')
  expect(worked.error).toBeNull()
  const fault = worked.events.find(({ type }) => type === 'fault')
  expect(fault).toMatchObject({ code: 'worker', message: expect.stringContaining('it has stopped before that') })
  const end = last(worked)
  const ledger = end?.type === 'done' ? end.ledger : null
  expect(ledger).toMatchObject({ due: 600 })
  expect(ledger && ledger.launched + ledger.lost).toBe(600)
  expect(ledger?.unfinished).toBe(ledger?.launched)
  expect(worked.log).not.toContain('Task timed out')
  const sent = target.total()
  const well = await runOf({ 'script.yml': yml() })
  // A second slice in the same environment, whose time was long enough: nothing of the first is sent any more.
  expect(last(await runSlice(lambda, well, 'short'))).toMatchObject({ type: 'done', ledger: { completed: 10 } })
  expect(target.total() - sent).toBe(10)
  expect(aws.lambda.invocations.at(-1)?.cold).toBe(false)
})

test('of a worker that is killed, since its code never gives way, the bucket has what came before', async () => {
  const hooks = `export async function look(context) {
  context.vars.found = 1
  setTimeout(() => { for (;;); }, 2_200)
}
`
  const run = await runOf({ ...PROJECT(), 'load/hooks.ts': hooks }, 0, { duration: 60, arrivals: 600 })
  const worked = await runSlice(lambda, run, 'longer')
  expect(worked.error).not.toBeNull()
  expect(worked.log).toContain('Task timed out')
  const kept = await batchesOf(run)
  expect(kept.length).toBeGreaterThan(100)
  expect(worked.bytes.subarray(0, kept.length)).toEqual(kept)
})

test('an external package is found in a layer, and one that is nowhere is missed by its name', async () => {
  const layer = join(workFolder(), 'node_modules')
  mkdirSync(join(layer, 'big'), { recursive: true })
  writeFileSync(
    join(layer, 'big/package.json'),
    '{"name":"big","type":"module","exports":{"import":"./esm.js","require":"./cjs.cjs"}}',
  )
  writeFileSync(join(layer, 'big/esm.js'), 'export const size = "from a layer"\n')
  writeFileSync(join(layer, 'big/cjs.cjs'), 'exports.size = "required from a layer"\n')
  const { NODE_PATH, ...before } = aws.lambda.variables
  aws.lambda.variables = { ...before, NODE_PATH: layer }
  const config = '  processor: ./load/hooks.ts\n  bundling: { external: [big, none] }\n'
  const look = (value: string): string => `import { size } from 'big'
import { createRequire } from 'node:module'
export async function look(context) {
  context.vars.found = { size, required: require('big').size, none: ${value} }
}
`
  const run = await runOf({ 'package.json': '{}', 'script.yml': yml(config, LOOK), 'load/hooks.ts': look('1') })
  await runSlice(lambda, run)
  expect(bodies[0]?.found).toEqual({ size: 'from a layer', required: 'required from a layer', none: 1 })
  const missing = `import { none } from 'none'\n${look('none')}`
  const other = await runOf({ 'package.json': '{}', 'script.yml': yml(config, LOOK), 'load/hooks.ts': missing })
  expect(last(await invoke(lambda, other.start))).toMatchObject({
    code: 'script',
    message: expect.stringContaining('the package "none" is external to the bundle'),
  })
  aws.lambda.variables = before
})
