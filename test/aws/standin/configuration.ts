/** What Lambda knows of a function's version, as moto tells it, and the variables that its code sees. */
import type { Seconds } from '../../../src/units.ts'
import { workerKeys } from './signature.ts'

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
  /** ARNs of versions. */
  layers: readonly string[]
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
  Layers?: { Arn: string }[]
  LoggingConfig?: { LogGroup?: string }
}

export function configurationOf(region: string, answer: Answer, reserved: number | null): Configuration {
  const { FunctionName: name, Version: version } = answer
  return {
    ...{ region, name, version, arn: answer.FunctionArn, handler: answer.Handler },
    ...{ memory: answer.MemorySize, timeout: answer.Timeout, variables: answer.Environment?.Variables ?? {} },
    logGroup: answer.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
    layers: answer.Layers?.map(({ Arn }) => Arn) ?? [],
    reserved,
    revision: JSON.stringify(answer),
  }
}

/** `code` is the unpacked zip, `layers` the layers unpacked over one another, `api` the address of the Runtime API, `stream` the log stream. */
export function environmentVariables(
  { name, version, handler, memory, region, logGroup, variables }: Configuration,
  { code, layers, api, stream }: Record<'code' | 'layers' | 'api' | 'stream', string>,
): Record<string, string> {
  return {
    ...variables,
    ...workerKeys,
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
    NODE_PATH: [`${layers}/nodejs/node24/node_modules`, `${layers}/nodejs/node_modules`, code].join(':'),
    _HANDLER: handler,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
  }
}
