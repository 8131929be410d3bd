import { afterEach, beforeEach, expect, it } from 'vitest'
import { credentialsIn } from '../../../src/store/credentials.ts'
import { openStore } from '../../../src/store/open.ts'
import type { Store } from '../../../src/store/store.ts'
import { type FakeS3, startS3 } from '../../support/s3.ts'
import { bytesOf, storeContract, textAt } from '../../support/store.ts'

let s3: FakeS3
let opened: Store[]
beforeEach(async () => {
  s3 = await startS3()
  opened = []
})
afterEach(async () => {
  for (const store of opened) store.close()
  await s3.close()
})

const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token' }
const open = (bucket = 'bucket'): Store => {
  const env = { AWS_ENDPOINT_URL_S3: s3.url, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }
  const place = { kind: 'bucket', bucket, prefix: 'runs/r 1/', region: 'eu-west-1' } as const
  const store = openStore(place, { env, credentials: credentialsIn(keys) })
  opened.push(store)
  return store
}

storeContract('a store in S3', open)

it('keeps everything below its prefix, and touches nothing beside it', async () => {
  const store = open()
  s3.objects.set('runs/other/orders.json', Buffer.from('theirs'))
  await store.put('orders.json', bytesOf('ours'))
  expect([...s3.objects.keys()]).toEqual(['runs/other/orders.json', 'runs/r 1/orders.json'])
  await store.clear('')
  expect([...s3.objects.keys()]).toEqual(['runs/other/orders.json'])
})

it('signs for its region, with the session and a checksum', async () => {
  await open().put('orders.json', bytesOf('{}'))
  const [headers] = s3.headers
  expect(headers?.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=id\/\d{8}\/eu-west-1\/s3\/aws4_request, /)
  const signed = /SignedHeaders=([^,]+)/.exec(headers?.authorization ?? '')?.[1]?.split(';')
  expect(signed).toEqual(expect.arrayContaining(['host', 'x-amz-checksum-sha256', 'x-amz-security-token']))
  expect(headers).toMatchObject({ 'x-amz-security-token': 'token', 'content-length': '2' })
  expect(headers?.['x-amz-content-sha256']).toMatch(/^[0-9a-f]{64}$/)
})

it('tries again after a failure on the other side and after a cut connection', async () => {
  const store = open()
  s3.faults.push(503, 'deaf')
  await store.put('orders.json', bytesOf('{}'))
  expect(s3.asked).toHaveLength(3)
  s3.faults.push('mute', 500)
  expect(await textAt(store, 'orders.json')).toBe('{}')
})

it('gives up after three tries, naming the bucket, the key and what was wrong', async () => {
  const store = open()
  s3.faults.push(503, 503, 503)
  await expect(store.put('orders.json', bytesOf('{}'))).rejects.toThrow(
    'cannot write s3://bucket/runs/r 1/orders.json: SlowDown: so it is',
  )
  s3.faults.push('deaf', 'deaf', 'deaf')
  await expect(store.get('orders.json')).rejects.toThrow('cannot read s3://bucket/runs/r 1/orders.json: socket hang up')
  expect(s3.asked).toHaveLength(6)
})

it('does not try again what is refused for good', async () => {
  s3.faults.push(403)
  await expect(open().get('orders.json')).rejects.toMatchObject({
    message: 'cannot read s3://bucket/runs/r 1/orders.json: AccessDenied: so it is',
    hint: expect.stringContaining('must be allowed'),
    exit: 3,
  })
  expect(s3.asked).toHaveLength(1)
})

it('tells a bucket that is not there from a key that is not', async () => {
  await expect(open('gone').get('orders.json')).rejects.toMatchObject({
    message: expect.stringContaining('NoSuchBucket'),
    hint: expect.stringContaining('slsart deploy'),
  })
})

it('knows its own claim when the answer to it was lost', async () => {
  s3.faults.push('mute')
  expect(await open().putIfAbsent('claims/0-1', bytesOf('mine'))).toBe(true)
})

it("does not take another's claim for its own when its own try was lost before", async () => {
  s3.objects.set('runs/r 1/claims/0-1', Buffer.from('theirs'))
  s3.faults.push('deaf')
  expect(await open().putIfAbsent('claims/0-1', bytesOf('mine'))).toBe(false)
  s3.faults.push(503)
  expect(await open().putIfAbsent('claims/0-1', bytesOf('theirs'))).toBe(false)
})

it('says which credentials are missing', async () => {
  const place = { kind: 'bucket', bucket: 'bucket', prefix: '', region: 'eu-west-1' } as const
  const store = openStore(place, { env: { AWS_ENDPOINT_URL: s3.url }, credentials: credentialsIn({}) })
  await expect(store.get('a')).rejects.toThrow('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set')
})
