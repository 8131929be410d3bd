/** The built worker as Lambda runs it: zipped, unpacked, under the official runtime client. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { InvokeWithResponseStreamCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { zipSync } from 'fflate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTarget, type Target } from '../../demo/target.ts'
import { EventDecoder, type WorkerEvent } from '../../src/wire/events.ts'
import type { Start } from '../../src/wire/start.ts'
import { workFolder } from '../support/cli.ts'
import { order, startEvent } from '../support/worker.ts'
import { type Aws, startAws } from './standin/start.ts'
import { clientOf, makeFunction } from './support.ts'

const worker = readFileSync(join(import.meta.dirname, '../../dist/worker.mjs'))

let aws: Aws
let target: Target
let lambda: LambdaClient
beforeAll(async () => {
  aws = await startAws()
  target = await startTarget()
  lambda = new LambdaClient(clientOf(aws))
  await makeFunction(aws, 'worker', zipSync({ 'index.mjs': worker }), { MemorySize: 1769, Timeout: 30 })
})
afterAll(async () => {
  lambda.destroy()
  await target.close()
  await aws.close()
})

/** Starts it and resolves with all that it said, and its log; `on` hears events as they come. */
async function runWorker(
  start: Start,
  on: (event: WorkerEvent) => void,
): Promise<{ events: WorkerEvent[]; log: string }> {
  const Payload = Buffer.from(JSON.stringify(start))
  const command = new InvokeWithResponseStreamCommand({ FunctionName: 'worker', Payload, LogType: 'Tail' })
  const { EventStream } = await lambda.send(command)
  const decoder = new EventDecoder()
  const events: WorkerEvent[] = []
  let log = ''
  for await (const { PayloadChunk, InvokeComplete } of EventStream ?? []) {
    for (const event of decoder.push(PayloadChunk?.Payload ?? new Uint8Array())) {
      events.push(event)
      on(event)
    }
    if (!InvokeComplete) continue
    expect(InvokeComplete.ErrorCode).toBeUndefined()
    log = Buffer.from(InvokeComplete.LogResult ?? '', 'base64').toString()
  }
  return { events, log }
}

test('its bundle says ready, goes, sends frames as they are cut, and is done; a second time in the same environment too', async () => {
  for (const attempt of [1, 2]) {
    const store = workFolder()
    await order(store, { t0: null, lease: Date.now(), stop: null })
    const framesAt: number[] = []
    const begun = target.total()
    const load = startEvent(store, target.url, { duration: 3, arrivals: 30 })
    const { events, log } = await runWorker({ ...load, attempt }, ({ type }) => {
      const t0 = Date.now() + 300
      if (type === 'ready') void order(store, { t0, lease: t0, stop: null })
      if (type === 'frame') framesAt.push(Date.now())
    })
    const kinds = events.map(({ type }) => type)
    expect(kinds).toEqual(['ready', ...kinds.slice(1, -1).map(() => 'frame'), 'done'])
    expect(events.at(-1)).toMatchObject({ ledger: { due: 30, launched: 30, completed: 30, lost: 0, unfinished: 0 } })
    expect(target.total() - begun).toBe(30)
    const [first = 0] = framesAt
    expect((framesAt.at(-1) ?? 0) - first).toBeGreaterThan(1500)
    expect(log).toMatch(/\tBilled Duration: \d+ ms\t/)
  }
  expect(aws.lambda.starts).toBe(1)
})
