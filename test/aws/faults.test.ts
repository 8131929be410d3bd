/** Each fault does to the SDK's client what it says. */
import {
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  LambdaClient,
  type InvokeWithResponseStreamResponseEvent as StreamEvent,
} from '@aws-sdk/client-lambda'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Faults, startFaults } from './standin/faults.ts'
import { type Aws, startAws } from './standin/start.ts'
import { clientOf, makeFunction } from './support.ts'

const answering = `
export const handler = awslambda.streamifyResponse(async (event, response) => {
  for (let i = 0; i < 3; i++) response.write(String(i).repeat(1000))
  response.end()
})`

let aws: Aws
let faults: Faults
let lambda: LambdaClient
beforeAll(async () => {
  aws = await startAws()
  faults = await startFaults(aws)
  lambda = new LambdaClient(clientOf(faults))
  await makeFunction(aws, 'f', { 'index.mjs': answering })
})
afterEach(() => faults.clear())
afterAll(async () => {
  lambda.destroy()
  faults.close()
  await aws.close()
})

type Heard = { bytes: number; complete: boolean; error: string }

/** What came of a stream, and how it ended. */
async function listen(): Promise<Heard> {
  const heard = { bytes: 0, complete: false, error: '' }
  const hear = ({ PayloadChunk, InvokeComplete }: StreamEvent): void => {
    heard.bytes += PayloadChunk?.Payload?.length ?? 0
    heard.complete ||= InvokeComplete !== undefined
  }
  try {
    const { EventStream } = await lambda.send(new InvokeWithResponseStreamCommand({ FunctionName: 'f' }))
    for await (const event of EventStream ?? []) hear(event)
  } catch (error) {
    heard.error = (error as Error & { code?: string }).code ?? (error as Error).name
  }
  return heard
}

const WHOLE = { bytes: 3000, complete: true, error: '' }

test('without a fault everything passes', async () => {
  expect(await listen()).toEqual(WHOLE)
})

test('throttled and failed starts are not begun; those after them are', async () => {
  const begun = aws.lambda.invocations.length
  faults.throttle({ times: 1 })
  faults.fail(500, { times: 1 })
  expect(await listen()).toMatchObject({ bytes: 0, error: 'TooManyRequestsException' })
  expect(await listen()).toMatchObject({ bytes: 0, error: 'ServiceException' })
  expect(aws.lambda.invocations).toHaveLength(begun)
  expect(await listen()).toEqual(WHOLE)
  expect(faults.hits()).toBe(2)
})

test('a connection can be reset before there is an answer, whether the request arrived or not', async () => {
  const begun = aws.lambda.invocations.length
  faults.reset({ times: 1 })
  expect(await listen()).toMatchObject({ bytes: 0, error: 'ECONNRESET' })
  expect(aws.lambda.invocations).toHaveLength(begun)
  faults.reset({ times: 1, arrives: true })
  expect(await listen()).toMatchObject({ bytes: 0, error: 'ECONNRESET' })
  expect(aws.lambda.invocations).toHaveLength(begun + 1)
})

test('a connection cut within a frame gives what came whole before, and an error', async () => {
  faults.cutAfter(1500, { times: 1 })
  const { bytes, complete, error } = await listen()
  expect({ complete, error }).toEqual({ complete: false, error: 'ECONNRESET' })
  expect(bytes).toBeLessThanOrEqual(1500)
  const { ending } = aws.lambda.invocations.at(-1) ?? {}
  expect(ending?.error ?? null).toBeNull()
})

test('a stream can end in order without its InvokeComplete', async () => {
  faults.withholdEnd({ times: 1 })
  expect(await listen()).toEqual({ bytes: 3000, complete: false, error: '' })
})

test('a stream can stall, and its client gives up', async () => {
  faults.stall(1500, { times: 1 })
  const abortSignal = AbortSignal.timeout(700)
  const { EventStream } = await lambda.send(new InvokeWithResponseStreamCommand({ FunctionName: 'f' }), { abortSignal })
  const whole = async (): Promise<void> => {
    for await (const event of EventStream ?? []) expect(event.InvokeComplete).toBeUndefined()
  }
  const patience = new Promise<string>((resolve) => abortSignal.addEventListener('abort', () => resolve('gave up')))
  expect(await Promise.race([whole(), patience])).toBe('gave up')
})

test('answers can be late, and a region can be without response streams', async () => {
  faults.delay(400, { times: 1 })
  const at = performance.now()
  expect(await listen()).toEqual(WHOLE)
  expect(performance.now() - at).toBeGreaterThan(399)
  faults.noStreaming()
  expect(await listen()).toMatchObject({ bytes: 0, error: 'UnknownOperationException' })
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'f' }))
  expect(Payload).toHaveLength(3000)
})
