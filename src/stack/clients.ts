/**
 * AWS as the stack's commands see it: one client a service, made here alone. Every error becomes one of ours at this
 * port: what the caller may mend beforehand (credentials, permissions, the region, the network) is a PreflightError,
 * all else a DeployError. AWS's own error is its cause.
 */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { IAMClient } from '@aws-sdk/client-iam'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { S3Client } from '@aws-sdk/client-s3'
import { awsErrors } from '../aws-errors.ts'
import type { SlsartError } from '../errors.ts'
import type { Millis } from '../units.ts'
import type { World } from '../world.ts'

export type Clients = {
  region: string
  cloudFormation: CloudFormationClient
  lambda: LambdaClient
  s3: S3Client
  logs: CloudWatchLogsClient
  iam: IAMClient
}

/** The SDK waits for ever by itself. A deployment without a network ends within three attempts of these. */
const CONNECTION_TIMEOUT: Millis = 5_000
const REQUEST_TIMEOUT: Millis = 60_000

/** `region`: null for the one that AWS's own settings name. Throws PreflightError when there is none. */
export async function openClients(region: string | null, { env }: Pick<World, 'env'>): Promise<Clients> {
  // An empty variable says nothing.
  const named = region || env.AWS_REGION || env.AWS_DEFAULT_REGION
  const common = {
    ...(named ? { region: named } : {}),
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      throwOnRequestTimeout: true,
    },
  }
  const cloudFormation = new CloudFormationClient(common)
  const found = await cloudFormation.config.region().catch((cause: unknown) => {
    throw awsErrors.noRegion(cause)
  })
  // A stand-in has no name for each bucket.
  const elsewhere = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL
  const clients = {
    cloudFormation,
    lambda: new LambdaClient(common),
    s3: new S3Client({ ...common, forcePathStyle: Boolean(elsewhere) }),
    logs: new CloudWatchLogsClient(common),
    iam: new IAMClient(common),
  }
  for (const { middlewareStack } of Object.values(clients) as unknown as Middlewares[])
    middlewareStack.add(ours(found), { step: 'initialize' })
  return { ...clients, region: found }
}

/** What the clients have in common; their own types differ by what they send. */
type Middlewares = {
  middlewareStack: { add(middleware: (next: Ask, context: Context) => Ask, options: { step: 'initialize' }): void }
}
type Ask = (args: never) => Promise<never>
type Context = { clientName?: string; commandName?: string }

const ours =
  (region: string) =>
  (next: Ask, { clientName = '', commandName = '' }: Context): Ask =>
  (args) =>
    next(args).catch((cause: unknown) => {
      throw asOurs(cause, {
        service: clientName.replace(/Client$/, ''),
        call: commandName.replace(/Command$/, ''),
        region,
      })
    })

type Asked = { service: string; call: string; region: string }

const DENIED = /^(AccessDenied(Exception)?|UnauthorizedOperation|Forbidden|AuthorizationError)$/
const NO_CREDENTIALS =
  /^(CredentialsProviderError|TokenProviderError|ExpiredToken(Exception)?|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|InvalidSignatureException|InvalidAccessKeyId|AuthFailure)$/
const UNREACHABLE = /^(TimeoutError|E[A-Z_]+)$/

function asOurs(cause: unknown, asked: Asked): SlsartError {
  const { name, code, message } = named(cause)
  if (NO_CREDENTIALS.test(name)) return awsErrors.credentials(message, cause)
  if (DENIED.test(name)) {
    const action = /not authorized to perform:? ([\w-]+:\w+)/.exec(message)?.[1]
    return awsErrors.denied(action ?? `${asked.service}:${asked.call}`, asked.region, cause)
  }
  if (UNREACHABLE.test(name) || UNREACHABLE.test(code)) return awsErrors.unreachable(asked, message || code, cause)
  return awsErrors.failed(asked, message || name, cause)
}

function named(cause: unknown): { name: string; code: string; message: string } {
  if (!(cause instanceof Error)) return { name: '', code: '', message: String(cause) }
  return { name: cause.name, code: 'code' in cause ? String(cause.code) : '', message: cause.message }
}

/** What a call gives, or null when AWS says by one of these errors that there is no such thing. */
export async function orNone<T>(call: Promise<T>, gone: RegExp): Promise<T | null> {
  return call.catch((error: unknown) => {
    const { cause } = error as SlsartError
    const { name, message } = named(cause)
    if (gone.test(`${name}: ${message}`)) return null
    throw error
  })
}
