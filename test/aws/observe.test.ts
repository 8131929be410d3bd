/** What is seen of a run on Lambda from outside it: its logs, its cost, what CloudWatch has, its record, and what `doctor` says of the stage. */
import { mkdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CloudWatchClient, GetMetricStatisticsCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { DeleteFunctionConcurrencyCommand, LambdaClient, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTarget, type Target } from '../../demo/target.ts'
import { packFrame } from '../../lambda/packing.ts'
import { accounted } from '../../src/cli/accounting.ts'
import type { Platform } from '../../src/fleet/fleet.ts'
import { FRAME_VERSION } from '../../src/measure/frame.ts'
import { emptyLedger } from '../../src/measure/ledger.ts'
import { reportSchema } from '../../src/report/schema.ts'
import { moneyOf } from '../../src/run/money.ts'
import { eventsPath, openRecord, type RunHead, readRecord, runsFolder } from '../../src/run/record.ts'
import { openClients } from '../../src/stack/clients.ts'
import { bucketOf } from '../../src/stack/deployed.ts'
import { credentialsIn } from '../../src/store/credentials.ts'
import { s3Store } from '../../src/store/s3.ts'
import { headKey, ordersKey } from '../../src/wire/keys.ts'
import { firstOrders } from '../../src/wire/orders.ts'
import { realWorld } from '../../src/world.ts'
import { constant, frameBytes } from '../support/arbitraries.ts'
import { putBatches } from '../support/batches.ts'
import { type Ended, readReport, run, start, workFolder } from '../support/cli.ts'
import { planOf } from '../support/plans.ts'
import { type Aws, startAws } from './standin/start.ts'
import { clientOf } from './support.ts'

const REGION = 'eu-west-1'
const ID = '20261120-221530-1a2b3c'
/** A run of four seconds that ended a quarter of an hour ago. */
const LAUNCHED = Date.now() - 900_000
const T0 = LAUNCHED + 2_000

let aws: Aws
let platform: Platform
const cli = (folder: string, ...args: string[]): Promise<Ended> => run(folder, args, aws.env)

beforeAll(async () => {
  aws = await startAws({ region: REGION })
  // The clients that take their settings from the environment, and the command line's modules used here.
  Object.assign(process.env, aws.env)
})
afterAll(() => aws.close())

type Check = { check: string; level: string; message: string; mend: string | null }

async function examined(): Promise<{ code: number | null; checks: Record<string, Check> }> {
  const { code, stdout, stderr } = await cli(workFolder(), 'doctor', '--json')
  expect(stderr).toBe('')
  const { checks } = JSON.parse(stdout) as { checks: Check[] }
  return { code, checks: Object.fromEntries(checks.map((check) => [check.check, check])) }
}
const levels = (checks: Record<string, Check>): Record<string, string> =>
  Object.fromEntries(Object.values(checks).map(({ check, level }) => [check, level]))
const WELL = { node: 'ok', region: 'ok', endpoints: 'ok', clock: 'ok', credentials: 'ok', quotas: 'ok' }

describe('doctor', () => {
  test('of an account with nothing in it says that nothing is deployed', async () => {
    const { code, checks } = await examined()
    expect([code, levels(checks)]).toEqual([0, { ...WELL, stack: 'warning', leftovers: 'ok' }])
    expect(checks.stack?.mend).toContain('slsart deploy')
  })

  test('of a stage that is deployed finds all well', async () => {
    const deployed = await cli(workFolder(), 'deploy')
    expect(deployed.code, deployed.stderr).toBe(0)
    const { code, checks } = await examined()
    expect([code, levels(checks)]).toEqual([0, { ...WELL, stack: 'ok', worker: 'ok', role: 'ok', leftovers: 'ok' }])
    expect((await cli(workFolder(), 'doctor')).stdout).toMatch(
      /^ok {7}worker {6}slsart-dev-worker, version 1, is Active$/m,
    )
  })

  test('sees a function that may not start, an account that is nearly full, and what is left over', async () => {
    const lambda = new LambdaClient(clientOf(aws))
    const logs = new CloudWatchLogsClient(clientOf(aws))
    const FunctionName = 'slsart-dev-worker'
    const logGroupName = '/aws/lambda/slsart-old-worker'
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }))
    await logs.send(new CreateLogGroupCommand({ logGroupName }))
    aws.lambda.quota.concurrency = 40
    const { code, checks } = await examined()
    aws.lambda.quota.concurrency = 1_000
    await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }))
    await logs.send(new DeleteLogGroupCommand({ logGroupName }))
    expect(code).toBe(3)
    expect(levels(checks)).toMatchObject({ worker: 'problem', quotas: 'warning', leftovers: 'warning', stack: 'ok' })
    expect(checks.leftovers?.message).toContain('the log group /aws/lambda/slsart-old-worker belongs to no stack')
  })
})

const headOf = (): RunHead => ({
  ...{
    schema: 'slsart.run/1',
    frames: FRAME_VERSION,
    id: ID,
    fleet: 'lambda',
    engine: 'native',
    launchedAt: LAUNCHED,
    acceptance: false,
    monitoring: null,
  },
  ...{ baseline: null, platform, plan: planOf([constant(3, 4)], 2), money: moneyOf(platform, null, null) },
  script: {
    ...{ target: 'http://target', file: '/project/script.yml', scenarios: ['0'], warmUp: [], strict: false, quorum: 1 },
    thresholds: [],
  },
})

/** A run of two workers in a folder of its own, as its conductor would have left it when it was killed: without an end. */
async function leftBehind(billed: (number | null)[]): Promise<{ cwd: string; folder: string }> {
  const cwd = workFolder()
  const folder = join(runsFolder(cwd), ID)
  const log = await openRecord(folder, headOf())
  log.event({ type: 'launched', slices: [0, 1], attempt: 1 }, LAUNCHED)
  for (const slice of [0, 1])
    log.event({ type: 'ready', slice, attempt: 1, at: LAUNCHED + 490 }, LAUNCHED + 500 + slice * 200)
  log.event({ type: 'go', t0: T0 }, T0 - 750)
  for (let second = 0; second < 3; second++) {
    for (const slice of [0, 1]) {
      const counters = { launched: 2, completed: 2, requests: 2, responses: 2 }
      const frame = frameBytes({
        slice,
        seq: second,
        second,
        counters,
        samples: { response: [1_000, 2_000], lateness: [5] },
      })
      log.frame({ slice, second }, packFrame(frame), T0 + (second + 1) * 1_000 + 20 + slice * 5)
    }
  }
  for (const slice of [0, 1]) {
    log.event(
      { type: 'done', slice, attempt: 1, ledger: { ...emptyLedger(), due: 6, launched: 6, completed: 6 }, frames: 3 },
      T0 + 3_100,
    )
    log.event(
      { type: 'gone', slice, attempt: 1, again: false, reason: 'returned', billed: billed[slice] ?? null },
      T0 + 3_200,
    )
  }
  await log.close()
  return { cwd, folder }
}

describe('a run', () => {
  beforeAll(async () => {
    const clients = await openClients(REGION, { env: aws.env })
    const bucket = await bucketOf(clients, 'dev')
    platform = { stage: 'dev', region: REGION, function: 'slsart-dev-worker', bucket, arch: 'arm64', memoryMb: 1_769 }
  })

  test('is reported from its store when it is not in this folder, and made whole when its conductor was killed', async () => {
    const { cwd, folder } = await leftBehind([5_000, 5_100])
    const place = { kind: 'bucket', bucket: platform.bucket, prefix: `runs/${ID}/`, region: REGION } as const
    const store = s3Store(place, { env: aws.env, credentials: credentialsIn(aws.env) })
    await store.put(headKey, Buffer.from(JSON.stringify(headOf())))
    await store.put(ordersKey, Buffer.from(JSON.stringify({ ...firstOrders(T0 + 3_000), version: 3, t0: T0 })))
    await putBatches(folder, store, 3)
    store.close()

    const elsewhere = workFolder()
    const unknown = await cli(elsewhere, 'report', ID)
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining(`there is no run "${ID}" here`)])
    const fetched = await cli(elsewhere, 'report', ID, '--stage', 'dev', '-o', 'report.json')
    expect(fetched.code, fetched.stderr).toBe(0)
    expect(fetched.stdout).toContain('verdict    pass   trust trusted')
    expect(fetched.stdout).toContain('nobody heard when workers were ready')
    expect(fetched.stdout).toContain(
      'at least $0.0000 for 0 workers billed 0 s; Lambda has not said what it bills 2 others',
    )
    expect((await cli(elsewhere, 'report', ID)).stdout).toBe(fetched.stdout)

    const mended = await cli(cwd, 'report')
    expect(mended.code, mended.stderr).toBe(0)
    expect(mended.stdout).toContain('verdict    pass   trust trusted')
    expect(mended.stdout).toContain('$0.0002 for 2 workers billed 10.1 s')
    expect(mended.stdout).toContain('0.7 s (max) after their launch; skew 15 ms')

    const nowhere = await cli(workFolder(), 'report', ID, '--stage', 'other')
    expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringContaining(`no stage "other" in ${REGION}`)])
    const never = await cli(workFolder(), 'report', '20261120-221530-ffffff', '--stage', 'dev')
    expect([never.code, never.stderr]).toEqual([2, expect.stringContaining('there is no such run in the store')])
  })

  test('is in CloudWatch, and what CloudWatch has counted is in its report', async () => {
    const { cwd, folder } = await leftBehind([5_000, null])
    const watch = new CloudWatchClient(clientOf(aws))
    const { counted: nothing } = await accounted(await readRecord(folder), realWorld({ isOurs: false }))
    expect(nothing).toMatchObject({ invocations: 0, isWhole: true })
    await rm(join(folder, 'counted.json'))
    const { Datapoints } = await watch.send(
      new GetMetricStatisticsCommand({
        ...{ Namespace: 'slsart', MetricName: 'ResponseTime', Period: 3_600, Statistics: ['SampleCount', 'Maximum'] },
        Dimensions: [
          { Name: 'Stage', Value: 'dev' },
          { Name: 'Script', Value: 'script.yml' },
        ],
        ...{ StartTime: new Date(LAUNCHED - 3_600_000), EndTime: new Date(Date.now() + 3_600_000) },
      }),
    )
    expect(Datapoints).toMatchObject([{ SampleCount: 12, Maximum: 2 }])

    const counted = async (values: Record<string, number>): Promise<void> => {
      const Dimensions = [{ Name: 'FunctionName', Value: platform.function }]
      const MetricData = Object.entries(values).map(([MetricName, Value]) => ({
        ...{ MetricName, Value, Dimensions, Timestamp: new Date(T0) },
      }))
      await watch.send(new PutMetricDataCommand({ Namespace: 'AWS/Lambda', MetricData }))
    }
    await counted({ Invocations: 2, Errors: 1, Throttles: 3, ConcurrentExecutions: 2, Duration: 5_100 })
    const { stdout, stderr } = await cli(cwd, 'report', '-o', 'report.json', '-o', 'report.html', '-o', 'report.md')
    expect(stderr).toBe('')
    expect(stdout).toContain('counted    2 invocations, 1 error, 3 throttles, at most 2 at once, the longest 5.1 s')
    expect(stdout).toContain('at least $0.0001 for 1 worker billed 5 s; Lambda has not said what it bills 1 other')
    const read = (name: string): string => readFileSync(join(cwd, name), 'utf8')
    const json = reportSchema.parse(JSON.parse(read('report.json')))
    expect(json.costUsd).toMatchObject({ actual: null, atLeast: expect.closeTo(0.0001, 3) })
    expect(json.platform?.counted).toMatchObject({ invocations: 2, throttles: 3, duration_ms: 5_100 })
    expect(read('report.html')).toContain('>On Lambda</h2>')
    expect(read('report.md')).toContain('- counted: 2 invocations, 1 error')
  })

  test('has its logs printed in order of time, without those of other runs', async () => {
    const { cwd } = await leftBehind([null, null])
    const logs = new CloudWatchLogsClient(clientOf(aws))
    const logGroupName = '/aws/lambda/slsart-dev-worker'
    const put = async (logStreamName: string, lines: [number, string][]): Promise<void> => {
      await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }))
      const logEvents = lines.map(([at, message]) => ({ timestamp: T0 + at, message }))
      await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }))
    }
    await put('first', [
      [0, 'START RequestId: 1 Version: 1'],
      [10, `[slsart ${ID} 0-1] step one\n`],
      [40, `[slsart ${ID} 0-1] TypeError: no\n[slsart ${ID} 0-1]     at hooks.ts:3:5\n    at anywhere\n`],
      [60, `[slsart 20261120-221530-other 0-1] not ours`],
    ])
    await put('second', [[20, `[slsart ${ID} 1-2] step one\n`]])
    await put('hook', [[5, `[slsart ${ID} -1-1] logged in\n`]])
    const printed = await cli(cwd, 'logs')
    expect([printed.code, printed.stderr]).toEqual([0, ''])
    expect(
      printed.stdout
        .replaceAll(/^[\d:.]{12} {2}/gm, '')
        .trimEnd()
        .split('\n'),
    ).toEqual([
      'before  logged in',
      'worker 0  step one',
      'worker 1 (attempt 2)  step one',
      'worker 0  TypeError: no',
      'worker 0      at hooks.ts:3:5',
      'worker 0      at anywhere',
    ])
    const one = await cli(cwd, 'logs', '--worker', '1')
    expect(one.stdout.trimEnd().split('\n')).toEqual([expect.stringContaining('worker 1 (attempt 2)  step one')])
  })

  test('of more lines than a page holds is printed whole', async () => {
    const { cwd } = await leftBehind([null, null])
    const logs = new CloudWatchLogsClient(clientOf(aws))
    const names = { logGroupName: '/aws/lambda/slsart-dev-worker', logStreamName: 'long' }
    await logs.send(new CreateLogStreamCommand(names))
    for (let i = 0; i < 3; i++) {
      const logEvents = Array.from({ length: 5_000 }, (_, at) => ({
        timestamp: T0 + 1_000 + i,
        message: `[slsart ${ID} 8-1] line ${i * 5_000 + at}`,
      }))
      await logs.send(new PutLogEventsCommand({ ...names, logEvents }))
    }
    const { stdout } = await cli(cwd, 'logs', '--worker', '8')
    expect(stdout.trimEnd().split('\n')).toHaveLength(15_000)
  })
})

describe('a run that really was', () => {
  let target: Target
  beforeAll(async () => {
    target = await startTarget()
  })
  afterAll(() => target.close())

  const script = (duration: number): Record<string, string> => ({
    'hooks.ts': `type Context = { vars: Record<string, unknown> }
export const greet = async ({ vars }: Context): Promise<void> => {
  console.log('hello from', vars.name)
  console.error(new Error('not a worry').stack)
}`,
    'script.json': JSON.stringify({
      config: {
        ...{ target: target.url, processor: './hooks.ts', variables: { name: ['a virtual user'] } },
        phases: [{ duration, arrivalRate: 10 }],
      },
      scenarios: [{ flow: [{ function: 'greet' }, { log: 'step one' }, { get: { url: '/items/1' } }] }],
    }),
  })
  const invoking = ['invoke', '-p', 'script.json', '--workers', '2', '--seed', '7']
  const idIn = (folder: string): string => readReport(folder).run.id

  test('is reported elsewhere with the same numbers, and its logs lead to the lines of its code', async () => {
    const here = workFolder(script(3))
    const { code, stderr } = await cli(here, ...invoking, '-q', '-o', 'report.json')
    expect(code, stderr).toBe(0)
    const id = idIn(here)
    const elsewhere = workFolder()
    const again = await cli(elsewhere, 'report', id, '-s', 'dev', '-o', 'report.json')
    expect(again.code, again.stderr).toBe(0)
    const [ours, theirs] = [readReport(here), readReport(elsewhere)]
    expect(theirs.histograms).toEqual(ours.histograms)
    expect(theirs.series).toEqual(ours.series)
    expect([theirs.ledger, theirs.totals, theirs.verdict]).toEqual([ours.ledger, ours.totals, ours.verdict])

    await aws.lambda.logs.sent()
    const { stdout } = await cli(elsewhere, 'logs')
    const lines = stdout.trimEnd().split('\n')
    expect(lines.filter((line) => / {2}worker [01] {2}hello from a virtual user$/.test(line))).toHaveLength(30)
    expect(lines.filter((line) => / {2}worker [01] {2}step one$/.test(line))).toHaveLength(30)
    expect(lines.filter((line) => / {2}worker [01] {2} {4}at .*hooks\.ts:4:\d+/.test(line))).toHaveLength(30)
    const times = lines.map((line) => line.slice(0, 12))
    expect(times).toEqual(times.toSorted())
  })

  test('has lost nothing when its conductor was killed: its workers went on, and the store has it', async () => {
    const folder = workFolder(script(12))
    const { child, ended, stderrHas } = start(folder, [...invoking, '--progress', 'json'], aws.env)
    await stderrHas('"at":3')
    child.kill('SIGKILL')
    await ended
    const reported = (): Promise<Ended> => cli(folder, 'report', '-o', 'report.json')
    await expect
      .poll(async () => (await reported()).stdout, { timeout: 40_000, interval: 1_000 })
      .toContain('verdict    pass')
    expect(readReport(folder).ledger).toMatchObject({ due: 120, launched: 120, completed: 120, balanced: true })
    expect(readReport(folder).series.reduce((sum, { responses }) => sum + responses, 0)).toBe(120)
  })
})

test('a log group that is gone is named', async () => {
  const cwd = workFolder()
  platform = { ...platform, function: 'slsart-gone-worker' }
  const folder = join(runsFolder(cwd), ID)
  mkdirSync(folder, { recursive: true })
  const log = await openRecord(folder, headOf())
  await log.close()
  expect(eventsPath(folder)).toContain(ID)
  const { code, stderr } = await cli(cwd, 'logs')
  expect(code).toBe(3)
  expect(stderr).toContain('the log group /aws/lambda/slsart-gone-worker cannot be read')
})
