/** What slsart has in one region of an account: its stacks, and what bears our names without belonging to any of them. */
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { ListRolesCommand } from '@aws-sdk/client-iam'
import { GetFunctionConfigurationCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda'
import { ListBucketsCommand } from '@aws-sdk/client-s3'
import { type Clients, orNone } from './clients.ts'
import { versionsOf } from './code.ts'
import { functionName, PREFIX, type ResourceKind, rolePath, STAGE_TAG, stageOf } from './names.ts'
import { resourcesOf, type StackState, stateOf } from './stack.ts'

export type Deployment = {
  stage: string
  stack: string
  /** CloudFormation's word, such as UPDATE_COMPLETE. */
  state: string
  /** The newest published version and the hash of its code; null when the worker has never been uploaded. */
  version: string | null
  sha256: string | null
  /** Whether some version is this command line's worker. */
  current: boolean
  /** MB */
  memory: number | null
  arch: string | null
  created: Date | null
  updated: Date | null
}
export type Orphan = { kind: ResourceKind; name: string; stage: string }
export type Inventory = { region: string; deployments: Deployment[]; orphans: Orphan[] }

/** `sha256`: of this command line's worker. */
export async function inventory(clients: Clients, sha256: string): Promise<Inventory> {
  const stacks = await ourStacks(clients)
  const [deployments, orphans] = await Promise.all([
    Promise.all(stacks.map((stack) => deployment(clients, stack, sha256))),
    orphansBeside(clients, stacks),
  ])
  return { region: clients.region, deployments, orphans }
}

async function ourStacks({ cloudFormation }: Clients): Promise<StackState[]> {
  const stacks = await pages(async (NextToken) => {
    const page = await cloudFormation.send(new DescribeStacksCommand({ NextToken }))
    return { found: page.Stacks, next: page.NextToken }
  })
  return stacks.map(stateOf).filter(({ name, tags }) => name.startsWith(PREFIX) && tags[STAGE_TAG] !== undefined)
}

async function deployment(clients: Clients, stack: StackState, sha256: string): Promise<Deployment> {
  const stage = stack.tags[STAGE_TAG] ?? ''
  const name = functionName(stage)
  const latest = await orNone(
    clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name })),
    /^ResourceNotFound/,
  )
  const versions = latest === null ? [] : await versionsOf(clients, name)
  const newest = versions.at(-1)
  return {
    ...{ stage, stack: stack.name, state: stack.status },
    ...{ version: newest?.Version ?? null, sha256: newest?.CodeSha256 ?? null },
    current: versions.some((version) => version.CodeSha256 === sha256),
    ...{ memory: latest?.MemorySize ?? null, arch: latest?.Architectures?.[0] ?? null },
    ...{ created: stack.created, updated: stack.updated },
  }
}

/** Everything that bears our names and is in none of the stacks. */
async function orphansBeside(clients: Clients, stacks: readonly StackState[]): Promise<Orphan[]> {
  const owned = await Promise.all(stacks.map(({ id }) => resourcesOf(clients, id)))
  const theirs = new Set(owned.flat().map((resource) => resource.PhysicalResourceId))
  return (await ourThings(clients)).filter(({ name }) => !theirs.has(name))
}

/** What is left of a stage whose stack is gone. */
export const leftovers = async (clients: Clients, stage: string): Promise<Orphan[]> =>
  (await ourThings(clients)).filter((thing) => thing.stage === (thing.kind === 'bucket' ? stage.toLowerCase() : stage))

async function ourThings(clients: Clients): Promise<Orphan[]> {
  const { lambda, logs, s3, iam, region } = clients
  const names: Record<ResourceKind, Promise<(string | undefined)[]>> = {
    function: pages(async (Marker) => {
      const page = await lambda.send(new ListFunctionsCommand({ Marker }))
      return { found: page.Functions?.map((of) => of.FunctionName), next: page.NextMarker }
    }),
    'log group': pages(async (nextToken) => {
      const logGroupNamePrefix = `/aws/lambda/${PREFIX}`
      const page = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix, nextToken }))
      return { found: page.logGroups?.map((of) => of.logGroupName), next: page.nextToken }
    }),
    bucket: pages(async (ContinuationToken) => {
      // Buckets of all regions share one list.
      const page = await s3.send(new ListBucketsCommand({ Prefix: PREFIX, BucketRegion: region, ContinuationToken }))
      return { found: page.Buckets?.map((of) => of.Name), next: page.ContinuationToken }
    }),
    role: pages(async (Marker) => {
      const page = await iam.send(new ListRolesCommand({ PathPrefix: rolePath(region), Marker }))
      return { found: page.Roles?.map((of) => of.RoleName), next: page.Marker }
    }),
  }
  const kinds = Object.keys(names) as ResourceKind[]
  const found = await Promise.all(kinds.map(async (kind) => ours(kind, await names[kind])))
  return found.flat()
}

const ours = (kind: ResourceKind, names: readonly (string | undefined)[]): Orphan[] =>
  names.flatMap((name = '') => {
    const stage = stageOf(kind, name)
    return stage === null ? [] : [{ kind, name, stage }]
  })

type Page<T> = { found: T[] | undefined; next: string | undefined }

async function pages<T>(ask: (token: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = []
  let token: string | undefined
  do {
    const { found = [], next } = await ask(token)
    all.push(...found)
    token = next
  } while (token !== undefined)
  return all
}
