/** One stage as one CloudFormation template: what it may be is in settings.ts, who may do what in policies.ts. */
import { alertStatement, alertsTopic, hasTopic } from './alerts.ts'
import { definitionFor } from './machine.ts'
import { type Common, monitoringResources, roundPolicy } from './monitoring.ts'
import { functionName, logGroupName, machineName, STAGE_TAG } from './names.ts'
import {
  type MachinePlace,
  machinePolicy,
  type Policy,
  type Text,
  trustOf,
  type WorkerPlace,
  workerPolicy,
} from './policies.ts'
import type { Settings } from './settings.ts'

type Value = string | number | boolean | Text | Policy | readonly Value[] | { readonly [key: string]: Value }
export type Resource = {
  Type: string
  DeletionPolicy?: 'Delete'
  UpdateReplacePolicy?: 'Delete'
  Properties: Record<string, Value>
}
export type Template = {
  AWSTemplateFormatVersion: '2010-09-09'
  Description: string
  Resources: Record<string, Resource>
  Outputs: Record<'Function' | 'Bucket', { Value: Text }>
}

/** Lambda's longest. */
const TIMEOUT_S = 900
const TMP_MB = 512
const RUNS_DAYS = 30

/** Inline code is one file of CommonJS. Whoever invokes it before the bundle is there is told. */
const STUB = "exports.handler = async () => { throw new Error('slsart deploy has not uploaded the worker yet') }"

const arnOf = (resource: string): Text => ({ 'Fn::GetAtt': [resource, 'Arn'] })

/** The worker's things as the template names them. The function's ARN is spelt out: its role is there before it. */
const place = ({ stage, vpc }: Settings): WorkerPlace => ({
  streams: arnOf('LogGroup'),
  bucket: arnOf('Bucket'),
  runs: { 'Fn::Sub': `\${Bucket.Arn}/runs/*` },
  function:
    vpc === null
      ? null
      : // The braces are CloudFormation's.
        {
          'Fn::Sub': `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${functionName(stage)}`,
        },
})

/** Of the stack and of everything in it. */
export const tagsOf = ({ stage, tags }: Settings): { Key: string; Value: string }[] =>
  Object.entries({ ...tags, [STAGE_TAG]: stage }).map(([Key, Value]) => ({ Key, Value }))

export function template(settings: Settings): Template {
  const made = settings.roleArn === null
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `slsart: the load testing workers of the stage ${settings.stage}`,
    Resources: {
      LogGroup: logGroup(settings),
      Bucket: bucket(settings),
      BucketPolicy: bucketPolicy,
      ...(made ? { WorkerRole: workerRole(settings) } : {}),
      Function: workerFunction(settings),
      Invocation: invocation,
      // It needs a role of its own, which whoever gives the worker's by hand could not make.
      ...(made ? { MachineRole: machineRole(settings), Machine: machine(settings) } : {}),
      ...(hasTopic(settings) ? { Alerts: alertsTopic(settings.alert, tagsOf(settings)) } : {}),
      ...monitoringOf(settings),
    },
    Outputs: { Function: { Value: { Ref: 'Function' } }, Bucket: { Value: { Ref: 'Bucket' } } },
  }
}

/** With its stack: nothing stays behind. */
const goes = { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' } as const

const logGroup = (settings: Settings): Resource => ({
  Type: 'AWS::Logs::LogGroup',
  ...goes,
  Properties: {
    LogGroupName: logGroupName(settings.stage),
    RetentionInDays: settings.logRetention,
    Tags: tagsOf(settings),
  },
})

/** Not versioned: only the orders are ever written anew, every few seconds, and nobody asks for their past. */
const bucket = (settings: Settings): Resource => ({
  Type: 'AWS::S3::Bucket',
  ...goes,
  Properties: {
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
    OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    },
    LifecycleConfiguration: {
      Rules: [{ Id: 'runs', Status: 'Enabled', Prefix: 'runs/', ExpirationInDays: RUNS_DAYS }],
    },
    Tags: tagsOf(settings),
  },
})

const bucketPolicy: Resource = {
  Type: 'AWS::S3::BucketPolicy',
  Properties: {
    Bucket: { Ref: 'Bucket' },
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'TlsOnly',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: [arnOf('Bucket'), { 'Fn::Sub': `\${Bucket.Arn}/*` }],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    },
  },
}

const workerRole = (settings: Settings): Resource =>
  roleOf(
    settings,
    'lambda',
    { PolicyName: 'worker', PolicyDocument: workerPolicy(place(settings)) },
    ...(settings.monitoring === null ? [] : [{ PolicyName: 'monitoring', PolicyDocument: roundPolicy }]),
  )

const machineRole = (settings: Settings): Resource =>
  roleOf(
    settings,
    'states',
    { PolicyName: 'machine', PolicyDocument: machinePolicy(machinePlace(settings)) },
    ...(settings.alert === null
      ? []
      : [{ PolicyName: 'alert', PolicyDocument: { Version: '2012-10-17', Statement: [alertStatement] } as const }]),
  )

type Inline = { PolicyName: string; PolicyDocument: Policy }

/** CloudFormation makes its name: roles are of no region, and a stage may be in several. The path says which it serves. */
const commonOf = (settings: Settings): Common => ({
  Path: { 'Fn::Sub': `/slsart/\${AWS::Region}/` },
  ...(settings.permissionsBoundary === null ? {} : { PermissionsBoundary: settings.permissionsBoundary }),
  Tags: tagsOf(settings),
})

const roleOf = (settings: Settings, service: 'lambda' | 'states', ...inline: Inline[]): Resource => ({
  Type: 'AWS::IAM::Role',
  Properties: { ...commonOf(settings), AssumeRolePolicyDocument: trustOf(service), Policies: inline },
})

function monitoringOf(settings: Settings): Template['Resources'] {
  const { monitoring } = settings
  return monitoring === null ? {} : monitoringResources({ ...settings, monitoring }, commonOf(settings))
}

const workerFunction = (settings: Settings): Resource => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName: functionName(settings.stage),
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Code: { ZipFile: STUB },
    Architectures: [settings.arch],
    MemorySize: settings.memory,
    Timeout: TIMEOUT_S,
    EphemeralStorage: { Size: TMP_MB },
    LoggingConfig: { LogFormat: 'Text', LogGroup: { Ref: 'LogGroup' } },
    Role: settings.roleArn ?? arnOf('WorkerRole'),
    ...(settings.layers.length === 0 ? {} : { Layers: settings.layers }),
    ...(settings.reservedConcurrency === null ? {} : { ReservedConcurrentExecutions: settings.reservedConcurrency }),
    ...(settings.vpc === null
      ? {}
      : { VpcConfig: { SubnetIds: settings.vpc.subnets, SecurityGroupIds: settings.vpc.securityGroups } }),
    Tags: tagsOf(settings),
  },
})

/** Lambda would start an event again when it failed: load that nobody asked for. */
export const NO_RETRIES = { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 } as const

const invocation: Resource = {
  Type: 'AWS::Lambda::EventInvokeConfig',
  Properties: { FunctionName: { Ref: 'Function' }, Qualifier: '$LATEST', ...NO_RETRIES },
}

/** The machine's ARN is spelt out, since its role is there before it. */
const machinePlace = ({ stage }: Settings): MachinePlace => ({
  function: arnOf('Function'),
  versions: { 'Fn::Sub': `\${Function.Arn}:*` },
  runs: { 'Fn::Sub': `\${Bucket.Arn}/runs/*` },
  machine: own('stateMachine', machineName(stage)),
  executions: own('execution', `${machineName(stage)}/*`),
})

const own = (kind: string, name: string): Text => ({
  'Fn::Sub': `arn:\${AWS::Partition}:states:\${AWS::Region}:\${AWS::AccountId}:${kind}:${name}`,
})

const machine = (settings: Settings): Resource => ({
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: {
    StateMachineName: machineName(settings.stage),
    StateMachineType: 'STANDARD',
    DefinitionString: JSON.stringify(
      definitionFor(settings.alert === null ? null : { stage: settings.stage, topic: `\${Alerts}` }),
    ),
    ...(settings.alert === null ? {} : { DefinitionSubstitutions: { Alerts: { Ref: 'Alerts' } } }),
    RoleArn: arnOf('MachineRole'),
    Tags: tagsOf(settings),
  },
})
