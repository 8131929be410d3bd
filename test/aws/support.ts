/** What tests against the stand-in do again and again. */
import { CloudFormationClient, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation'
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam'
import { CreateFunctionCommand, type CreateFunctionCommandInput, LambdaClient } from '@aws-sdk/client-lambda'
import { strToU8, zipSync } from 'fflate'
import type { Aws } from './standin/start.ts'

/** How the SDK's clients are told where the stand-in is, without the variables of this process. */
export const clientOf = ({
  env,
}: Pick<Aws, 'env'>): { endpoint: string; region: string; credentials: object; maxAttempts: number } & {
  credentials: { accessKeyId: string; secretAccessKey: string }
} => ({
  endpoint: env.AWS_ENDPOINT_URL ?? '',
  region: env.AWS_REGION ?? '',
  credentials: { accessKeyId: env.AWS_ACCESS_KEY_ID ?? '', secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '' },
  maxAttempts: 1,
})

/** A function made by hand, without a stack, of files or of a zip. */
export async function makeFunction(
  aws: Pick<Aws, 'env'>,
  name: string,
  code: Record<string, string> | Uint8Array,
  more: Partial<CreateFunctionCommandInput> = {},
): Promise<void> {
  const RoleName = `${name}-role`
  const trust = { RoleName, AssumeRolePolicyDocument: '{}' }
  const { Role } = await new IAMClient(clientOf(aws)).send(new CreateRoleCommand(trust))
  const files = (): Uint8Array =>
    zipSync(Object.fromEntries(Object.entries(code).map(([path, text]) => [path, strToU8(text)])))
  await new LambdaClient(clientOf(aws)).send(
    new CreateFunctionCommand({
      ...{ FunctionName: name, Role: Role?.Arn, Runtime: 'nodejs24.x', Handler: 'index.handler' },
      Code: { ZipFile: code instanceof Uint8Array ? code : files() },
      ...{ Timeout: 10, MemorySize: 256, ...more },
    }),
  )
}

/** What the stage dev is made of, by the names in the template. */
export async function resourcesOf(aws: Pick<Aws, 'env'>): Promise<Record<string, string>> {
  const formation = new CloudFormationClient(clientOf(aws))
  const { StackResources = [] } = await formation.send(new DescribeStackResourcesCommand({ StackName: 'slsart-dev' }))
  return Object.fromEntries(StackResources.map((of) => [of.LogicalResourceId ?? '', of.PhysicalResourceId ?? '']))
}
