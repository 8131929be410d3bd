import { describe, expect, test } from 'vitest'
import { settingsFrom } from '../../../src/stack/settings.ts'
import { template } from '../../../src/stack/template.ts'

const role = 'arn:aws:iam::123456789012:role/ours'
const of = (given: Record<string, string> = {}) => template(settingsFrom((name) => given[name] ?? null, null))
const properties = (given: Record<string, string>, resource: string) => of(given).Resources[resource]?.Properties

test('a stage is a function and a state machine, their roles, log group and bucket, and two rules', () => {
  expect(Object.values(of().Resources).map(({ Type }) => Type)).toEqual([
    ...['AWS::Logs::LogGroup', 'AWS::S3::Bucket', 'AWS::S3::BucketPolicy', 'AWS::IAM::Role', 'AWS::Lambda::Function'],
    ...['AWS::Lambda::EventInvokeConfig', 'AWS::IAM::Role', 'AWS::StepFunctions::StateMachine'],
  ])
  expect(of().Outputs).toEqual({ Function: { Value: { Ref: 'Function' } }, Bucket: { Value: { Ref: 'Bucket' } } })
})

test('it is small enough to be sent as it is (51,200 bytes)', () => {
  expect(JSON.stringify(of()).length).toBeLessThan(10_000)
})

test('the function is what the settings say', () => {
  const settings = { stage: 'load', memory: '3538', arch: 'x86_64', 'reserved-concurrency': '50' }
  expect(properties(settings, 'Function')).toMatchObject({
    ...{ FunctionName: 'slsart-load-worker', Runtime: 'nodejs24.x', Handler: 'index.handler', Timeout: 900 },
    ...{ MemorySize: 3538, Architectures: ['x86_64'], EphemeralStorage: { Size: 512 } },
    ReservedConcurrentExecutions: 50,
  })
  expect(properties({}, 'Function')).not.toHaveProperty('ReservedConcurrentExecutions')
  expect(properties({}, 'Function')).not.toHaveProperty('VpcConfig')
  expect(properties({}, 'Function')).not.toHaveProperty('Layers')
})

test('the stub is a CommonJS module that says what is missing', async () => {
  const code = JSON.parse(JSON.stringify(properties({}, 'Function'))).Code.ZipFile as string
  const module = { exports: {} as { handler?: () => Promise<void> } }
  new Function('module', 'exports', code)(module, module.exports)
  await expect(module.exports.handler?.()).rejects.toThrow('slsart deploy')
})

describe('who the worker is', () => {
  test('a role of its own, within a boundary if one is given', () => {
    const boundary = 'arn:aws:iam::123456789012:policy/boundary'
    expect(properties({ 'permissions-boundary': boundary }, 'WorkerRole')).toMatchObject({
      PermissionsBoundary: boundary,
    })
    expect(properties({}, 'WorkerRole')).not.toHaveProperty('PermissionsBoundary')
    expect(properties({}, 'Function')).toMatchObject({ Role: { 'Fn::GetAtt': ['WorkerRole', 'Arn'] } })
  })

  test('the role that is given: then none is made', () => {
    expect(of({ 'role-arn': role }).Resources).not.toHaveProperty('WorkerRole')
    expect(properties({ 'role-arn': role }, 'Function')).toMatchObject({ Role: role })
  })

  test('only in a VPC may it have network interfaces', () => {
    const vpc = { 'vpc-subnets': 'subnet-1', 'vpc-security-groups': 'sg-1' }
    expect(properties(vpc, 'Function')).toMatchObject({
      VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] },
    })
    expect(JSON.stringify(properties(vpc, 'WorkerRole'))).toContain('ec2:CreateNetworkInterface')
    expect(JSON.stringify(of())).not.toContain('ec2:')
  })
})

test('the bucket is private, encrypted, refuses plain HTTP and forgets runs', () => {
  expect(properties({}, 'Bucket')).toMatchObject({
    PublicAccessBlockConfiguration: {
      ...{ BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
    },
    LifecycleConfiguration: { Rules: [{ Status: 'Enabled', Prefix: 'runs/', ExpirationInDays: 30 }] },
  })
  expect(properties({}, 'BucketPolicy')).toMatchObject({
    PolicyDocument: {
      Statement: [{ Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
    },
  })
})

test('Lambda never starts a worker a second time', () => {
  expect(properties({}, 'Invocation')).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 })
})

test('everything that can have tags says which stage it is of, beside the tags that are given', () => {
  const { Resources } = of({ stage: 'load', tags: 'team=checkout' })
  for (const name of ['LogGroup', 'Bucket', 'WorkerRole', 'Function']) {
    expect(Resources[name]?.Properties.Tags).toEqual([
      { Key: 'team', Value: 'checkout' },
      { Key: 'slsart:stage', Value: 'load' },
    ])
  }
})
