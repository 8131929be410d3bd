/** Programs that import slsart, with their functions on the deployed stage, against the stand-ins. */
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { programIn } from '../support/programs.ts'
import { type Deployed, startDeployed } from './deployed.ts'
import { type Faults, startFaults } from './standin/faults.ts'
import { clientOf } from './support.ts'

const WORK = `import { readFileSync } from 'node:fs'
import { join } from 'node:path'
type Context = { signal: AbortSignal }
// Too large to travel in each worker's event.
const long = '${'0123456789'.repeat(4_000)}'
let calls = 0
export const halve = (n: number): number => n / 2
export const told = (): unknown => [process.env.COLOUR, readFileSync(join(import.meta.dirname, 'words.txt'), 'utf8'), long.length]
export const fails = (): never => { throw new TypeError('no good') }
export const dies = (): never => process.exit(3)
export const slow = (span: number): Promise<number> => new Promise((resolve) => setTimeout(resolve, span, ++calls))
export const hangs = (_: null, { signal }: Context): Promise<never> => {
  signal.addEventListener('abort', () => console.log('told to end'))
  return new Promise(() => setInterval(() => {}, 1_000))
}
export const asks = (url: string): Promise<number> => fetch(url).then(({ status }) => status)
`
const program = programIn({ 'work.ts': WORK, 'words.txt': 'of a file' })

let aws: Deployed
let faults: Faults
beforeAll(async () => {
  aws = await startDeployed()
  faults = await startFaults(aws)
})
afterEach(() => {
  faults.clear()
  Object.assign(aws.lambda.quota, { concurrency: 1_000 })
})
afterAll(async () => {
  faults.close()
  await aws.close()
})

const keys = async (): Promise<(string | undefined)[]> => {
  const s3 = new S3Client({ ...clientOf(aws), forcePathStyle: true })
  return ((await s3.send(new ListObjectsV2Command({ Bucket: aws.bucket }))).Contents ?? []).map(({ Key }) => Key)
}

test('functions are called on the deployed function, and nothing of that is left in the bucket', async () => {
  const invoked = aws.lambda.invocations.length
  faults.throttle({ times: 2 })
  const { said, code, stderr } = await program(
    `
const fleet = lambdaFleet({ module, maxConcurrency: 3, env: { COLOUR: 'red' }, includeFiles: ['words.txt'] })
say(await fleet.submit('told').result)
const values = []
for await (const outcome of fleet.map('halve', [2, 4, 6, 8, 10])) values.push([outcome.item, outcome.value])
say(values.sort(([a], [b]) => a - b))
await fleet.close()`,
    { env: faults.env },
  )
  expect(code, stderr).toBe(0)
  expect(said).toEqual([['red', 'of a file', 40_000], [2, 4, 6, 8, 10].map((n) => [n, n / 2])])
  expect(aws.lambda.invocations.length - invoked).toBe(6)
  expect(await keys()).toEqual([])
})

test('each failure is told as what it is, and the next task finds a process that is fit', async () => {
  const { said, code, stderr } = await program(
    `
const fleet = lambdaFleet({ module, maxConcurrency: 1, timeout: 1_500 })
const all = [['fails'], ['halve', 2], ['dies'], ['halve', 4], ['hangs', null], ['halve', 6], ['asks', 'http://203.0.113.9/'], ['absent']]
for (const [name, item] of all) say(await fleet.submit(name, item).result.catch(failure))
const cancelled = fleet.submit('hangs', null)
while (cancelled.state !== 'running') await new Promise((resolve) => setTimeout(resolve, 20))
cancelled.cancel()
const from = Date.now()
say(await cancelled.result.catch(failure))
say(await fleet.submit('halve', 8).result)
// It waited for the cancelled one's place.
say(Date.now() - from)
await fleet.close()`,
    { env: aws.env },
  )
  expect(code, stderr).toBe(0)
  const [fails, one, dies, two, hangs, three, asks, absent, cancelled, four, took] = said
  expect(fails).toEqual(['threw', expect.stringMatching(/^fails: TypeError: no good/)])
  expect(dies).toEqual([
    'lost',
    expect.stringMatching(/^dies: its worker is lost: its function failed \(Runtime\.ExitError/),
  ])
  expect(hangs).toEqual(['timeout', 'hangs: it had not ended after 1.5 s'])
  expect(asks).toEqual(['threw', expect.stringMatching(/^asks: TypeError: fetch failed/)])
  expect(absent).toEqual(['code', expect.stringMatching(/exports no function "absent"/)])
  expect(cancelled).toEqual(['cancelled', 'hangs: it was cancelled'])
  expect([one, two, three, four]).toEqual([1, 2, 3, 4])
  expect(took).toBeLessThan(5_000)
})

test('a stream that is cut at work loses nothing, and nothing is called twice', async () => {
  const invoked = aws.lambda.invocations.length
  faults.cutAfter(60, { times: 1, path: /response-streaming-invocations$/ })
  const { said, code, stderr } = await program(
    `
const fleet = lambdaFleet({ module, maxConcurrency: 1 })
say(await fleet.submit('slow', 500).result)
await fleet.close()`,
    { env: faults.env },
  )
  expect(code, stderr).toBe(0)
  expect(said).toEqual([1])
  expect(faults.hits()).toBeGreaterThan(0)
  expect(aws.lambda.invocations.length - invoked).toBe(1)
})

test('a start that never arrived is made again', async () => {
  const invoked = aws.lambda.invocations.length
  faults.reset({ times: 1 })
  const { said, code, stderr } = await program(
    `
const fleet = lambdaFleet({ module })
say(await fleet.submit('halve', 4).result)
await fleet.close()`,
    { env: faults.env },
  )
  expect(code, stderr).toBe(0)
  expect({ said, invoked: aws.lambda.invocations.length - invoked }).toEqual({ said: [2], invoked: 1 })
})

test('^C ends what is at work there, and the program with what it was stopped by', async () => {
  const { code, stderr } = await program(
    `
const fleet = lambdaFleet({ module, maxConcurrency: 2 })
const task = fleet.submit('hangs', null)
while (task.state !== 'running') await new Promise((resolve) => setTimeout(resolve, 20))
say('running')
await task.result`,
    { env: aws.env, on: (_, child) => child.kill('SIGINT') },
  )
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('TaskError: hangs: stopped by SIGINT') })
  const from = performance.now()
  await aws.lambda.invocations.at(-1)?.ended
  expect(performance.now() - from).toBeLessThan(5_000)
})

test('what cannot be begun is refused before anything is started', async () => {
  aws.lambda.quota.concurrency = 4
  const invoked = aws.lambda.invocations.length
  const { said } = await program(
    `
for (const options of [{ maxConcurrency: 5 }, { stage: 'other' }]) {
  const fleet = lambdaFleet({ module, ...options })
  say(await fleet.submit('halve', 4).result.catch(failure))
  await fleet.close()
}`,
    { env: aws.env },
  )
  expect(said).toEqual([
    ['SLSART_PREFLIGHT', 'maxConcurrency is 5, and there is room for 4 workers at once'],
    ['SLSART_PREFLIGHT', 'the stage other is not deployed in us-east-1'],
  ])
  expect(aws.lambda.invocations).toHaveLength(invoked)
})
