/** The fleet on Lambda against the stand-in: the worker's own bundle under the official runtime, and what can go wrong on the way to it. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startTarget, type Target } from '../../demo/target.ts'
import type { Fleet, FleetEvent } from '../../src/fleet/fleet.ts'
import { lambdaFleet } from '../../src/fleet/lambda/fleet.ts'
import { readHead } from '../../src/measure/frame.ts'
import { unpacked } from '../../src/run/unpack.ts'
import { credentialsIn } from '../../src/store/credentials.ts'
import { firstOrders } from '../../src/wire/orders.ts'
import type { Start } from '../../src/wire/start.ts'
import { realWorld } from '../../src/world.ts'
import { makeBucket, prepared, type Run, storeOf, workerZip } from './slices.ts'
import { type Faults, startFaults } from './standin/faults.ts'
import { type Aws, startAws } from './standin/start.ts'
import { makeFunction } from './support.ts'

const ARRIVALS = 20
const broken: Record<string, string> = {
  sleeps: 'export const handler = awslambda.streamifyResponse(() => new Promise(() => setInterval(() => {}, 1000)))',
  eats: `const kept = []
export const handler = awslambda.streamifyResponse(async () => { for (;;) kept.push(Buffer.alloc(8 * 2 ** 20, 1)) })`,
  misses: "import 'nowhere'\nexport const handler = 1",
  exits: "export const handler = awslambda.streamifyResponse(async () => { console.log('enough'); process.exit(3) })",
  foreign: `import { createRequire } from 'node:module'
import { writeFileSync } from 'node:fs'
export const handler = awslambda.streamifyResponse(async () => {
  writeFileSync('/tmp/slsart-foreign.node', 'of another machine')
  createRequire(import.meta.url)('/tmp/slsart-foreign.node')
})`,
}

const world = realWorld()
let aws: Aws
let faults: Faults
let target: Target
let asked = 0
beforeAll(async () => {
  aws = await startAws()
  faults = await startFaults(aws)
  target = await startTarget()
  target.watch(() => asked++)
  await makeBucket(aws)
  await makeFunction(aws, 'worker', workerZip(), { MemorySize: 1769, Timeout: 60 })
  for (const [name, code] of Object.entries(broken)) {
    await makeFunction(aws, name, { 'index.mjs': code }, { MemorySize: 128, Timeout: 3 })
  }
})
afterEach(() => faults.clear())
afterAll(async () => {
  await target.close()
  faults.close()
  await aws.close()
})

let runs = 0
const runOf = (): Promise<Run> => {
  asked = 0
  const script = `config:\n  target: ${target.url}\n  phases: [{ duration: 2, arrivalCount: ${ARRIVALS} }]\nscenarios: [{ flow: [{ get: { url: /items/1 } }] }]\n`
  const load = { duration: 2, arrivals: ARRIVALS }
  return prepared(aws, `20261122-0900${String(runs++).padStart(2, '0')}-1a2b3c`, {
    files: { 'script.yml': script },
    load,
  })
}

function fleetOf({ start }: Run, name: string, version: string): { fleet: Fleet; notes: string[] } {
  const notes: string[] = []
  const region = aws.env.AWS_REGION ?? ''
  const fleet = lambdaFleet({
    ...{ world: { ...world, env: faults.env }, credentials: credentialsIn(aws.env) as never },
    ...{ ...storeOf(aws, start.run), version, ephemeral: false, logs: mkdtempSync(join(tmpdir(), 'slsart-logs-')) },
    platform: { stage: 'dev', region, function: name, bucket: 'slsart-test', arch: 'arm64', memoryMb: 1_769 },
    note: (text) => void notes.push(text),
  })
  return { fleet, notes }
}

type Told = {
  kinds: string[]
  seconds: number[]
  done: boolean
  reason: string
  billed: number | null
  notes: string[]
}

/** Runs one slice on that function: it is told to go when it is ready. */
async function told(change: Partial<Start> = {}, name = 'worker', version = '$LATEST'): Promise<Told> {
  const run = await runOf()
  const { fleet, notes } = fleetOf(run, name, version)
  const events: FleetEvent['event'][] = []
  const stop = setInterval(() => void fleet.order({ ...orders, lease: Date.now() }), 5_000)
  let orders = firstOrders(Date.now())
  await fleet.order(orders)
  for await (const { event } of fleet.launch([{ ...run.start, drain: 5, ...change }])) {
    events.push(event)
    if (event.type !== 'ready') continue
    orders = { ...orders, version: 2, t0: Date.now() + 1_500 }
    await fleet.order(orders)
  }
  clearInterval(stop)
  await fleet.close()
  const gone = events.at(-1)
  if (gone?.type !== 'gone') throw new Error('it is not gone')
  const seconds = events.flatMap((event) => {
    const bytes = event.type === 'frame' ? unpacked(event.packed) : null
    return bytes === null ? [] : [readHead(bytes).second]
  })
  const kinds = events.map(({ type }) => type).filter((type) => type !== 'frame' && type !== 'cut')
  const done = events.some((event) => event.type === 'done' && event.ledger.completed === ARRIVALS)
  return { kinds, seconds: [...new Set(seconds)].toSorted(), done, reason: gone.reason, billed: gone.billed, notes }
}

const WHOLE = { kinds: ['ready', 'done', 'gone'], done: true }

test('a worker streams what it measures, and what it is charged for', async () => {
  const worker = await told()
  expect(worker).toMatchObject({ ...WHOLE, reason: 'its function returned', notes: [] })
  expect(worker.billed).toBeGreaterThan(2_000)
  expect(asked).toBe(ARRIVALS)
})

test('starts that are throttled are tried again, and begun once', async () => {
  const begun = aws.lambda.invocations.length
  faults.throttle({ times: 3 })
  expect(await told()).toMatchObject(WHOLE)
  expect(aws.lambda.invocations).toHaveLength(begun + 1)
  expect(asked).toBe(ARRIVALS)
})

test('an error of the service is not tried again', async () => {
  const begun = aws.lambda.invocations.length
  faults.fail(500)
  expect(await told()).toMatchObject({ kinds: ['gone'], reason: expect.stringMatching(/^Lambda answered 500/) })
  expect(aws.lambda.invocations).toHaveLength(begun)
  expect(faults.hits()).toBeGreaterThan(0)
})

test('what a stream that is cut in the middle of a frame did not bring is read from the bucket, and counts once', async () => {
  const whole = await told()
  faults.cutAfter(700)
  const cut = await told()
  expect(cut).toMatchObject({ ...WHOLE, reason: expect.stringMatching(/^its stream was cut/), billed: null })
  // The last frame's second hangs on when the last answer came.
  expect(cut.seconds).toEqual(cut.seconds.map((_, at) => at))
  expect(cut.seconds.length).toBeGreaterThanOrEqual(whole.seconds.length - 1)
  expect(asked).toBe(ARRIVALS)
})

test('a worker whose connection was reset after it was asked for is followed in the bucket', async () => {
  faults.reset({ arrives: true })
  expect(await told()).toMatchObject(WHOLE)
  expect(asked).toBe(ARRIVALS)
})

test('one that the reset has kept from starting never starts', async () => {
  const begun = aws.lambda.invocations.length
  faults.reset()
  expect(await told()).toMatchObject({ kinds: ['gone'], reason: expect.stringMatching(/^its stream was cut/) })
  expect(aws.lambda.invocations).toHaveLength(begun)
  expect(asked).toBe(0)
})

test('a stream that ends without its end is cut, after all that it has brought', async () => {
  faults.withholdEnd()
  expect(await told()).toMatchObject({ ...WHOLE, reason: expect.stringMatching(/^its stream was cut/) })
})

test('a region without response streams is worked with through the bucket', async () => {
  faults.noStreaming()
  const worker = await told()
  expect(worker).toMatchObject({ ...WHOLE, notes: [expect.stringContaining('knows no response streams')] })
  expect(worker.billed).toBeGreaterThan(2_000)
  expect(asked).toBe(ARRIVALS)
})

test.each([
  ['sleeps', /^its function timed out after 3 s/],
  ['eats', /^its function ran out of memory \(128 MB\)/],
  ['misses', /^its function could not be loaded \(.*Cannot find package 'nowhere'/],
  ['exits', /^its function failed \(Runtime\.ExitError.*its log ends: .*enough/],
  ['foreign', /^its code is built for another architecture/],
])('a function that %s says so', async (name, words) => {
  const { kinds, reason } = await told({}, name)
  expect(reason).toMatch(words)
  expect(kinds).toEqual(['gone'])
})

test('a function or a version that is not there is named', async () => {
  expect((await told({}, 'nobody')).reason).toMatch(/^there is no function nobody with version \$LATEST/)
  expect((await told({}, 'worker', '9')).reason).toMatch(/^there is no function worker with version 9/)
})

test('the limits are those of the account', async () => {
  const { fleet } = fleetOf(await runOf(), 'worker', '$LATEST')
  expect(await fleet.limits()).toEqual({ workers: 1_000, startsPer10s: 1_000 })
  aws.lambda.quota.concurrency = 40
  expect(await fleet.limits()).toEqual({ workers: 40, startsPer10s: 1_000 })
  aws.lambda.quota.concurrency = 1_000
  await fleet.close()
})
