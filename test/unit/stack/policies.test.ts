import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ciPolicy, githubTrust, operatorPolicy, trustOf, workerPolicy } from '../../../src/stack/policies.ts'
import { isAllowed } from '../../support/iam.ts'

const account = '123456789012'
const place = { partition: 'aws', account, region: 'eu-west-1' }
const arn = (service: string, rest: string): string => `arn:aws:${service}:eu-west-1:${account}:${rest}`
const self = arn('lambda', 'function:slsart-dev-worker')
const streams = arn('logs', 'log-group:/aws/lambda/slsart-dev-worker:*')
const bucket = 'arn:aws:s3:::slsart-dev-bucket-abc'
const worker = (inVpc: boolean) =>
  workerPolicy({ streams, bucket, runs: `${bucket}/runs/*`, function: inVpc ? self : null })

describe('the worker', () => {
  const can = (action: string, resource: string, context = {}): boolean =>
    isAllowed([worker(false)], { action, resource, context })

  test.each([
    ['logs:CreateLogStream', arn('logs', 'log-group:/aws/lambda/slsart-dev-worker:log-stream:x')],
    ['logs:PutLogEvents', arn('logs', 'log-group:/aws/lambda/slsart-dev-worker:log-stream:x')],
    ['s3:GetObject', `${bucket}/runs/1/orders.json`],
    ['s3:PutObject', `${bucket}/runs/1/claims/0-1`],
    // A GET of an object asks for this without a prefix, when the object is not there.
    ['s3:ListBucket', bucket],
  ])('may %s on %s', (action, resource) => expect(can(action, resource)).toBe(true))

  test('lists runs and nothing else', () => {
    expect(can('s3:ListBucket', bucket, { 's3:prefix': 'runs/1/' })).toBe(true)
    expect(can('s3:ListBucket', bucket, { 's3:prefix': 'other/' })).toBe(false)
  })

  test.each([
    ['s3:GetObject', `${bucket}/other`],
    ['s3:PutObject', `${bucket}/runs`],
    ['s3:GetObject', 'arn:aws:s3:::slsart-prod-bucket-abc/runs/1/orders.json'],
    ['s3:ListBucket', 'arn:aws:s3:::somebody-else'],
    ['s3:DeleteObject', `${bucket}/runs/1/orders.json`],
    ['s3:PutObjectAcl', `${bucket}/runs/1/orders.json`],
    ['s3:PutBucketPolicy', bucket],
    ['s3:ListAllMyBuckets', '*'],
    ['lambda:InvokeFunction', self],
    ['lambda:UpdateFunctionCode', self],
    ['iam:PassRole', `arn:aws:iam::${account}:role/slsart/eu-west-1/slsart-dev-WorkerRole-1`],
    ['iam:CreateUser', '*'],
    ['sts:AssumeRole', `arn:aws:iam::${account}:role/admin`],
    ['logs:CreateLogGroup', arn('logs', 'log-group:/aws/lambda/slsart-dev-worker')],
    ['logs:PutLogEvents', arn('logs', 'log-group:/aws/lambda/other:log-stream:x')],
    ['logs:FilterLogEvents', streams],
    ['ec2:CreateNetworkInterface', '*'],
    ['secretsmanager:GetSecretValue', '*'],
    ['ssm:GetParameter', '*'],
    ['dynamodb:PutItem', '*'],
  ])('may not %s on %s', (action, resource) => expect(can(action, resource)).toBe(false))

  test('in a VPC, Lambda may make its interfaces and the code in it may not', () => {
    const request = { action: 'ec2:CreateNetworkInterface', resource: '*' }
    expect(isAllowed([worker(true)], request)).toBe(true)
    expect(isAllowed([worker(true)], { ...request, context: { 'lambda:SourceFunctionArn': self } })).toBe(false)
  })

  test('its role is for Lambda alone', () => {
    expect(trustOf('lambda').Statement).toEqual([
      { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ])
  })
})

/** What a resource of each type is called when it is ours, for what CloudFormation calls on it. */
const resources: Record<string, string> = {
  'AWS::Lambda::Function': self,
  'AWS::Lambda::EventInvokeConfig': self,
  'AWS::S3::Bucket': bucket,
  'AWS::S3::BucketPolicy': bucket,
  'AWS::IAM::Role': `arn:aws:iam::${account}:role/slsart/eu-west-1/slsart-dev-WorkerRole-1`,
  'AWS::Logs::LogGroup': arn('logs', 'log-group:/aws/lambda/slsart-dev-worker'),
}

/** Of features that the template has no use for; and one that is no action of IAM's, though the schemas name it. */
const unused =
  /^(kms|elasticfilesystem|firehose|s3tables|iam:(Attach|Detach)RolePolicy|s3:REST)|CodeSigningConfig$|Metadata|Accelerate|Analytics|CORS|Cors|Inventory|Intelligent|ObjectLock|Metrics|Replication|(Put|Delete)Bucket(Logging|Notification|Versioning|Website|Acl|Lifecycle|Encryption)|LogDelivery|ResourcePolic|KmsKey|(Put|Delete)(DataProtection|Index)Policy|PutObjectAcl|^s3:GetObject|s3:DeleteBucketTagging/

test('whoever deploys may do all that CloudFormation calls for the template (its published resource schemas)', () => {
  const file = join(import.meta.dirname, '../../fixtures/cloudformation-handlers.json')
  const handlers = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string[]>
  const context = { 'iam:PassedToService': 'lambda.amazonaws.com' }
  const policies = [operatorPolicy(place, null)]
  const refused = Object.entries(handlers).flatMap(([type, actions]) =>
    actions
      .filter((action) => !unused.test(action))
      .filter((action) => {
        const own = action === 'iam:PassRole' ? resources['AWS::IAM::Role'] : resources[type]
        const objects = action === 's3:DeleteObject' ? `${bucket}/x` : own
        return ![objects, '*', `arn:aws:lambda:eu-west-1:999999999999:layer:theirs:1`].some((resource = '') =>
          isAllowed(policies, { action, resource, context }),
        )
      }),
  )
  expect(refused).toEqual([])
})

describe('whoever deploys', () => {
  const can = (action: string, resource: string, context = {}, boundary: string | null = null): boolean =>
    isAllowed([operatorPolicy(place, boundary)], { action, resource, context })

  test.each([
    ['cloudformation:DeleteStack', arn('cloudformation', 'stack/theirs/1')],
    ['lambda:UpdateFunctionCode', arn('lambda', 'function:theirs')],
    ['lambda:InvokeFunction', self],
    ['s3:GetObject', `${bucket}/runs/1/batches/0-1/000000.bin`],
    ['s3:DeleteObject', 'arn:aws:s3:::theirs/x'],
    ['logs:DeleteLogGroup', arn('logs', 'log-group:/aws/lambda/theirs')],
    ['iam:CreateRole', `arn:aws:iam::${account}:role/admin`],
    ['iam:AttachRolePolicy', `arn:aws:iam::${account}:role/slsart/eu-west-1/x`],
  ])('may not %s on %s', (action, resource) => expect(can(action, resource)).toBe(false))

  test('gives its roles to Lambda alone', () => {
    const role = `arn:aws:iam::${account}:role/slsart/eu-west-1/x`
    expect(can('iam:PassRole', role, { 'iam:PassedToService': 'lambda.amazonaws.com' })).toBe(true)
    expect(can('iam:PassRole', role, { 'iam:PassedToService': 'ec2.amazonaws.com' })).toBe(false)
    expect(can('iam:PassRole', role)).toBe(false)
  })

  test('held to a boundary, makes no role without it', () => {
    const role = `arn:aws:iam::${account}:role/slsart/eu-west-1/x`
    const boundary = `arn:aws:iam::${account}:policy/boundary`
    expect(can('iam:CreateRole', role, { 'iam:PermissionsBoundary': boundary }, boundary)).toBe(true)
    expect(can('iam:CreateRole', role, {}, boundary)).toBe(false)
    expect(can('iam:PutRolePolicy', role, {}, boundary)).toBe(false)
    expect(can('iam:DeleteRolePermissionsBoundary', role, {}, boundary)).toBe(false)
  })
})

describe('whoever runs tests', () => {
  const can = (action: string, resource: string, context = {}): boolean =>
    isAllowed([ciPolicy(place)], { action, resource, context })

  test.each([
    ['lambda:InvokeFunction', `${self}:7`],
    ['lambda:ListVersionsByFunction', self],
    ['lambda:GetAccountSettings', '*'],
    ['s3:PutObject', `${bucket}/runs/1/orders.json`],
    ['logs:FilterLogEvents', arn('logs', 'log-group:/aws/lambda/slsart-dev-worker:log-stream:x')],
    ['cloudformation:DescribeStackResources', arn('cloudformation', 'stack/slsart-dev/1')],
  ])('may %s on %s', (action, resource) => expect(can(action, resource)).toBe(true))

  test.each([
    ['lambda:InvokeFunction', arn('lambda', 'function:theirs')],
    ['lambda:UpdateFunctionCode', self],
    ['lambda:PublishVersion', self],
    ['s3:PutObject', `${bucket}/other`],
    ['s3:DeleteBucket', bucket],
    ['cloudformation:DeleteStack', arn('cloudformation', 'stack/slsart-dev/1')],
    ['iam:CreateRole', resources['AWS::IAM::Role'] ?? ''],
    ['iam:PassRole', resources['AWS::IAM::Role'] ?? ''],
  ])('may not %s on %s', (action, resource) => expect(can(action, resource)).toBe(false))

  test('publishes metrics under our name alone', () => {
    expect(can('cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'slsart' })).toBe(true)
    expect(can('cloudwatch:PutMetricData', '*', { 'cloudwatch:namespace': 'theirs' })).toBe(false)
  })
})

test('the role for workflows is for one branch of one repository', () => {
  const github = 'token.actions.githubusercontent.com'
  const [statement] = githubTrust(place, 'repo:owner/name:ref:refs/heads/main').Statement
  expect(statement?.Principal).toEqual({ Federated: `arn:aws:iam::${account}:oidc-provider/${github}` })
  expect(statement?.Condition).toEqual({
    StringEquals: { [`${github}:aud`]: 'sts.amazonaws.com', [`${github}:sub`]: 'repo:owner/name:ref:refs/heads/main' },
  })
})
