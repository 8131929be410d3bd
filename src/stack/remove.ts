/**
 * `remove`: a stage gone without a trace. The bucket is emptied first, since CloudFormation deletes no bucket that holds
 * anything. Broken off, it can be run again: it goes on from whatever is there.
 */
import { DeleteStackCommand } from '@aws-sdk/client-cloudformation'
import { DeleteLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs'
import { DeleteObjectsCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3'
import { deployErrors } from '../aws-errors.ts'
import { type Clients, orNone } from './clients.ts'
import { leftovers, type Orphan } from './inventory.ts'
import { stackName } from './names.ts'
import {
  findStack,
  follow,
  lastEvent,
  quietStack,
  resourcesOf,
  type StackEvent,
  type StackState,
  type Work,
} from './stack.ts'

export type Removed = { stack: 'removed' | 'absent'; objects: number; logGroups: number }

/** Workers that are still at work write to the bucket until their role is gone. */
const ATTEMPTS = 3

/** What there is to remove: the stage's stack, and what bears its names beside it. */
export async function toRemove(stage: string, clients: Clients): Promise<{ stack: StackState | null; left: Orphan[] }> {
  const stack = await findStack(clients, stackName(stage))
  return { stack, left: await leftovers(clients, stage) }
}

/** Throws DeployError when anything of the stage is still there at the end, with its names. */
export async function remove(stage: string, work: Work): Promise<Removed> {
  const { clients } = work
  const name = stackName(stage)
  const was = await findStack(clients, name)
  // One that was being deleted already is gone by then.
  const found = was === null ? null : await quietStack(name, work)
  const objects = found === null ? 0 : await deleteStack(found, work)
  const logGroups = (await leftovers(clients, stage)).filter(({ kind }) => kind === 'log group')
  for (const { name } of logGroups) {
    await clients.logs.send(new DeleteLogGroupCommand({ logGroupName: name }))
  }
  const left = await leftovers(clients, stage)
  if (left.length > 0) throw deployErrors.left(left)
  return { stack: was === null ? 'absent' : 'removed', objects, logGroups: logGroups.length }
}

/** How many objects were in its bucket. */
async function deleteStack({ id, name }: StackState, work: Work): Promise<number> {
  const { clients } = work
  let objects = 0
  let failure: StackEvent | null = null
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    for (const bucket of await bucketsOf(clients, id)) objects += await emptied(bucket, work)
    work.tell({ kind: 'deleting', stack: name, status: null })
    const last = await lastEvent(clients, id)
    await clients.cloudFormation.send(new DeleteStackCommand({ StackName: id }))
    const ended = await follow(id, last, work)
    if (ended.status === 'DELETE_COMPLETE') return objects
    failure = ended.failure
  }
  throw deployErrors.notDeleted(name, failure)
}

async function bucketsOf(clients: Clients, stack: string): Promise<string[]> {
  return (await resourcesOf(clients, stack)).flatMap(({ ResourceType, ResourceStatus, PhysicalResourceId: name }) =>
    ResourceType === 'AWS::S3::Bucket' && ResourceStatus !== 'DELETE_COMPLETE' && name ? [name] : [],
  )
}

/** Every version of every object, and what marks deleted ones: an account's rules may keep both. */
async function emptied(bucket: string, { clients: { s3 }, tell }: Work): Promise<number> {
  let objects = 0
  for (;;) {
    // Always the first page: what is on it is gone afterwards.
    const page = await orNone(s3.send(new ListObjectVersionsCommand({ Bucket: bucket })), /^NoSuchBucket/)
    const there = [...(page?.Versions ?? []), ...(page?.DeleteMarkers ?? [])]
    if (there.length === 0) return objects
    const { Errors = [] } = await s3.send(
      new DeleteObjectsCommand({
        Bucket: bucket,
        Delete: { Objects: there.map(({ Key, VersionId }) => ({ Key, VersionId })), Quiet: true },
      }),
    )
    const [error] = Errors
    if (error !== undefined) throw deployErrors.object(bucket, error.Key ?? '', error.Message ?? error.Code ?? '')
    objects += there.length
    tell({ kind: 'emptied', bucket, objects })
  }
}
