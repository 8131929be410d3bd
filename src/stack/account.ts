/** What a run finds in an account: who asks, what room there is, the stage's function and its role. */
import { GetRoleCommand } from '@aws-sdk/client-iam'
import {
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { awsErrors } from '../aws-errors.ts'
import { type Clients, orNone } from './clients.ts'
import { deployedStage } from './deployed.ts'

export type Identity = { account: string; arn: string }

/** Whose credentials these are. Throws a PreflightError when there are none, or AWS does not accept them. */
export async function identity({ region }: Pick<Clients, 'region'>): Promise<Identity> {
  const sts = new STSClient({ region, maxAttempts: 1 })
  try {
    const { Account = '', Arn = '' } = await sts.send(new GetCallerIdentityCommand())
    return { account: Account, arn: Arn }
  } catch (cause) {
    throw awsErrors.credentials(cause instanceof Error ? cause.message || cause.name : String(cause), cause)
  } finally {
    sts.destroy()
  }
}

/** How many functions may run at once in the region, and how many of these no function has reserved. */
export type Quotas = { concurrent: number; unreserved: number }

export async function quotas({ lambda }: Pick<Clients, 'lambda'>): Promise<Quotas> {
  const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand())
  const { ConcurrentExecutions = 0, UnreservedConcurrentExecutions = 0 } = AccountLimit ?? {}
  return { concurrent: ConcurrentExecutions, unreserved: UnreservedConcurrentExecutions }
}

/** `version`: the newest that runs this command line's worker; null when the stage has none. `reserved`: of its concurrency; null when none is. */
export type WorkerFunction = {
  function: string
  version: string | null
  state: string
  reason: string | null
  role: string
  reserved: number | null
}

/** Null when the stage has no function. */
export async function workerFunction(clients: Clients, stage: string, sha256: string): Promise<WorkerFunction | null> {
  const deployed = await deployedStage(clients, stage, sha256)
  if (deployed === null) return null
  const FunctionName = deployed.function
  const [found, { ReservedConcurrentExecutions: reserved = null }] = await Promise.all([
    clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName })),
    clients.lambda.send(new GetFunctionConcurrencyCommand({ FunctionName })),
  ])
  return {
    ...{ function: FunctionName, version: deployed.version?.number ?? null, role: found.Role ?? '', reserved },
    ...{ state: found.State ?? 'Active', reason: found.StateReason ?? null },
  }
}

export async function isThere({ iam }: Pick<Clients, 'iam'>, role: string): Promise<boolean> {
  const RoleName = role.split('/').at(-1) ?? ''
  return (await orNone(iam.send(new GetRoleCommand({ RoleName })), /^NoSuchEntity/)) !== null
}
