/** The built worker as Lambda runs it: the zip that is deployed, under the official runtime client, its store a bucket. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { InvokeWithResponseStreamCommand, LambdaClient } from '@aws-sdk/client-lambda'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTarget, type Target } from '../../demo/target.ts'
import { zipped } from '../../src/stack/zip.ts'
import { EventDecoder, type WorkerEvent } from '../../src/wire/events.ts'
import { claimKey, ordersKey } from '../../src/wire/keys.ts'
import type { Orders } from '../../src/wire/orders.ts'
import type { Start } from '../../src/wire/start.ts'
import { startEvent } from '../support/worker.ts'
import { type Aws, startAws } from './standin/start.ts'
import { clientOf, makeFunction } from './support.ts'

const worker = readFileSync(join(import.meta.dirname, '../../dist/worker.mjs'))
const Bucket = 'slsart-test'
const prefix = 'runs/test/'

let aws: Aws
let target: Target
let lambda: LambdaClient
let s3: S3Client
beforeAll(async () => {
  aws = await startAws()
  target = await startTarget()
  lambda = new LambdaClient(clientOf(aws))
  s3 = new S3Client(clientOf(aws))
  await s3.send(new CreateBucketCommand({ Bucket }))
  await makeFunction(aws, 'worker', zipped(worker).bytes, { MemorySize: 1769, Timeout: 30 })
})
afterAll(async () => {
  lambda.destroy()
  s3.destroy()
  await target.close()
  await aws.close()
})

const startOf = (load: { duration: number; arrivals: number }, more: Partial<Start> = {}): Start => ({
  ...startEvent('/nowhere', target.url, load),
  store: { kind: 'bucket', bucket: Bucket, prefix, region: 'us-east-1' },
  batches: 2,
  ...more,
})

async function order(orders: Pick<Orders, 't0' | 'lease' | 'stop'>): Promise<void> {
  const Body = JSON.stringify({ version: 1, epochs: [], ...orders })
  await s3.send(new PutObjectCommand({ Bucket, Key: prefix + ordersKey, Body }))
}

async function read(Key: string): Promise<Uint8Array> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }))
  return (await Body?.transformToByteArray()) ?? new Uint8Array()
}

/** All batches of an attempt, one after the other. */
async function batchesOf(attempt: number): Promise<Uint8Array> {
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket, Prefix: `${prefix}batches/0-${attempt}/` }),
  )
  expect(Contents.length).toBeGreaterThan(1)
  return Buffer.concat(await Promise.all(Contents.map(({ Key = '' }) => read(Key))))
}

type Said = { events: WorkerEvent[]; bytes: Uint8Array; log: string }

/** Starts it and resolves with all that it said, and its log; `on` hears events as they come. */
async function runWorker(
  start: Start,
  on: (event: WorkerEvent) => void = () => {},
  FunctionName = 'worker',
): Promise<Said> {
  const Payload = Buffer.from(JSON.stringify(start))
  const command = new InvokeWithResponseStreamCommand({ FunctionName, Payload, LogType: 'Tail' })
  const { EventStream } = await lambda.send(command)
  const decoder = new EventDecoder()
  const events: WorkerEvent[] = []
  const chunks: Uint8Array[] = []
  let log = ''
  for await (const { PayloadChunk, InvokeComplete } of EventStream ?? []) {
    const chunk = PayloadChunk?.Payload ?? new Uint8Array()
    chunks.push(chunk)
    for (const event of decoder.push(chunk)) {
      events.push(event)
      on(event)
    }
    if (!InvokeComplete) continue
    expect(InvokeComplete.ErrorCode).toBeUndefined()
    log = Buffer.from(InvokeComplete.LogResult ?? '', 'base64').toString()
  }
  return { events, bytes: Buffer.concat(chunks), log }
}

test('it says ready, goes, sends each frame when it is cut, and is done; in a warm environment too', async () => {
  for (const attempt of [1, 2]) {
    await order({ t0: null, lease: Date.now(), stop: null })
    const framesAt: number[] = []
    const begun = target.total()
    const { events, bytes, log } = await runWorker(startOf({ duration: 3, arrivals: 30 }, { attempt }), ({ type }) => {
      const t0 = Date.now() + 300
      if (type === 'ready') void order({ t0, lease: t0, stop: null })
      if (type === 'frame') framesAt.push(Date.now())
    })
    const kinds = events.map(({ type }) => type)
    expect(kinds).toEqual(['ready', ...kinds.slice(1, -1).map(() => 'frame'), 'done'])
    expect(events.at(-1)).toMatchObject({ ledger: { due: 30, launched: 30, completed: 30, lost: 0, unfinished: 0 } })
    expect(target.total() - begun).toBe(30)
    expect((framesAt.at(-1) ?? 0) - (framesAt[0] ?? 0)).toBeGreaterThan(1500)
    expect(log).toMatch(/\tBilled Duration: \d+ ms\t/)
    // What cannot be heard any more can be read.
    expect(Buffer.compare(await batchesOf(attempt), bytes)).toBe(0)
  }
  expect(aws.lambda.starts).toBe(1)
})

test('its claim says where its log is, and a second start of the same attempt sends nothing', async () => {
  const claim = JSON.parse(Buffer.from(await read(prefix + claimKey(0, 1))).toString()) as { log: string }
  expect(aws.lambda.logs.lines.map(({ stream }) => stream)).toContain(claim.log)
  const begun = target.total()
  const { events } = await runWorker(startOf({ duration: 3, arrivals: 30 }))
  expect(events).toMatchObject([{ type: 'fault', code: 'late', message: 'slice 0, attempt 1 is claimed already' }])
  expect(target.total()).toBe(begun)
})

test('it stops by itself before its process is ended, with all its frames sent', async () => {
  await makeFunction(aws, 'short', zipped(worker).bytes, { MemorySize: 1769, Timeout: 8 })
  const t0 = Date.now() + 500
  await order({ t0, lease: t0 + 20_000, stop: null })
  const { events } = await runWorker(startOf({ duration: 60, arrivals: 600 }, { attempt: 3 }), () => {}, 'short')
  const kinds = events.map(({ type }) => type)
  expect(kinds[0]).toBe('ready')
  expect(kinds).toContain('fault')
  expect(kinds.filter((kind) => kind === 'frame').length).toBeGreaterThan(1)
})
