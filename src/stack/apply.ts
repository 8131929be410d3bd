/**
 * `deploy`: the stack by a change set, then the worker's code as a published version. Both are left alone when they are
 * as they should be. A stack that fails is rolled back whole by CloudFormation; one that never came up is deleted.
 */
import {
  CreateChangeSetCommand,
  type CreateChangeSetCommandInput,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  ExecuteChangeSetCommand,
} from '@aws-sdk/client-cloudformation'
import { deployErrors } from '../aws-errors.ts'
import type { Millis } from '../units.ts'
import { type Version, versionFor } from './code.ts'
import { bucketOf } from './deployed.ts'
import { functionName, stackName } from './names.ts'
import type { Settings } from './settings.ts'
import { findStack, follow, lastEvent, quietStack, type StackState, type Work } from './stack.ts'
import { tagsOf, template } from './template.ts'
import type { WorkerZip } from './zip.ts'

export type Deployed = {
  stack: 'created' | 'updated' | 'unchanged'
  function: string
  bucket: string
  version: Version
}

const POLL: Millis = 1_000

export async function deploy(settings: Settings, zip: WorkerZip, work: Work): Promise<Deployed> {
  const stack = await applied(settings, work)
  const name = functionName(settings.stage)
  const version = await versionFor(name, zip, work)
  return { stack, function: name, bucket: await bucketOf(work.clients, settings.stage), version }
}

async function applied(settings: Settings, work: Work): Promise<Deployed['stack']> {
  const name = stackName(settings.stage)
  const found = await usable(name, work)
  const isNew = found === null || found.status === 'REVIEW_IN_PROGRESS'
  const change = await changeSet(name, isNew ? 'CREATE' : 'UPDATE', settings, work)
  if (change === null) return 'unchanged'
  work.tell({ kind: isNew ? 'creating' : 'updating', stack: name, status: null })
  try {
    await executed(change, name, work)
  } catch (error) {
    // What never came up must not be in the way of the next attempt. If this fails too, that attempt does it.
    if (isNew) await discard(change.stack, name, work).catch(() => {})
    throw error
  }
  return isNew ? 'created' : 'updated'
}

/** The stack that can be updated; null when there is none, or was none that ever came up. */
async function usable(name: string, work: Work): Promise<StackState | null> {
  const found = await quietStack(name, work)
  if (found === null || /^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$|^REVIEW/.test(found.status)) return found
  if (!/^(ROLLBACK_|CREATE_FAILED)/.test(found.status)) throw deployErrors.stuck(name, found.status)
  await discard(found.id, name, work)
  return null
}

async function discard(id: string, name: string, work: Work): Promise<void> {
  const { clients } = work
  if ((await findStack(clients, id))?.status === 'DELETE_COMPLETE') return
  work.tell({ kind: 'deleting', stack: name, status: null })
  const last = await lastEvent(clients, id)
  await clients.cloudFormation.send(new DeleteStackCommand({ StackName: id }))
  await follow(id, last, work)
}

type Change = { id: string; stack: string; last: string | null }

/** A change set that can be executed; null when the stack is as it should be. */
async function changeSet(
  name: string,
  type: 'CREATE' | 'UPDATE',
  settings: Settings,
  work: Work,
): Promise<Change | null> {
  const { clients, clock } = work
  const { cloudFormation } = clients
  const request: CreateChangeSetCommandInput = {
    StackName: name,
    ChangeSetName: `slsart-${Math.floor(clock.wall())}`,
    ChangeSetType: type,
    TemplateBody: JSON.stringify(template(settings)),
    Capabilities: ['CAPABILITY_IAM'],
    Tags: tagsOf(settings),
    ...(type === 'CREATE' ? { OnStackFailure: 'DELETE' } : {}),
  }
  const { Id: id = '', StackId: stack = '' } = await cloudFormation.send(new CreateChangeSetCommand(request))
  for (;;) {
    const { Status, StatusReason = '' } = await cloudFormation.send(new DescribeChangeSetCommand({ ChangeSetName: id }))
    if (Status === 'CREATE_COMPLETE') return { id, stack, last: await lastEvent(clients, stack) }
    if (Status === 'FAILED') {
      await cloudFormation.send(new DeleteChangeSetCommand({ ChangeSetName: id }))
      if (/didn't contain changes|no updates are to be performed/i.test(StatusReason)) return null
      if (type === 'CREATE') await discard(stack, name, work)
      throw deployErrors.changeSet(name, StatusReason)
    }
    await clock.sleep(POLL)
  }
}

async function executed({ id, stack, last }: Change, name: string, work: Work): Promise<void> {
  await work.clients.cloudFormation.send(new ExecuteChangeSetCommand({ ChangeSetName: id }))
  const { status, failure } = await follow(stack, last, work)
  if (!/^(CREATE|UPDATE)_COMPLETE$/.test(status)) throw deployErrors.rolledBack(name, status, failure)
}
