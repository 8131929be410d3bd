import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { DeployError } from '../../../src/errors.ts'
import { deploy } from '../../../src/stack/apply.ts'
import { openClients } from '../../../src/stack/clients.ts'
import { remove } from '../../../src/stack/remove.ts'
import { settingsFrom } from '../../../src/stack/settings.ts'
import type { Happening, Work } from '../../../src/stack/stack.ts'
import { zipped } from '../../../src/stack/zip.ts'
import { type Plan, type Scripted, type Step, scripted } from '../../support/cloudformation.ts'

const settings = settingsFrom(() => null, null)
const zip = zipped({ 'index.mjs': new TextEncoder().encode('the worker') })
const stack = 'slsart-dev'

let aws: Scripted
const told: Happening[] = []
beforeEach(() => {
  told.length = 0
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
})
afterEach(() => {
  vi.unstubAllEnvs()
  aws.close()
})

async function against(plan: Plan, other?: Parameters<typeof scripted>[1]): Promise<Work> {
  aws = await scripted(plan, other)
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url)
  return {
    clients: await openClients('eu-west-1', { env: process.env }),
    clock: { wall: Date.now, steady: () => 0, sleep: async () => {}, every: () => () => {} },
    tell: (happening) => told.push(happening),
  }
}

const failure = (work: Work): Promise<DeployError> =>
  deploy(settings, zip, work).then(
    () => Promise.reject(new Error('it was deployed')),
    (error) => error,
  )

const failing: Step[] = [
  [stack, 'CREATE_IN_PROGRESS'],
  ['Bucket', 'CREATE_FAILED', 'you have as many buckets as you may have'],
  ['LogGroup', 'CREATE_FAILED', 'Resource creation cancelled'],
  [stack, 'ROLLBACK_IN_PROGRESS'],
]

test('a stack that fails to come up is gone, and the first failure is what is said', async () => {
  const error = await failure(await against({ execute: [...failing, [stack, 'DELETE_COMPLETE']] }))
  expect(error.exit).toBe(4)
  expect(error.toText()).toContain('Bucket: you have as many buckets as you may have')
  expect(error.toText()).toContain('What had been made was deleted again.')
  expect(aws.status()).toBeNull()
  expect(aws.calls).toEqual(['CreateChangeSet', 'ExecuteChangeSet'])
  expect(told.flatMap((of) => (of.kind === 'event' ? [of.event.resource] : []))).toEqual([
    ...[stack, 'Bucket', 'LogGroup', stack, stack],
  ])
})

test('a stack that CloudFormation only rolls back when it fails to come up is deleted by us', async () => {
  const error = await failure(await against({ execute: [...failing, [stack, 'ROLLBACK_COMPLETE']] }))
  expect(error.message).toContain('you have as many buckets')
  expect(aws.calls).toEqual(['CreateChangeSet', 'ExecuteChangeSet', 'DeleteStack'])
  expect(aws.status()).toBeNull()
})

test('an update that fails leaves the stack as it was', async () => {
  const steps: Step[] = [
    [stack, 'UPDATE_IN_PROGRESS'],
    ['Function', 'UPDATE_FAILED', 'memory is not available here'],
    [stack, 'UPDATE_ROLLBACK_IN_PROGRESS'],
    [stack, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS'],
    [stack, 'UPDATE_ROLLBACK_COMPLETE'],
  ]
  const error = await failure(await against({ status: 'CREATE_COMPLETE', execute: steps }))
  expect(error.toText()).toContain('Function: memory is not available here')
  expect(error.toText()).toContain('It is as it was before.')
  expect(aws.calls).toEqual(['CreateChangeSet', 'ExecuteChangeSet'])
  expect(aws.status()).toBe('UPDATE_ROLLBACK_COMPLETE')
})

test('a change set that cannot be made says why, and leaves no empty stack', async () => {
  const error = await failure(await against({ changeSet: 'Template format error' }))
  expect(error.toText()).toContain('Template format error')
  expect(aws.calls).toEqual(['CreateChangeSet', 'DeleteChangeSet', 'DeleteStack'])
  expect(aws.status()).toBeNull()
})

test('what an earlier deployment left behind half made is deleted first', async () => {
  const work = await against({ status: 'ROLLBACK_COMPLETE', execute: [...failing, [stack, 'DELETE_COMPLETE']] })
  await failure(work)
  expect(aws.calls).toEqual(['DeleteStack', 'CreateChangeSet', 'ExecuteChangeSet'])
})

test('a stack that cannot be updated is left alone', async () => {
  const error = await failure(await against({ status: 'UPDATE_ROLLBACK_FAILED' }))
  expect(error.toText()).toContain('UPDATE_ROLLBACK_FAILED')
  expect(aws.calls).toEqual([])
})

test("somebody else's change is waited for", async () => {
  const now: Step[] = [
    ['Function', 'UPDATE_COMPLETE'],
    [stack, 'UPDATE_COMPLETE'],
  ]
  await failure(await against({ status: 'UPDATE_IN_PROGRESS', now, changeSet: 'stop here' }))
  expect(told[0]).toEqual({ kind: 'waiting', stack, status: 'UPDATE_IN_PROGRESS' })
  expect(aws.calls).toEqual(['CreateChangeSet', 'DeleteChangeSet'])
})

/** Stands in for S3 with one bucket, for nothing else: `rounds` says how many objects are found each time it is listed. */
const bucketOf = (rounds: number[], deleted: string[]): Parameters<typeof scripted>[1] => {
  return async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    if (request.method === 'POST' && request.url?.includes('delete')) {
      deleted.push(...[...body.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key = '']) => key))
      response.end('<DeleteResult></DeleteResult>')
    } else if (request.url?.includes('versions')) {
      const versions = Array.from(
        { length: rounds.shift() ?? 0 },
        (_, i) => `<Version><Key>${deleted.length + i}</Key><VersionId>v</VersionId></Version>`,
      )
      response.end(`<ListVersionsResult>${versions.join('')}</ListVersionsResult>`)
    } else if (request.headers['x-amz-target']?.includes('DescribeLogGroups')) response.end('{"logGroups":[]}')
    else if (request.url?.includes('/functions')) response.end('{"Functions":[]}')
    else if (request.url?.includes('ListBuckets')) response.end('<ListAllMyBucketsResult></ListAllMyBucketsResult>')
    else response.end('<ListRolesResponse><ListRolesResult><Roles></Roles></ListRolesResult></ListRolesResponse>')
  }
}

test('a bucket is emptied page by page, and again when workers wrote to it while it was deleted', async () => {
  const deletes: Step[][] = [
    [
      [stack, 'DELETE_IN_PROGRESS'],
      ['Bucket', 'DELETE_FAILED', 'the bucket is not empty'],
      [stack, 'DELETE_FAILED'],
    ],
    [
      [stack, 'DELETE_IN_PROGRESS'],
      [stack, 'DELETE_COMPLETE'],
    ],
  ]
  const deleted: string[] = []
  const work = await against({ status: 'CREATE_COMPLETE', deletes }, bucketOf([1000, 2, 0, 1, 0], deleted))
  expect(await remove('dev', work)).toEqual({ stack: 'removed', objects: 1003, logGroups: 0 })
  expect(deleted).toEqual(Array.from({ length: 1003 }, (_, i) => String(i)))
})

test('a stack that will not go is said with the reason, after a few attempts', async () => {
  const stays: Step[] = [
    [stack, 'DELETE_IN_PROGRESS'],
    ['WorkerRole', 'DELETE_FAILED', 'a policy is attached to it'],
    [stack, 'DELETE_FAILED'],
  ]
  const work = await against({ status: 'DELETE_FAILED', deletes: [stays, stays, stays, stays] }, bucketOf([], []))
  await expect(remove('dev', work)).rejects.toMatchObject({
    exit: 4,
    message: expect.stringContaining('WorkerRole: a policy is attached to it'),
  })
  expect(aws.calls).toEqual(['DeleteStack', 'DeleteStack', 'DeleteStack'])
})

test('a removal that was broken off is waited for and ended', async () => {
  const now: Step[] = [
    ['Function', 'DELETE_COMPLETE'],
    ['WorkerRole', 'DELETE_COMPLETE'],
    ['Bucket', 'DELETE_COMPLETE'],
    [stack, 'DELETE_COMPLETE'],
  ]
  const work = await against({ status: 'DELETE_IN_PROGRESS', now }, bucketOf([], []))
  expect(await remove('dev', work)).toEqual({ stack: 'removed', objects: 0, logGroups: 0 })
  expect(told[0]).toMatchObject({ kind: 'waiting', status: 'DELETE_IN_PROGRESS' })
  expect(aws.calls).toEqual([])
})
