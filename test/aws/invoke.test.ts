/** Runs on the deployed stage, from the command line to the worker that was uploaded, against the stand-ins. The target's count is the truth. */
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Seen, startTarget, type Target } from '../../demo/target.ts'
import { type Ended, type Report, readReport, run, start, workFolder } from '../support/cli.ts'
import { type Deployed, startDeployed } from './deployed.ts'
import { clientOf } from './support.ts'

let aws: Deployed
let target: Target
beforeAll(async () => {
  aws = await startDeployed()
})
beforeAll(async () => {
  target = await startTarget()
})
afterEach(() => {
  Object.assign(aws.lambda.quota, { concurrency: 1000, startsPer10s: 1000 })
})
afterAll(async () => {
  await target.close()
  await aws.close()
})

const args = (...more: string[]): string[] => [
  'invoke',
  '-p',
  'script.json',
  '--seed',
  '7',
  '-o',
  'report.json',
  ...more,
]

type Ran = Ended & { folder: string; report: Report; seen: Seen[] }

async function ran(folder: string, more: readonly string[], env: Record<string, string>): Promise<Ran> {
  const seen: Seen[] = []
  target.watch((request) => seen.push(request))
  const ended = await run(folder, args('-q', ...more), env)
  expect(ended.code, ended.stderr).toBe(0)
  return { ...ended, folder, report: readReport(folder), seen }
}

const files = {
  'rows.csv': Array.from({ length: 9 }, (_, i) => `row${i}`).join('\n'),
  'words/hello.txt': 'hello-of-a-file',
  'hooks.ts': `import { readFileSync } from 'node:fs'
import { join } from 'node:path'
const hello: string = readFileSync(join(import.meta.dirname, 'words/hello.txt'), 'utf8')
export const greet = async (request: { url: string }): Promise<void> => { request.url += '&said=' + hello }`,
}

const shop = (phases: object[], slsart: object = {}): Record<string, string> => ({
  ...files,
  'script.json': JSON.stringify({
    config: {
      slsart,
      ...{
        target: target.url,
        phases,
        processor: './hooks.ts',
        includeFiles: ['words/hello.txt'],
        http: { timeout: 1 },
      },
      payload: { path: 'rows.csv', fields: ['row'], order: 'sequence' },
    },
    before: { flow: [{ get: { url: '/items/1', capture: { json: '$.id', as: 'first' } } }] },
    scenarios: [
      { name: 'one', weight: 2, flow: [{ get: { url: '/items?row={{ row }}&r={{ $randomNumber(1, 1000) }}' } }] },
      { name: 'two', weight: 1, flow: [{ get: { url: '/items/3?row={{ row }}', beforeRequest: 'greet' } }] },
    ],
  }),
})

const counted = ({ report, seen }: Ran): object => ({
  ledger: report.ledger,
  scenarios: report.scenarios.map(({ name, launched, requests }) => ({ name, launched, requests })),
  endpoints: report.endpoints.map(({ endpoint, requests, responses }) => ({ endpoint, requests, responses })),
  seen: seen.map(({ path }) => path).toSorted(),
})

test('the same script and seed do the same on Lambda as on this machine', async () => {
  const folder = workFolder(shop([{ duration: 3, arrivalRate: 20, rampTo: 40 }]))
  const local = await ran(folder, ['--local', '--workers', '3'], {})
  const remote = await ran(folder, ['--workers', '3'], aws.env)
  expect(counted(remote)).toEqual(counted(local))
  expect(remote.report.ledger).toMatchObject({ due: 90, launched: 90, completed: 90, balanced: true })
  expect(remote.report.run).toMatchObject({ fleet: 'lambda' })
  expect(remote.seen.some(({ path }) => path.endsWith('&said=hello-of-a-file'))).toBe(true)
  expect(remote.stdout).toMatch(/cost +\$[\d.]+ for 3 workers billed/)
})

test('windows follow one another without a gap, each with workers of its own; what is billed is within 10 % of the estimate', async () => {
  const folder = workFolder(shop([{ duration: 20, arrivalRate: 20 }], { limits: { window: 11, startUp: 4 } }))
  const { report, seen } = await ran(folder, ['--workers', '2'], aws.env)
  expect(report.plan.windows.length).toBeGreaterThan(1)
  expect(report.ledger).toMatchObject({ due: 400, launched: 400, completed: 400, balanced: true })
  expect(seen).toHaveLength(401)
  // How long a worker takes to start hangs on the machine: of a run of seconds that alone could be a tenth.
  const { actual, estimated } = report.costUsd ?? {}
  expect((actual ?? 0) / (estimated ?? 1)).toBeGreaterThan(0.9)
  expect((actual ?? 0) / (estimated ?? 1)).toBeLessThan(1.1)
})

test('Lambda bills no more than was said', async () => {
  // A cent a second, and not enough for all that its workers may take to end.
  const folder = workFolder(shop([{ duration: 8, arrivalRate: 20 }], { price: { usdPerWorkerHour: 36 } }))
  const { code, stdout } = await run(folder, args('-q', '--workers', '2', '--max-cost', '0.24'), aws.env)
  const { exit, ledger, costUsd } = readReport(folder)
  expect(code, stdout).toBe(13)
  expect(exit.all).toEqual([13, 12])
  expect(ledger).toMatchObject({ due: 160, balanced: true })
  expect(ledger.lost).toBeGreaterThan(0)
  expect(costUsd?.actual).toBeGreaterThan(0.05)
  expect(costUsd?.atMost).toBeLessThanOrEqual(0.24)
})

test('^C ends the load within seconds; the summary is printed, and the command exits 130', async () => {
  const folder = workFolder(shop([{ duration: 60, arrivalRate: 20 }]))
  const going = start(folder, args('--workers', '2', '--progress', 'json'), aws.env)
  await going.stderrHas('"at":2')
  going.child.kill('SIGINT')
  const stopped = performance.timeOrigin + performance.now()
  let last = 0
  target.watch(({ at }) => {
    last = at
  })
  expect((await going.ended).code).toBe(130)
  expect(last - stopped).toBeLessThan(5_000)
  expect(readReport(folder).ledger).toMatchObject({ due: 1_200, balanced: true })
})

test('--ephemeral leaves nothing of the run in the bucket', async () => {
  const s3 = new S3Client({ ...clientOf(aws), forcePathStyle: true })
  const { bucket: Bucket } = aws
  const keys = async (): Promise<(string | undefined)[]> =>
    ((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key }) => Key)
  const short = shop([{ duration: 2, arrivalRate: 10 }])
  await ran(workFolder(short), ['--workers', '2'], aws.env)
  const kept = await keys()
  expect(kept.some((key) => key?.includes('/batches/'))).toBe(true)
  await ran(workFolder(short), ['--workers', '2', '--ephemeral'], aws.env)
  expect(await keys()).toEqual(kept)
})

test('an event that Lambda would not take is refused with what makes it so large, before anything is launched', async () => {
  const { 'script.json': script = '', ...rest } = shop([{ duration: 2, arrivalRate: 10 }])
  const big = script.replace('"config":{', `"config":{"variables":{"big":"${'x'.repeat(7 * 2 ** 20)}"},`)
  const invoked = aws.lambda.invocations.length
  const { code, stderr } = await run(workFolder({ ...rest, 'script.json': big }), args('-q'), aws.env)
  expect(code).toBe(3)
  expect(stderr).toMatch(
    /is 14\.0 MB, and the platform takes 6\.0 MB: 14\.0 MB of it `config\.variables`[\s\S]*config\.payload/,
  )
  expect(aws.lambda.invocations).toHaveLength(invoked)
})

test('plan --check-account holds the plan against the account as it is', async () => {
  aws.lambda.quota.concurrency = 4
  const folder = workFolder(shop([{ duration: 60, arrivalRate: 20 }]))
  const planned = (...more: string[]) => run(folder, ['plan', '-p', 'script.json', '--workers', '5', ...more], aws.env)
  expect((await planned()).stdout).toContain('Fits an account with 1,000 concurrent workers')
  expect((await planned('--check-account')).stdout).toContain(
    'Would be refused by an account with 4 concurrent workers',
  )
})

test.each([
  {
    what: 'a stage that is not deployed',
    more: ['--stage', 'other'],
    says: /stage other is not deployed in us-east-1[\s\S]*slsart deploy/,
  },
  {
    what: 'more workers than the account has room for',
    more: ['--workers', '5'],
    room: 4,
    says: /needs 5 workers at once, there is room for 4/,
  },
  { what: 'a price that nobody has agreed to', more: ['--workers', '900'], says: /to \$\d.*must be agreed to/ },
])('$what is refused with exit 3, and no request is sent', async ({ more, says, room = 1000 }) => {
  aws.lambda.quota.concurrency = room
  const folder = workFolder(shop([{ duration: 60, arrivalRate: 2_000 }]))
  const requests: Seen[] = []
  target.watch((request) => requests.push(request))
  const { code, stderr } = await run(folder, args('-q', ...more), aws.env)
  expect(code, stderr).toBe(3)
  expect(stderr).toMatch(says)
  expect(requests).toEqual([])
})
