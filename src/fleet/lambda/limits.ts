/** What the account and the function leave room for, asked of AWS. */
import { GetAccountSettingsCommand, GetFunctionConcurrencyCommand, type LambdaClient } from '@aws-sdk/client-lambda'
import { limitErrors } from '../../aws-errors.ts'
import type { Limits } from '../../plan/preflight.ts'

/** Environments of one function that Lambda starts in 10 s. Source: docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency */
const STARTS_PER_10_S = 1_000

/** The smallest limit counts: what is reserved for the function, or else what no function has reserved. Throws a PreflightError. */
export async function limitsOf(client: LambdaClient, name: string, region: string): Promise<Limits> {
  const [account, own] = await Promise.all([
    client.send(new GetAccountSettingsCommand({})),
    client.send(new GetFunctionConcurrencyCommand({ FunctionName: name })),
  ]).catch((cause: unknown) => {
    throw limitErrors.unanswered(region, cause)
  })
  const { ConcurrentExecutions, UnreservedConcurrentExecutions } = account.AccountLimit ?? {}
  if (ConcurrentExecutions === undefined) throw limitErrors.unanswered(region, 'the answer names no limit')
  const room = own.ReservedConcurrentExecutions ?? UnreservedConcurrentExecutions ?? ConcurrentExecutions
  return { workers: Math.min(room, ConcurrentExecutions), startsPer10s: STARTS_PER_10_S }
}
