/** Slices of real scripts on the worker's own bundle, as functions of the stand-in, with their store in its bucket. */
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { InvokeWithResponseStreamCommand, type LambdaClient } from '@aws-sdk/client-lambda'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { zipSync } from 'fflate'
import { packScript } from '../../src/scenario/pack.ts'
import { readScript } from '../../src/scenario/read.ts'
import { credentialsIn } from '../../src/store/credentials.ts'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { EventDecoder, type WorkerEvent } from '../../src/wire/events.ts'
import { ordersKey } from '../../src/wire/keys.ts'
import { firstOrders, type Orders } from '../../src/wire/orders.ts'
import { type Start, type StorePlace, workerScript } from '../../src/wire/start.ts'
import { workFolder } from '../support/cli.ts'
import { startEvent } from '../support/worker.ts'
import type { Aws } from './standin/start.ts'
import { clientOf } from './support.ts'

const BUCKET = 'slsart-test'

export const workerZip = (): Uint8Array =>
  zipSync({ 'index.mjs': readFileSync(join(import.meta.dirname, '../../dist/worker.mjs')) })

export const makeBucket = (aws: Aws): Promise<unknown> =>
  new S3Client({ ...clientOf(aws), forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: BUCKET }))

/** As the command line opens it. */
export function storeOf({ env }: Aws, run: string): { place: StorePlace; store: Store } {
  const place: StorePlace = { kind: 'bucket', bucket: BUCKET, prefix: `runs/${run}/`, region: env.AWS_REGION ?? '' }
  return { place, store: openStore(place, { env, credentials: credentialsIn(env) }) }
}

export type Run = { start: Start; store: Store; folder: string; order(orders: Partial<Orders>): Promise<void> }

/** Of a script in a folder: what the conductor would do before it launches. */
export async function prepared(
  aws: Aws,
  run: string,
  {
    files,
    load,
    inlineBytes = 0,
  }: { files: Record<string, string>; load: { duration: number; arrivals: number }; inlineBytes?: number },
): Promise<Run> {
  const folder = workFolder()
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  const none = { config: null, target: null, environment: null, overrides: null, variables: null, scenarioName: null }
  const flags = { insecure: false, outside: false, strict: false, engine: 'auto' } as const
  const script = await readScript({ ...none, ...flags, cwd: folder, env: {}, paths: ['script.yml'], texts: [] })
  const { place, store } = storeOf(aws, run)
  const packed = await packScript(script, inlineBytes)
  for (const { key, bytes } of packed.files) await store.put(key, bytes)
  const start = startEvent(folder, script.target, load)
  let version = 0
  const order: Run['order'] = (orders) =>
    store.put(ordersKey, Buffer.from(JSON.stringify({ ...firstOrders(Date.now()), version: version++, ...orders })))
  await order({})
  return {
    ...{ store, folder, order },
    start: { ...start, run, script: workerScript(script), parts: packed.parts, store: place, batches: 1 },
  }
}

export type Worked = { events: WorkerEvent[]; bytes: Buffer; error: string | null; log: string }

/** Starts a worker; resolves when its stream has ended. `on` hears events as they come. */
export async function invoke(
  lambda: LambdaClient,
  start: Start,
  { name = 'worker', on = () => {} }: { name?: string; on?: (event: WorkerEvent) => unknown } = {},
): Promise<Worked> {
  const Payload = Buffer.from(JSON.stringify(start))
  const command = new InvokeWithResponseStreamCommand({ FunctionName: name, Payload, LogType: 'Tail' })
  const { EventStream } = await lambda.send(command)
  const decoder = new EventDecoder()
  const worked: Worked = { events: [], bytes: Buffer.alloc(0), error: null, log: '' }
  for await (const { PayloadChunk, InvokeComplete } of EventStream ?? []) {
    const chunk = PayloadChunk?.Payload ?? new Uint8Array()
    worked.bytes = Buffer.concat([worked.bytes, chunk])
    for (const event of decoder.push(chunk)) {
      worked.events.push(event)
      on(event)
    }
    if (!InvokeComplete) continue
    worked.error = InvokeComplete.ErrorCode ?? null
    worked.log = Buffer.from(InvokeComplete.LogResult ?? '', 'base64').toString()
  }
  return worked
}

/** Has a worker run its slice: it is told to go as soon as it is ready. */
export async function runSlice(lambda: LambdaClient, { start, order }: Run, name = 'worker'): Promise<Worked> {
  await order({})
  // A later attempt waits to be told when it joins.
  const joined = [{ slice: start.index, attempt: start.attempt, from: 0 }]
  const on = ({ type }: WorkerEvent): unknown => type === 'ready' && order({ t0: Date.now() + 400, joined })
  return invoke(lambda, start, { name, on })
}
