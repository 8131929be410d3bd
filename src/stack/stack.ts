/** One CloudFormation stack: what state it is in, and what happens to it until it settles. */
import {
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  type Stack,
  type StackResource,
} from '@aws-sdk/client-cloudformation'
import type { Millis } from '../units.ts'
import type { World } from '../world.ts'
import { type Clients, orNone } from './clients.ts'

export type StackState = {
  id: string
  name: string
  /** CloudFormation's word, such as UPDATE_COMPLETE. */
  status: string
  tags: Record<string, string>
  created: Date | null
  updated: Date | null
}

export type StackEvent = { id: string; at: Date; resource: string; type: string; status: string; reason: string | null }

/** What a command tells while it works. `bytes`: of the zip. */
export type Happening =
  | { kind: 'waiting' | 'creating' | 'updating' | 'deleting'; stack: string; status: string | null }
  | { kind: 'event'; event: StackEvent }
  | { kind: 'uploading'; bytes: number }
  | { kind: 'emptied'; bucket: string; objects: number }

/** What a command works with. */
export type Work = { clients: Clients; clock: World['clock']; tell(happening: Happening): void }

/** CloudFormation needs half a minute at least; it answers some calls a second, an account's together. */
const POLL: Millis = 2_000

/** By name or id; null when there is none. A deleted stack is one only by its id. */
export async function findStack({ cloudFormation }: Clients, name: string): Promise<StackState | null> {
  const answer = await orNone(cloudFormation.send(new DescribeStacksCommand({ StackName: name })), /does not exist/)
  const [stack] = answer?.Stacks ?? []
  return stack === undefined ? null : stateOf(stack)
}

export const stateOf = (stack: Stack): StackState => ({
  id: stack.StackId ?? '',
  name: stack.StackName ?? '',
  status: stack.StackStatus ?? '',
  tags: Object.fromEntries((stack.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
  created: stack.CreationTime ?? null,
  updated: stack.LastUpdatedTime ?? null,
})

/** By name or id; none when there is no such stack. */
export async function resourcesOf({ cloudFormation }: Clients, stack: string): Promise<StackResource[]> {
  const answer = await orNone(
    cloudFormation.send(new DescribeStackResourcesCommand({ StackName: stack })),
    /does not exist/,
  )
  return answer?.StackResources ?? []
}

/** REVIEW_IN_PROGRESS is a stack that has a change set and nothing else. */
const atWork = (status: string): boolean => /(?<!^REVIEW)_IN_PROGRESS$/.test(status)

/** The stack once nobody is at work on it: a deployment that was interrupted, or another's, is waited for. */
export async function quietStack(name: string, work: Work): Promise<StackState | null> {
  const found = await findStack(work.clients, name)
  if (found === null || !atWork(found.status)) return found
  work.tell({ kind: 'waiting', stack: name, status: found.status })
  await follow(found.id, await lastEvent(work.clients, found.id), work)
  return findStack(work.clients, name)
}

/** Tells what happens to the stack after the event `last` until it settles; the first failure is what went wrong. */
export async function follow(
  id: string,
  last: string | null,
  work: Work,
): Promise<{ status: string; failure: StackEvent | null }> {
  let seen = last
  let failure: StackEvent | null = null
  for (;;) {
    // Its state first: the events of what it went through by then are all there.
    const status = (await findStack(work.clients, id))?.status ?? 'DELETE_COMPLETE'
    for (const event of await eventsAfter(work.clients, id, seen)) {
      seen = event.id
      failure ??= isFailure(event) ? event : null
      work.tell({ kind: 'event', event })
    }
    if (!atWork(status)) return { status, failure }
    await work.clock.sleep(POLL)
  }
}

/** What is cancelled is cancelled because of another that failed. */
const isFailure = ({ status, reason }: StackEvent): boolean =>
  status.endsWith('_FAILED') && !/cancelled/i.test(reason ?? '')

export async function lastEvent(clients: Clients, id: string): Promise<string | null> {
  const { StackEvents } = await clients.cloudFormation.send(new DescribeStackEventsCommand({ StackName: id }))
  return StackEvents?.[0]?.EventId ?? null
}

/** The oldest first. AWS gives the newest first, in pages. */
async function eventsAfter({ cloudFormation }: Clients, id: string, last: string | null): Promise<StackEvent[]> {
  const found: StackEvent[] = []
  let NextToken: string | undefined
  do {
    const page = await cloudFormation.send(new DescribeStackEventsCommand({ StackName: id, NextToken }))
    for (const event of page.StackEvents ?? []) {
      if (event.EventId === last) return found.toReversed()
      found.push({
        id: event.EventId ?? '',
        at: event.Timestamp ?? new Date(0),
        resource: event.LogicalResourceId ?? '',
        type: event.ResourceType ?? '',
        status: event.ResourceStatus ?? '',
        reason: event.ResourceStatusReason ?? null,
      })
    }
    NextToken = page.NextToken
  } while (NextToken !== undefined)
  return found.toReversed()
}
