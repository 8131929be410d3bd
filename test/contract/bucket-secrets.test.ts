/** A worker whose store is a bucket, as on Lambda: no secret is in its log lines, in what it streams, or in what it writes there. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { startTarget } from '../../demo/target.ts'
import { unpacked } from '../../src/run/unpack.ts'
import { openStore } from '../../src/store/open.ts'
import { EventDecoder } from '../../src/wire/events.ts'
import { ordersKey } from '../../src/wire/keys.ts'
import { logPrefix } from '../../src/wire/loglines.ts'
import { firstOrders } from '../../src/wire/orders.ts'
import { startS3 } from '../support/s3.ts'
import { KINDS, leaksIn, seeded } from '../support/seeded.ts'
import { startEvent } from '../support/worker.ts'

const dist = join(import.meta.dirname, '../../dist')
const all = KINDS.filter(({ form }) => form).map(({ value }) => value)

test('none of them leaves the worker', async () => {
  const [s3, target] = [await startS3(), await startTarget()]
  const env = {
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ACCESS_KEY_ID: 'id-of-the-worker',
    AWS_SECRET_ACCESS_KEY: 'key-of-the-worker',
  }
  const place = { kind: 'bucket', bucket: 'bucket', prefix: 'runs/test/', region: 'us-east-1' } as const
  const credentials = async () => ({ accessKeyId: 'i', secretAccessKey: 's' })
  const store = openStore(place, { env, credentials })
  const t0 = Date.now() + 20_000
  const orders = { ...firstOrders(t0), t0 }
  const put = (more: object): Promise<void> => store.put(ordersKey, Buffer.from(JSON.stringify({ ...orders, ...more })))
  await put({ t0: null, lease: Date.now() })

  const start = startEvent('/project', target.url, { duration: 8, arrivals: 4 })
  const headers = { authorization: `Bearer ${seeded('authorization header')}` }
  const flow = [
    { log: `password {{ adminPassword }} ${all.join(' ')}` },
    { get: { url: `/by/${seeded('GitHub token')}`, headers, capture: { json: '$.none', as: 'a' } } },
  ]
  const script = { ...start.script, variables: { adminPassword: seeded('variable') } }
  const [scenario] = script.scenarios
  const event = {
    ...{ ...start, store: place, batches: 1, rawSamples: true, env: { API_SECRET: seeded('dotenv variable') } },
    script: {
      ...script,
      scenarios: [{ ...scenario, name: `shop ${seeded('Google key')}`, spec: { engine: 'http', flow } }],
    },
  }
  const child = spawn(process.execPath, [join(dist, 'runtime.js'), join(dist, 'worker.mjs')], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  child.stdin?.write(`${JSON.stringify(event)}\n`)
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => text(stream as Readable))
  const decoder = new EventDecoder()
  const said: string[] = []
  for await (const chunk of child.stdio[3] as Readable) {
    for (const event of decoder.push(chunk as Buffer)) {
      said.push(
        event.type === 'frame' ? Buffer.from(unpacked(event.packed) ?? []).toString('latin1') : JSON.stringify(event),
      )
      if (event.type === 'ready') await put({ t0: Date.now() + 1_000, lease: Date.now() })
    }
  }
  const [lines, errors] = [await stdout, await stderr]
  await Promise.all([s3.close(), target.close()])

  expect(said.join()).toContain('"completed":')
  expect(lines).toContain(`${logPrefix({ run: 'test', slice: 0, attempt: 1 })}password [redacted]`)
  expect([...leaksIn(lines ?? ''), ...leaksIn(errors ?? '')]).toEqual([])
  expect(leaksIn(said.join('\n'))).toEqual([])
  expect(said.join()).toContain('GET /by/[redacted]')
  const written = [...s3.objects].filter(([key]) => /batches|samples/.test(key))
  expect(written.map(([key]) => key.replace(/.*runs\/test\//, '').split('/')[0])).toEqual(
    expect.arrayContaining(['batches', 'samples']),
  )
  for (const [key, bytes] of written) {
    const events = key.includes('samples') ? [] : new EventDecoder().push(bytes)
    const frames = events.map((one) =>
      one.type === 'frame' ? Buffer.from(unpacked(one.packed) ?? []).toString('latin1') : '',
    )
    expect(leaksIn(bytes.toString('latin1') + frames.join()), key).toEqual([])
  }
})
