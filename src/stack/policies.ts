/**
 * Who may do what, in IAM's own language: the worker (its role is in the template), whoever deploys, and whoever runs
 * tests. docs/permissions.md prints them, and the tests hold them against the calls that the commands really make.
 */
import { PREFIX } from './names.ts'

/** Text, or one of CloudFormation's functions that gives text. */
export type Text =
  | string
  | { Ref: string }
  | { 'Fn::Sub': string }
  | { 'Fn::GetAtt': [resource: string, attribute: string] }
export type Statement = {
  Sid?: string
  Effect: 'Allow' | 'Deny'
  Principal?: '*' | Record<string, Text>
  Action: string | readonly string[]
  Resource?: Text | readonly Text[]
  Condition?: Record<string, Record<string, Text | readonly Text[]>>
}
export type Policy = { Version: '2012-10-17'; Statement: readonly Statement[] }

const policy = (...Statement: Statement[]): Policy => ({ Version: '2012-10-17', Statement })

/** Whose role it is. */
export const trustOf = (service: 'lambda' | 'states'): Policy =>
  policy({ Effect: 'Allow', Principal: { Service: `${service}.amazonaws.com` }, Action: 'sts:AssumeRole' })

/** `streams`: of its log group; `runs`: the objects of all runs; `function`: its own ARN when it is to reach into a VPC. */
export type WorkerPlace = { streams: Text; bucket: Text; runs: Text; function: Text | null }

const interfaces = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
]

export const workerPolicy = ({ streams, bucket, runs, function: self }: WorkerPlace): Policy =>
  policy(
    { Sid: 'OwnLogs', Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: streams },
    { Sid: 'RunsObjects', Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: runs },
    {
      // Without it S3 answers 403 instead of 404 for what is not there, and a GET carries no prefix: hence IfExists.
      Sid: 'RunsList',
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: bucket,
      Condition: { StringLikeIfExists: { 's3:prefix': 'runs/*' } },
    },
    ...(self === null ? [] : inVpc(self)),
  )

/** Lambda itself makes the interfaces, in the role's name. The code that runs in the worker may not: it is the script's. */
const inVpc = (self: Text): Statement[] => [
  { Sid: 'Interfaces', Effect: 'Allow', Action: interfaces, Resource: '*' },
  {
    Sid: 'InterfacesNotByCode',
    Effect: 'Deny',
    Action: interfaces,
    Resource: '*',
    Condition: { ArnEquals: { 'lambda:SourceFunctionArn': self } },
  },
]

/** `versions`: of the function; `runs`: the objects of all runs; its own ARN, and its executions'. */
export type MachinePlace = Record<'function' | 'versions' | 'runs' | 'machine' | 'executions', Text>

/** A Distributed Map runs as executions of the machine's own. */
export const machinePolicy = ({ function: worker, versions, runs, machine, executions }: MachinePlace): Policy =>
  policy(
    { Sid: 'Workers', Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: [worker, versions] },
    { Sid: 'Windows', Effect: 'Allow', Action: 's3:GetObject', Resource: runs },
    { Sid: 'Maps', Effect: 'Allow', Action: 'states:StartExecution', Resource: machine },
    {
      Sid: 'MapRuns',
      Effect: 'Allow',
      Action: ['states:DescribeExecution', 'states:StopExecution'],
      Resource: executions,
    },
  )

/** `account` and `region`: numbers and names, or `*`. */
export type AccountPlace = { partition: string; account: string; region: string }

const arns = ({ partition, account, region }: AccountPlace) => ({
  stack: `arn:${partition}:cloudformation:${region}:${account}:stack/${PREFIX}*`,
  function: `arn:${partition}:lambda:${region}:${account}:function:${PREFIX}*`,
  layer: `arn:${partition}:lambda:${region}:*:layer:*`,
  logs: `arn:${partition}:logs:${region}:${account}:log-group:/aws/lambda/${PREFIX}*`,
  bucket: `arn:${partition}:s3:::${PREFIX}*`,
  machine: `arn:${partition}:states:${region}:${account}:stateMachine:${PREFIX}*`,
  execution: `arn:${partition}:states:${region}:${account}:execution:${PREFIX}*`,
  role: `arn:${partition}:iam::${account}:role/slsart/*`,
  topic: `arn:${partition}:sns:${region}:${account}:${PREFIX}*`,
  schedule: `arn:${partition}:scheduler:${region}:${account}:schedule/default/${PREFIX}*`,
  alarm: `arn:${partition}:cloudwatch:${region}:${account}:alarm:${PREFIX}*`,
  provider: `arn:${partition}:iam::${account}:oidc-provider/${GITHUB}`,
})

const allow = (Sid: string, Resource: string, service: string, ...actions: string[]): Statement => ({
  ...{ Sid, Effect: 'Allow', Action: actions.map((action) => `${service}:${action}`), Resource },
})

/**
 * Of `deploy`, `ls` and `remove`. CloudFormation works in the caller's name, so what it calls for the template is here too.
 * `boundary`: the permissions boundary that every role made with this policy must have; without one, whoever holds it
 * could make a role that may do anything.
 */
export const operatorPolicy = (place: AccountPlace, boundary: string | null): Policy => {
  const at = arns(place)
  const bounded = boundary === null ? {} : { Condition: { StringEquals: { 'iam:PermissionsBoundary': boundary } } }
  return policy(
    allow('Stack', at.stack, 'cloudformation', ...stackActions),
    allow('Function', at.function, 'lambda', ...functionActions),
    allow('Machine', at.machine, 'states', ...machineActions),
    allow('Layers', at.layer, 'lambda', 'GetLayerVersion'),
    allow('LogGroup', at.logs, 'logs', ...logActions),
    allow('Bucket', at.bucket, 's3', ...bucketActions),
    allow('Objects', `${at.bucket}/*`, 's3', 'DeleteObject', 'DeleteObjectVersion'),
    { ...allow('MakeRole', at.role, 'iam', 'CreateRole', 'PutRolePolicy', 'PutRolePermissionsBoundary'), ...bounded },
    // Whoever may take a boundary off is not held to it.
    allow('Role', at.role, 'iam', ...roleActions, ...(boundary === null ? ['DeleteRolePermissionsBoundary'] : [])),
    {
      ...allow('GiveRole', at.role, 'iam', 'PassRole'),
      Condition: { StringEquals: { 'iam:PassedToService': services } },
    },
    ...monitoringStatements(at),
    allow('Stacks', '*', 'cloudformation', 'DescribeStacks'),
    allow('Functions', '*', 'lambda', 'ListFunctions', 'GetAccountSettings'),
    allow('LogGroups', '*', 'logs', 'DescribeLogGroups'),
    allow('Buckets', '*', 's3', 'ListAllMyBuckets'),
    allow('Roles', '*', 'iam', 'ListRoles'),
    allow(
      'Network',
      '*',
      'ec2',
      ...['Subnets', 'SecurityGroups', 'Vpcs', 'NetworkInterfaces'].map((of) => `Describe${of}`),
    ),
  )
}

/** What `--monitor` takes. */
const monitoringStatements = ({ bucket, topic, schedule, alarm }: ReturnType<typeof arns>): Statement[] => [
  allow('Round', `${bucket}/monitor/*`, 's3', 'PutObject'),
  allow('Schedule', schedule, 'scheduler', ...['Create', 'Get', 'Update', 'Delete'].map((what) => `${what}Schedule`)),
  allow('Alarms', alarm, 'cloudwatch', 'PutMetricAlarm', 'DeleteAlarms', 'DescribeAlarms', ...tagActions),
  allow('Topic', topic, 'sns', ...topicActions),
  // Of a subscription, which has no name of ours.
  allow('Subscriptions', '*', 'sns', 'Unsubscribe'),
]
const tagActions = ['TagResource', 'UntagResource', 'ListTagsForResource']
const topicActions = [
  ...['CreateTopic', 'DeleteTopic', 'GetTopicAttributes', 'SetTopicAttributes', 'GetDataProtectionPolicy'],
  ...['Subscribe', 'ListSubscriptionsByTopic', ...tagActions],
]

/** That may be given roles of ours. */
const services = ['lambda', 'states', 'scheduler'].map((service) => `${service}.amazonaws.com`)

const stackActions = [
  ...['CreateChangeSet', 'DescribeChangeSet', 'ExecuteChangeSet', 'DeleteChangeSet', 'DeleteStack'],
  ...['DescribeStackEvents', 'DescribeStackResources', 'TagResource', 'UntagResource'],
]
const functionActions = [
  ...['CreateFunction', 'DeleteFunction', 'Get*', 'UpdateFunctionCode', 'UpdateFunctionConfiguration'],
  ...['PublishVersion', 'ListVersionsByFunction', 'PutFunctionConcurrency', 'DeleteFunctionConcurrency'],
  ...['PutFunctionEventInvokeConfig', 'UpdateFunctionEventInvokeConfig', 'DeleteFunctionEventInvokeConfig'],
  ...['PutFunctionRecursionConfig', 'PutRuntimeManagementConfig', 'TagResource', 'UntagResource', 'ListTags'],
]
const machineActions = [
  ...['CreateStateMachine', 'DescribeStateMachine', 'UpdateStateMachine', 'DeleteStateMachine'],
  ...['ListStateMachineVersions', 'TagResource', 'UntagResource', 'ListTagsForResource'],
]
const logActions = [
  ...['CreateLogGroup', 'DeleteLogGroup', 'PutRetentionPolicy', 'DeleteRetentionPolicy'],
  ...['DescribeIndexPolicies', 'GetDataProtectionPolicy', 'TagResource', 'UntagResource', 'ListTagsForResource'],
]
const bucketActions = [
  ...['CreateBucket', 'DeleteBucket', 'ListBucket', 'ListBucketVersions', 'GetBucket*', 'Get*Configuration'],
  ...['PutBucketPolicy', 'DeleteBucketPolicy', 'PutBucketPublicAccessBlock', 'PutEncryptionConfiguration'],
  ...['PutLifecycleConfiguration', 'PutBucketOwnershipControls', 'PutBucketTagging'],
  ...['TagResource', 'UntagResource', 'ListTagsForResource'],
]
const roleActions = [
  ...['DeleteRole', 'GetRole', 'UpdateRole', 'UpdateRoleDescription', 'UpdateAssumeRolePolicy', 'TagRole', 'UntagRole'],
  ...['GetRolePolicy', 'DeleteRolePolicy', 'ListRolePolicies', 'ListAttachedRolePolicies', 'ListRoleTags'],
]

/** Where the merged metrics of runs are published. */
const METRICS = 'slsart'

/** Of `invoke` and all that looks at runs, in CI too. Makes, changes and removes nothing but runs. */
export const ciPolicy = (place: AccountPlace): Policy => {
  const at = arns(place)
  return policy(
    allow('Stack', at.stack, 'cloudformation', 'DescribeStacks', 'DescribeStackResources'),
    allow('Worker', at.function, 'lambda', ...runActions),
    allow('Account', '*', 'lambda', 'GetAccountSettings'),
    allow('Detached', at.machine, 'states', 'StartExecution'),
    allow('Runs', `${at.bucket}/runs/*`, 's3', 'GetObject', 'PutObject', 'DeleteObject'),
    allow('RunsList', at.bucket, 's3', 'ListBucket'),
    allow('Logs', at.logs, 'logs', 'FilterLogEvents'),
    allow('Role', at.role, 'iam', 'GetRole'),
    allow('ReadMetrics', '*', 'cloudwatch', 'GetMetricData'),
    {
      ...allow('Metrics', '*', 'cloudwatch', 'PutMetricData'),
      Condition: { StringEquals: { 'cloudwatch:namespace': METRICS } },
    },
  )
}

const runActions = ['InvokeFunction', 'GetFunctionConfiguration', 'GetFunctionConcurrency', 'ListVersionsByFunction']

const GITHUB = 'token.actions.githubusercontent.com'

/** Lets the workflows of one repository's branch take a role on without a key. `subject`: `repo:owner/name:ref:refs/heads/main`. */
export const githubTrust = (place: AccountPlace, subject: string): Policy =>
  policy({
    Effect: 'Allow',
    Principal: { Federated: arns(place).provider },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com', [`${GITHUB}:sub`]: subject } },
  })
