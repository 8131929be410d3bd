/** The stack's commands as users run them, against moto through the real SDK. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { CloudFormationClient, ListStacksCommand } from '@aws-sdk/client-cloudformation'
import { CloudWatchLogsClient, CreateLogGroupCommand, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { CreateRoleCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam'
import {
  GetFunctionConfigurationCommand,
  GetFunctionEventInvokeConfigCommand,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListBucketsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { deploy } from '../../src/stack/apply.ts'
import { type Clients, openClients } from '../../src/stack/clients.ts'
import { versionsOf } from '../../src/stack/code.ts'
import { deployedStage } from '../../src/stack/deployed.ts'
import { inventory } from '../../src/stack/inventory.ts'
import { ciPolicy, githubTrust, operatorPolicy, type Policy } from '../../src/stack/policies.ts'
import { remove } from '../../src/stack/remove.ts'
import { settingsFrom } from '../../src/stack/settings.ts'
import { template } from '../../src/stack/template.ts'
import { type WorkerZip, zipped } from '../../src/stack/zip.ts'
import { type Ended, run, workFolder } from '../support/cli.ts'
import { python } from './standin/prepare.ts'
import { type Aws, startAws } from './standin/start.ts'
import { clientOf, makeFunction } from './support.ts'

const region = 'eu-west-1'
let aws: Aws
beforeAll(async () => {
  aws = await startAws({ region })
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await aws.reset()
})
afterAll(() => aws.close())

const folder = workFolder()
const slsart = (...args: string[]): Promise<Ended> => run(folder, args, aws.env)
const built = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../../dist', name))
const zip = zipped({ 'index.mjs': built('worker.mjs'), 'closing.mjs': built('closing.mjs') })
const settings = (given: Record<string, string> = {}) => settingsFrom((name) => given[name] ?? null, null)

/** Everything that is in the account. */
async function everything(): Promise<string[]> {
  const [how, client] = [clientOf(aws), { ...clientOf(aws), forcePathStyle: true }]
  const [stacks, functions, roles, groups, buckets] = await Promise.all([
    new CloudFormationClient(how).send(new ListStacksCommand({})),
    new LambdaClient(how).send(new ListFunctionsCommand({})),
    new IAMClient(how).send(new ListRolesCommand({})),
    new CloudWatchLogsClient(how).send(new DescribeLogGroupsCommand({})),
    new S3Client(client).send(new ListBucketsCommand({})),
  ])
  return [
    ...(stacks.StackSummaries ?? [])
      .filter(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE')
      .map(({ StackName }) => `stack ${StackName}`),
    ...(functions.Functions ?? []).map(({ FunctionName }) => `function ${FunctionName}`),
    ...(roles.Roles ?? []).map(({ RoleName }) => `role ${RoleName}`),
    ...(groups.logGroups ?? []).map(({ logGroupName }) => `log group ${logGroupName}`),
    ...(buckets.Buckets ?? []).map(({ Name }) => `bucket ${Name}`),
  ]
}

/** For calls in this process: the SDK finds the endpoint and the keys in the environment. */
async function clients(): Promise<Clients> {
  for (const [name, value] of Object.entries(aws.env)) vi.stubEnv(name, value)
  return openClients(region, { env: process.env })
}
const work = (of: Clients) => ({
  clients: of,
  clock: { wall: Date.now, steady: () => 0, sleep: async () => {}, every: () => () => {} },
  tell: () => {},
})
const deployed = (of: Clients, given: Record<string, string> = {}, what: WorkerZip = zip) =>
  deploy(settings(given), what, work(of))

describe('deploy, ls and remove', () => {
  test('a stage comes up, is left alone, is updated, and is gone without a trace', async () => {
    const first = await slsart('deploy')
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('The stage dev is deployed.') })
    expect(first.stdout).toContain(`slsart-dev-worker, version 1, arm64, 1769 MB`)
    expect(first.stdout).toContain(zip.sha256)
    expect(first.stderr).toContain('creating the stack slsart-dev\n')
    expect(first.stderr).toMatch(/\d\d:\d\d:\d\d {2}CREATE_COMPLETE {5}slsart-dev/)
    expect(first.stderr).toContain('uploading the worker')

    const second = await slsart('deploy')
    expect(second).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('Nothing to do') })
    expect(second.stdout).toContain('version 1,')

    const third = await slsart('deploy', '--memory', '2048')
    expect(third).toMatchObject({ code: 0, stdout: expect.stringContaining('version 2, arm64, 2048 MB') })
    expect(third.stderr).toContain('updating the stack slsart-dev\n')

    const list = await slsart('ls', '--json')
    expect(JSON.parse(list.stdout)).toMatchObject({
      ...{ schema: 'slsart.stacks/1', region, orphans: [] },
      stacks: [
        {
          ...{ stage: 'dev', stack: 'slsart-dev', state: 'UPDATE_COMPLETE', memory: 2048 },
          ...{ version: '2', sha256: zip.sha256, current: true },
        },
      ],
    })
    expect((await slsart('ls')).stdout).toMatch(/^dev {2}.*UPDATE_COMPLETE .* this one .* 2048/m)

    const gone = await slsart('remove', '--yes')
    expect(gone).toMatchObject({ code: 0, stdout: expect.stringContaining('Removed slsart-dev from eu-west-1') })
    expect(await everything()).toEqual([])
    expect((await slsart('ls')).stdout).toBe('Nothing is deployed in eu-west-1.\n')
    const again = await slsart('remove')
    expect(again).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('There is no stack slsart-dev in eu-west-1'),
    })
  })

  test('the settings come from slsart.config.yml, and a flag goes before it', async () => {
    const here = workFolder({ 'slsart.config.yml': 'stage: load\nmemory: 1024\nlogRetention: 7\n' })
    expect((await run(here, ['deploy', '--memory', '512'], aws.env)).stdout).toContain(
      'slsart-load-worker, version 1, arm64, 512 MB',
    )
    const { logGroups } = await new CloudWatchLogsClient(clientOf(aws)).send(new DescribeLogGroupsCommand({}))
    expect(logGroups).toMatchObject([{ logGroupName: '/aws/lambda/slsart-load-worker', retentionInDays: 7 }])
  })

  test('what is deployed is found by the worker that it runs, and invoked without retries', async () => {
    const of = await clients()
    expect(await deployedStage(of, 'dev', zip.sha256)).toBeNull()
    const { bucket } = await deployed(of)
    expect(await deployedStage(of, 'dev', zip.sha256)).toEqual({
      ...{ function: 'slsart-dev-worker', bucket },
      machine: expect.stringMatching(/:stateMachine:slsart-dev$/),
      version: expect.objectContaining({ number: '1', memoryMb: 1769 }),
    })
    expect(await deployedStage(of, 'dev', 'another')).toMatchObject({ version: null })
    const question = { FunctionName: 'slsart-dev-worker', Qualifier: '1' }
    const [version, rules] = await Promise.all([
      of.lambda.send(new GetFunctionConfigurationCommand(question)),
      of.lambda.send(new GetFunctionEventInvokeConfigCommand(question)),
    ])
    expect(version).toMatchObject({ CodeSha256: zip.sha256, Description: zip.sha256, Timeout: 900 })
    expect(rules).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 })
  })

  test('an older command line finds its own worker again; the last three versions are kept', async () => {
    const of = await clients()
    const zips = [1, 2, 3, 4].map((n) => zipped({ 'index.mjs': new TextEncoder().encode(`worker ${n}`) }))
    for (const each of zips) expect(await deployed(of, {}, each)).toMatchObject({ version: { published: true } })
    const [, , third] = zips
    expect(await deployed(of, {}, third)).toMatchObject({ version: { number: '3', published: false } })
    expect((await versionsOf(of, 'slsart-dev-worker')).map(({ Version }) => Version)).toEqual(['2', '3', '4'])
  })

  test('a bucket with versions and marks of deletion is emptied', async () => {
    const of = await clients()
    const { bucket: Bucket } = await deployed(of)
    await of.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
    const keys = Array.from({ length: 10 }, (_, i) => `runs/1/batches/${i}`)
    await Promise.all(keys.map((Key) => of.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))))
    await of.s3.send(new PutObjectCommand({ Bucket, Key: 'runs/1/batches/0', Body: 'y' }))
    await of.s3.send(new DeleteObjectCommand({ Bucket, Key: 'runs/1/batches/1' }))
    expect(await remove('dev', work(of))).toEqual({ stack: 'removed', objects: 12, logGroups: 0 })
    expect(await everything()).toEqual([])
  })

  test('what belongs to no stack is listed, and a log group of the stage goes with it', async () => {
    const of = await clients()
    await deployed(of, { stage: 'other' })
    await of.logs.send(new CreateLogGroupCommand({ logGroupName: '/aws/lambda/slsart-dev-worker' }))
    const { orphans, deployments } = await inventory(of, zip.sha256)
    expect(orphans).toEqual([{ kind: 'log group', name: '/aws/lambda/slsart-dev-worker', stage: 'dev' }])
    expect(deployments).toMatchObject([{ stage: 'other', current: true }])
    const gone = await slsart('remove', '--stage', 'dev', '--yes')
    expect(gone.stdout).toContain('its log group is removed')
    expect((await inventory(of, zip.sha256)).orphans).toEqual([])
    expect(await everything()).toContain('stack slsart-other')
  })

  test('a bucket, a role and a function that belong to no stack are named, and left alone', async () => {
    const of = await clients()
    const name = 'slsart-dev-WorkerRole-1A2b3C'
    await makeFunction(aws, 'slsart-dev-worker', { 'index.mjs': '' })
    await of.s3.send(new CreateBucketCommand({ Bucket: 'slsart-dev-bucket-1a2b3c' }))
    const role = { RoleName: name, Path: `/slsart/${region}/`, AssumeRolePolicyDocument: '{}' }
    await of.iam.send(new CreateRoleCommand(role))
    // Of other things: none of ours, or of another region.
    await of.s3.send(new CreateBucketCommand({ Bucket: 'slsart-reports' }))
    await of.iam.send(new CreateRoleCommand({ ...role, RoleName: `${name}x`, Path: '/slsart/us-east-1/' }))
    const before = await everything()
    expect((await slsart('ls')).stdout).toBe(
      [
        ...['Nothing is deployed in eu-west-1.', '', 'In no stack, though they bear our names:'],
        ...['  function slsart-dev-worker', '  bucket slsart-dev-bucket-1a2b3c', `  role ${name}`, ''],
      ].join('\n'),
    )
    const ended = await slsart('remove', '--yes')
    expect(ended).toMatchObject({ code: 4, stderr: expect.stringContaining(`the role ${name}\n`) })
    expect(await everything()).toEqual(before)
  })

  test('nothing is removed that is not confirmed', async () => {
    await slsart('deploy')
    const asked = await slsart('remove')
    expect(asked).toMatchObject({ code: 2, stderr: expect.stringContaining('must be confirmed') })
    expect(await everything()).toContain('stack slsart-dev')
  })

  // moto has no word for why; see test/unit/stack/rollback.test.ts.
  test('a stack that fails to come up leaves nothing', async () => {
    const logGroupName = '/aws/lambda/slsart-dev-worker'
    await new CloudWatchLogsClient(clientOf(aws)).send(new CreateLogGroupCommand({ logGroupName }))
    const failed = await slsart('deploy')
    expect(failed).toMatchObject({ code: 4, stderr: expect.stringContaining('deleting the stack slsart-dev') })
    expect(await everything()).toEqual([`log group ${logGroupName}`])
  })
})

describe('what must be there beforehand', () => {
  const without = (...names: string[]): Record<string, string> =>
    Object.fromEntries(Object.entries(aws.env).map(([name, value]) => [name, names.includes(name) ? '' : value]))

  test('credentials', async () => {
    const ended = await run(folder, ['deploy'], without('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'))
    expect(ended).toMatchObject({ code: 3, stderr: expect.stringContaining('AWS_PROFILE') })
  })

  test('a region', async () => {
    const ended = await run(folder, ['deploy'], without('AWS_REGION'))
    expect(ended).toMatchObject({ code: 3, stderr: expect.stringContaining('no AWS region was given') })
  })

  test('a network: without one, deploy ends within half a minute', async () => {
    const began = performance.now()
    const ended = await run(folder, ['deploy'], { ...aws.env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' })
    expect(ended).toMatchObject({ code: 3, stderr: expect.stringContaining('cannot reach AWS CloudFormation') })
    expect(performance.now() - began).toBeLessThan(30_000)
  })
})

test('cfn-lint finds nothing in templates and policies', async () => {
  const vpc = { 'vpc-subnets': 'subnet-0a1b2c3d', 'vpc-security-groups': 'sg-0a1b2c3d' }
  const place = { partition: 'aws', account: '123456789012', region }
  const boundary = 'arn:aws:iam::123456789012:policy/boundary'
  const managed = (PolicyDocument: Policy) => ({ Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument } })
  const made: Record<string, object> = {
    plain: template(settings()),
    given: template(settings({ 'role-arn': 'arn:aws:iam::123456789012:role/ours', arch: 'x86_64' })),
    vpc: template(settings({ ...vpc, 'permissions-boundary': boundary })),
    limits: template(
      settings({
        ...{ stage: 'x'.repeat(32), memory: '10240', 'log-retention': '1', 'reserved-concurrency': '5' },
        ...{ layers: 'arn:aws:lambda:eu-west-1:123456789012:layer:ours:3', tags: 'team=checkout,cost=12' },
      }),
    ),
    alerting: template(settings({ alert: 'team@example.com' })),
    monitoring: template(settings({ monitor: 'load/shop.yml', every: '1h', alert: 'team@example.com', ...vpc })),
    // Of these it is the actions that it knows.
    policies: {
      AWSTemplateFormatVersion: '2010-09-09',
      Resources: {
        Operator: managed(operatorPolicy(place, boundary)),
        Runner: managed(ciPolicy(place)),
        Workflows: {
          Type: 'AWS::IAM::Role',
          Properties: { AssumeRolePolicyDocument: githubTrust(place, 'repo:owner/name:ref:refs/heads/main') },
        },
      },
    },
  }
  const here = workFolder(Object.fromEntries(Object.entries(made).map(([name, of]) => [name, JSON.stringify(of)])))
  const args = ['--regions', region, '--include-checks', 'I', '--', ...Object.keys(made)]
  const { stdout, stderr } = await promisify(execFile)(join(dirname(python), 'cfn-lint'), args, { cwd: here }).catch(
    (error) => error as { stdout: string; stderr: string },
  )
  expect(stdout + stderr).toBe('')
})
