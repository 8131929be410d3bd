/** The Lambda double does what Lambda does, seen through the SDK's own client. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation'
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  GetAccountSettingsCommand,
  GetFunctionCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  type InvokeWithResponseStreamCommandOutput,
  LambdaClient,
  ListFunctionsCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { strToU8, unzipSync, zipSync } from 'fflate'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Aws, startAws } from './standin/start.ts'
import { clientOf, makeFunction } from './support.ts'

const answering = (text: string): string => `export const handler = async () => '${text}'`
const streaming = `
import { setTimeout as sleep } from 'node:timers/promises'
import { openSync } from 'node:fs'
export const handler = awslambda.streamifyResponse(async (event, response) => {
  console.log('asked for', event.ask)
  for (let i = 0; i < (event.chunks ?? 1); i++) {
    response.write('chunk ' + i)
    await sleep(150)
  }
  if (event.ask === 'throw') throw new TypeError('broken in the middle')
  if (event.ask === 'exit') process.exit(3)
  if (event.ask === 'hang') await sleep(60_000)
  if (event.ask === 'eat') for (const all = []; ; await sleep(10)) all.push(Buffer.alloc(2e7, 1))
  if (event.ask === 'files') {
    try { for (;;) openSync('/dev/null') } catch (error) { response.write(error.code) }
  }
  if (event.ask === 'environment') response.write(JSON.stringify(process.env))
  response.end()
})`

let aws: Aws
let lambda: LambdaClient
beforeAll(async () => {
  aws = await startAws()
  lambda = new LambdaClient(clientOf(aws))
  await makeFunction(
    aws,
    'stream',
    { 'index.mjs': streaming },
    { Timeout: 2, Environment: { Variables: { MINE: 'yes' } } },
  )
})
afterEach(() => {
  Object.assign(aws.lambda.quota, { concurrency: 1000, startsPer10s: 1000 })
})
afterAll(async () => {
  lambda.destroy()
  await aws.close()
})

const invoke = (event: object): Promise<InvokeWithResponseStreamCommandOutput> =>
  lambda.send(
    new InvokeWithResponseStreamCommand({
      FunctionName: 'stream',
      Payload: strToU8(JSON.stringify(event)),
      LogType: 'Tail',
    }),
  )

type Heard = { chunks: { text: string; at: number }[]; code: string | null; details: string | null; tail: string }

async function listen({ EventStream }: InvokeWithResponseStreamCommandOutput): Promise<Heard> {
  const heard: Heard = { chunks: [], code: 'none was said', details: null, tail: '' }
  for await (const { PayloadChunk, InvokeComplete } of EventStream ?? []) {
    if (PayloadChunk?.Payload) heard.chunks.push({ text: Buffer.from(PayloadChunk.Payload).toString(), at: Date.now() })
    if (!InvokeComplete) continue
    heard.code = InvokeComplete.ErrorCode ?? null
    heard.details = InvokeComplete.ErrorDetails ?? null
    heard.tail = Buffer.from(InvokeComplete.LogResult ?? '', 'base64').toString()
  }
  return heard
}

const ask = async (event: object): Promise<Heard> => listen(await invoke(event))

test('what the function writes arrives piece by piece, then the end with the tail of the log', async () => {
  const { chunks, code, tail } = await ask({ chunks: 3 })
  expect(chunks.map(({ text }) => text)).toEqual(['chunk 0', 'chunk 1', 'chunk 2'])
  const [first = { at: 0 }, , last = { at: 0 }] = chunks
  expect(last.at - first.at).toBeGreaterThan(200)
  expect(code).toBeNull()
  expect(tail).toMatch(/^INIT_START .*\nSTART RequestId: \S+ Version: \$LATEST\n.*asked for undefined\nEND RequestId/)
  expect(tail).toMatch(
    /\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms\t\n$/,
  )
})

test('an environment that is free does the next invocation, without starting up', async () => {
  const before = aws.lambda.starts
  const { tail } = await ask({})
  expect(aws.lambda.starts).toBe(before)
  expect(tail).not.toContain('Init Duration')
  expect(aws.lambda.invocations.at(-1)).toMatchObject({ cold: false, clientGone: false })
})

test('an error in the middle of a stream comes as the error code of its end', async () => {
  const { chunks, code, details, tail } = await ask({ ask: 'throw' })
  expect(chunks).toHaveLength(1)
  expect(code).toBe('TypeError')
  expect(JSON.parse(details ?? '')).toMatchObject({ errorMessage: 'broken in the middle' })
  expect(tail).toContain('Invoke Error')
})

test.each([
  [
    'exits',
    'exit',
    'Runtime.ExitError',
    /exited with error: exit status 3/,
    /Status: error\tError Type: Runtime.ExitError/,
  ],
  [
    'takes too long',
    'hang',
    'Sandbox.Timedout',
    /Task timed out after 2.00 seconds/,
    /Task timed out after 2.00 seconds\n[\s\S]*Status: timeout/,
  ],
  ['uses more memory than it has', 'eat', 'Runtime.ExitError', /signal: killed/, /Error Type: Runtime.OutOfMemory/],
])('a function that %s ends as Lambda ends it', async (_, what, type, message, log) => {
  const { code, details, tail } = await ask({ ask: what })
  expect(code).toBe(type)
  expect(details).toMatch(message)
  expect(tail).toMatch(log)
})

test('it sees what Lambda sets: its name, memory, region, keys of its own, 1,024 files', async () => {
  const { chunks } = await ask({ ask: 'environment' })
  expect(JSON.parse(chunks.at(-1)?.text ?? '')).toMatchObject({
    AWS_LAMBDA_FUNCTION_NAME: 'stream',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA/),
    AWS_ENDPOINT_URL_S3: aws.url,
    MINE: 'yes',
  })
  expect((await ask({ ask: 'files' })).chunks.at(-1)?.text).toBe('EMFILE')
})

test('beyond the quota it is refused with 429, and nothing is begun', async () => {
  aws.lambda.quota.concurrency = 1
  const running = await invoke({ chunks: 4 })
  const begun = aws.lambda.invocations.length
  await expect(invoke({})).rejects.toMatchObject({
    name: 'TooManyRequestsException',
    Reason: 'ConcurrentInvocationLimitExceeded',
    $metadata: { httpStatusCode: 429 },
  })
  expect(aws.lambda.invocations).toHaveLength(begun)
  await listen(running)
  expect((await ask({})).code).toBeNull()
})

test('so is one beyond what is set aside for the function, and one beyond the rate of starts', async () => {
  const put = (n: number): Promise<unknown> =>
    lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'stream', ReservedConcurrentExecutions: n }))
  await put(0)
  await expect(invoke({})).rejects.toMatchObject({ Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' })
  await put(900)
  const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}))
  expect(AccountLimit).toMatchObject({ ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 100 })
  await aws.lambda.kill()
  aws.lambda.quota.startsPer10s = 0
  await expect(invoke({})).rejects.toMatchObject({ name: 'TooManyRequestsException' })
})

test('an event of more than 6 MB is refused', async () => {
  await expect(invoke({ filling: 'x'.repeat(6_300_000) })).rejects.toMatchObject({
    name: 'RequestTooLargeException',
    $metadata: { httpStatusCode: 413 },
  })
})

test('who hangs up leaves the worker at work', async () => {
  const hangUp = new AbortController()
  const command = new InvokeWithResponseStreamCommand({ FunctionName: 'stream', Payload: strToU8('{"chunks":4}') })
  const { EventStream } = await lambda.send(command, { abortSignal: hangUp.signal })
  for await (const { PayloadChunk } of EventStream ?? []) if (PayloadChunk) break
  hangUp.abort()
  const invocation = aws.lambda.invocations.at(-1)
  expect(invocation?.ending).toBeNull()
  const { error, tail } = (await invocation?.ended) ?? { error: null, tail: [] }
  expect(invocation?.clientGone).toBe(true)
  expect(error).toBeNull()
  expect(Number(/\tDuration: (\d+)/.exec(tail.at(-1) ?? '')?.[1])).toBeGreaterThan(590)
})

test('between invocations an environment is frozen', async () => {
  const ticking = `let ticks = 0; setInterval(() => ticks++, 10); export const handler = async () => ticks`
  await makeFunction(aws, 'ticking', { 'index.mjs': ticking })
  const ticks = async (): Promise<number> => {
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'ticking' }))
    return Number(Buffer.from(Payload ?? []).toString())
  }
  const before = await ticks()
  await sleep(500)
  expect((await ticks()) - before).toBeLessThan(15)
})

test('a version keeps its code, the newest upload is $LATEST, and both can be fetched back', async () => {
  const FunctionName = 'versions'
  await makeFunction(aws, FunctionName, { 'index.mjs': answering('first') })
  const { Version: Qualifier = '' } = await lambda.send(new PublishVersionCommand({ FunctionName }))
  const ZipFile = zipSync({ 'index.mjs': strToU8(answering('second')) })
  const { CodeSha256 } = await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }))
  expect(CodeSha256).toBe(createHash('sha256').update(ZipFile).digest('base64'))
  const said = async (qualifier: object): Promise<unknown> => {
    const { Payload, ExecutedVersion } = await lambda.send(new InvokeCommand({ FunctionName, ...qualifier }))
    return [ExecutedVersion, JSON.parse(Buffer.from(Payload ?? []).toString())]
  }
  expect(await said({ Qualifier })).toEqual(['1', 'first'])
  expect(await said({})).toEqual(['$LATEST', 'second'])
  const { Code } = await lambda.send(new GetFunctionCommand({ FunctionName, Qualifier }))
  const zip = new Uint8Array(await (await fetch(Code?.Location ?? '')).arrayBuffer())
  expect(Buffer.from(unzipSync(zip)['index.mjs'] ?? []).toString()).toBe(answering('first'))
})

test('code that cannot be loaded, and a function that is not there, are said to be that', async () => {
  await makeFunction(aws, 'broken', { 'index.mjs': `import 'nowhere'; export const handler = async () => 1` })
  const { FunctionError, Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'broken' }))
  expect(FunctionError).toBe('Unhandled')
  expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toMatchObject({
    errorMessage: expect.stringContaining('nowhere'),
  })
  await expect(lambda.send(new InvokeCommand({ FunctionName: 'nobody' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})

test('a function whose settings were changed gets a new environment', async () => {
  const FunctionName = 'settings'
  await makeFunction(aws, FunctionName, {
    'index.mjs': 'export const handler = async () => process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  })
  const said = async (): Promise<string> =>
    Buffer.from((await lambda.send(new InvokeCommand({ FunctionName }))).Payload ?? []).toString()
  expect(await said()).toBe('"256"')
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, MemorySize: 512 }))
  expect(await said()).toBe('"512"')
})

test('its log is in its log group, a message of several lines as one event, a stream an environment', async () => {
  const logs = new CloudWatchLogsClient(clientOf(aws))
  const logGroupName = '/aws/lambda/talking'
  await logs.send(new CreateLogGroupCommand({ logGroupName }))
  await makeFunction(aws, 'talking', { 'index.mjs': `export const handler = async () => console.error('one\\ntwo')` })
  await lambda.send(new InvokeCommand({ FunctionName: 'talking' }))
  await aws.lambda.logs.sent()
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }))
  expect(events.map(({ message }) => message?.trimEnd())).toEqual([
    expect.stringMatching(/^INIT_START/),
    expect.stringMatching(/^START RequestId/),
    expect.stringMatching(/\tERROR\tone\ntwo$/),
    expect.stringMatching(/^END RequestId/),
    expect.stringMatching(/^REPORT RequestId/),
  ])
  expect(new Set(events.map(({ logStreamName }) => logStreamName)).size).toBe(1)
})

test('a key that is not of the account, a wrong secret and a body that is not the signed one are refused', async () => {
  const refusal = async (env: Record<string, string>): Promise<unknown> => {
    const caller = new STSClient(clientOf({ env: { ...aws.env, ...env } }))
    return caller.send(new GetCallerIdentityCommand({})).then(
      ({ Account }) => Account,
      ({ name, $metadata }) => [name, $metadata.httpStatusCode],
    )
  }
  expect(await refusal({})).toBe('123456789012')
  expect(await refusal({ AWS_ACCESS_KEY_ID: 'AKIASOMEBODYELSE0000' })).toEqual(['InvalidClientTokenId', 403])
  expect(await refusal({ AWS_SECRET_ACCESS_KEY: 'another' })).toEqual(['InvalidSignatureException', 403])
  const s3 = new S3Client(clientOf(aws))
  await s3.send(new CreateBucketCommand({ Bucket: 'kept' }))
  s3.middlewareStack.add(
    (next) => (args) => {
      Object.assign(args.request as object, { body: 'another' })
      return next(args)
    },
    { step: 'finalizeRequest', priority: 'low', name: 'spoil' },
  )
  await expect(s3.send(new PutObjectCommand({ Bucket: 'kept', Key: 'k', Body: 'certain' }))).rejects.toMatchObject({
    name: 'XAmzContentSHA256Mismatch',
  })
})

test('of a stack it keeps what moto leaves out: its architecture, and layers, whose packages its code finds', async () => {
  const nodejs = 'nodejs/node_modules/from-layer/index.js'
  const Content = { ZipFile: zipSync({ [nodejs]: strToU8(`module.exports = 'from the layer'`) }) }
  const { LayerVersionArn = '' } = await lambda.send(new PublishLayerVersionCommand({ LayerName: 'more', Content }))
  const stack = new CloudFormationClient(clientOf(aws))
  const FunctionName = 'stacked'
  const templateOf = (MemorySize: number): string => {
    const Code = { ZipFile: `exports.handler = async () => require('from-layer')` }
    const Role = { 'Fn::GetAtt': ['Role', 'Arn'] }
    const how = {
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      MemorySize,
      Architectures: ['arm64'],
      Layers: [LayerVersionArn],
    }
    return JSON.stringify({
      Resources: {
        Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: { Statement: [] } } },
        Function: { Type: 'AWS::Lambda::Function', Properties: { FunctionName, Role, Code, ...how } },
      },
    })
  }
  const said = async (): Promise<unknown> =>
    JSON.parse(Buffer.from((await lambda.send(new InvokeCommand({ FunctionName }))).Payload ?? []).toString())
  await stack.send(new CreateStackCommand({ StackName: 's', TemplateBody: templateOf(128) }))
  expect(await said()).toBe('from the layer')
  const { Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName }))
  expect(Configuration).toMatchObject({ Architectures: ['arm64'], Layers: [{ Arn: LayerVersionArn }] })
  // An update that leaves the template's code as it is leaves the function's as it is.
  const ZipFile = zipSync({ 'index.mjs': strToU8(answering('uploaded')) })
  const { CodeSha256 } = await lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }))
  await stack.send(new UpdateStackCommand({ StackName: 's', TemplateBody: templateOf(256) }))
  const updated = (await lambda.send(new GetFunctionCommand({ FunctionName }))).Configuration
  expect(updated).toMatchObject({ CodeSha256, MemorySize: 256, Architectures: ['arm64'] })
  expect(await said()).toBe('uploaded')
  await stack.send(new DeleteStackCommand({ StackName: 's' }))
  await expect(said()).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
})

test('its endpoint over TLS is the same account, and after a reset nothing is in it', async () => {
  const list = async (env: Record<string, string>): Promise<number | undefined> => {
    const requestHandler = { httpsAgent: { ca: readFileSync(env.NODE_EXTRA_CA_CERTS ?? '') } }
    const client = new LambdaClient({ ...clientOf({ env }), requestHandler })
    return (await client.send(new ListFunctionsCommand({}))).Functions?.length
  }
  expect(await list(aws.tls.env)).toBeGreaterThan(3)
  await aws.reset()
  expect(await list(aws.tls.env)).toBe(0)
  expect(aws.lambda.concurrent).toBe(0)
})
