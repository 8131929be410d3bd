/** What Lambda knows of a function's version, as moto tells it, and the variables that its code sees. */
import type { Seconds } from '../../../src/units.ts'

export type Configuration = {
  region: string
  name: string
  version: string
  arn: string
  handler: string
  /** Megabytes. */
  memory: number
  timeout: Seconds
  variables: Record<string, string>
  logGroup: string
  /** How many invocations are set aside for it; null: none are. */
  reserved: number | null
  /** Changes when anything of it does. */
  revision: string
}

/** The fields of Lambda's own answer that matter here. */
export type Answer = {
  FunctionName: string
  FunctionArn: string
  Version: string
  Handler: string
  MemorySize: number
  Timeout: number
  CodeSha256: string
  Environment?: { Variables?: Record<string, string> }
  LoggingConfig?: { LogGroup?: string }
}

export function configurationOf(region: string, answer: Answer, reserved: number | null): Configuration {
  const { FunctionName: name, Version: version } = answer
  return {
    ...{ region, name, version, arn: answer.FunctionArn, handler: answer.Handler },
    ...{ memory: answer.MemorySize, timeout: answer.Timeout, variables: answer.Environment?.Variables ?? {} },
    logGroup: answer.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
    reserved,
    revision: JSON.stringify(answer),
  }
}

/** Keys that stand for the role of the function; nobody else has them. */
export const workerCredentials = {
  AWS_ACCESS_KEY_ID: 'ASIAWORKERSTANDIN000',
  AWS_SECRET_ACCESS_KEY: 'worker-secret-of-the-stand-in',
  AWS_SESSION_TOKEN: 'worker-session-of-the-stand-in',
}

/** `code` is the unpacked zip, `api` the address of the Runtime API, `stream` the log stream. */
export function environmentVariables(
  { name, version, handler, memory, region, logGroup, variables }: Configuration,
  { code, api, stream }: { code: string; api: string; stream: string },
): Record<string, string> {
  return {
    ...variables,
    ...workerCredentials,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memory),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: stream,
    AWS_LAMBDA_RUNTIME_API: api,
    LAMBDA_TASK_ROOT: code,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    NODE_PATH: ['/opt/nodejs/node24/node_modules', '/opt/nodejs/node_modules', code].join(':'),
    _HANDLER: handler,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
  }
}
