/** Scheduled monitoring, from `deploy --monitor` to the message: the schedule's own event is sent to the worker's function. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { CloudFormationClient, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { AwsClient } from 'aws4fetch'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { settingsFrom } from '../../src/stack/settings.ts'
import { template } from '../../src/stack/template.ts'
import { readReport, run, workFolder } from '../support/cli.ts'
import { type Aws, startAws } from './standin/start.ts'
import { clientOf } from './support.ts'

let aws: Aws
beforeAll(async () => {
  aws = await startAws()
  Object.assign(aws.lambda.variables, { AWS_ENDPOINT_URL_SNS: aws.env.AWS_ENDPOINT_URL })
})
afterAll(() => aws.close())

type Listening = { url: string; close(): void }
async function listening(answer: (path: string, body: string) => number): Promise<Listening> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => response.writeHead(answer(request.url ?? '', body)).end('{}'))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

const script = (target: string): string => `config:
  target: ${target}
  plugins: { expect: {} }
  processor: ./sign.mjs
  slsart: { monitoring: { size: 2, averagePause: 0.1, errorBudget: 1 } }
scenarios:
  - { name: shop, flow: [{ get: { url: /shop, beforeRequest: sign, expect: { statusCode: 200 } } }] }
`
const files = (target: string): Record<string, string> => ({
  'shop.yml': script(target),
  'sign.mjs': 'export const sign = async (request) => { request.headers = { ...request.headers, signed: "yes" } }',
})

/** By their names in the template. */
async function resources(): Promise<Record<string, string>> {
  const formation = new CloudFormationClient(clientOf(aws))
  const { StackResources = [] } = await formation.send(new DescribeStackResourcesCommand({ StackName: 'slsart-dev' }))
  return Object.fromEntries(StackResources.map((of) => [of.LogicalResourceId ?? '', of.PhysicalResourceId ?? '']))
}

/** What EventBridge Scheduler would send: the stand-in has none. */
function eventFor(names: Record<string, string>): string {
  const settings = settingsFrom((name) => ({ monitor: 'shop.yml' })[name] ?? null, null)
  const target = JSON.parse(JSON.stringify(template(settings).Resources.Schedule?.Properties)).Target
  const values = { ...names, 'AWS::Region': aws.env.AWS_REGION ?? '' } as Record<string, string>
  return (target.Input['Fn::Sub'] as string).replaceAll(/\$\{(.+?)\}/g, (_, name: string) => values[name] ?? name)
}

test('what could not be monitored is refused before anything is deployed', async () => {
  const folder = workFolder({
    ...files('http://127.0.0.1:9'),
    'far.yml': script('http://shop.example.com'),
    'long.yml': script('http://127.0.0.1:9').replace('size: 2, averagePause: 0.1', 'size: 60, averagePause: 1'),
  })
  const refused = (name: string) => run(folder, ['deploy', '--monitor', name, '--every', '1m'], aws.env)
  expect(await refused('none.yml')).toMatchObject({ code: 2 })
  expect(await refused('far.yml')).toMatchObject({ code: 3, stderr: expect.stringContaining('shop.example.com') })
  expect(await refused('long.yml')).toMatchObject({ code: 3, stderr: expect.stringContaining('may last') })
  expect(await resources().catch(() => null)).toBe(null)
})

test('rounds are kept as runs, and told when the error budget is spent, and when it is not any more', async () => {
  let status = 200
  const target = await listening(() => status)
  const told: { Subject: string; Message: string }[] = []
  const topic = await listening((_, body) => {
    const said = JSON.parse(body) as { Type: string; Subject: string; Message: string }
    if (said.Type === 'Notification') told.push(said)
    return 200
  })
  const folder = workFolder(files(target.url))
  const deploy = ['deploy', '--monitor', 'shop.yml', '--every', '1m', '--alert', 'team@example.com']
  const deployed = await run(folder, deploy, aws.env)
  expect(deployed.code, deployed.stderr).toBe(0)
  expect(deployed.stdout).toContain('monitors  shop.yml, every 1 min; team@example.com is told')

  const names = await resources()
  const { accessKeyId, secretAccessKey } = clientOf(aws).credentials
  const sns = new AwsClient({ accessKeyId, secretAccessKey, service: 'sns', region: aws.env.AWS_REGION ?? '' })
  const wish = { Action: 'Subscribe', Version: '2010-03-31', TopicArn: names.Alerts ?? '', Protocol: 'http' }
  const body = new URLSearchParams({ ...wish, Endpoint: topic.url }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  expect((await sns.fetch(`${aws.env.AWS_ENDPOINT_URL}/`, { method: 'POST', headers, body })).status).toBe(200)

  const lambda = new LambdaClient(clientOf(aws))
  const s3 = new S3Client({ ...clientOf(aws), forcePathStyle: true })
  const round = async (answer: number): Promise<string> => {
    status = answer
    const Payload = Buffer.from(eventFor(names))
    const { FunctionError, LogResult } = await lambda.send(
      new InvokeCommand({ FunctionName: 'slsart-dev-worker', Payload, LogType: 'Tail' }),
    )
    const log = Buffer.from(LogResult ?? '', 'base64').toString()
    expect(FunctionError, log).toBe(undefined)
    expect(log).not.toContain('Invoke Error')
    return log
  }
  const logs = [await round(200), await round(503), await round(503), await round(200)]
  expect(told.map(({ Subject }) => Subject)).toEqual([
    'slsart: shop.yml (dev, us-east-1): the error budget is spent',
    'slsart: shop.yml (dev, us-east-1): within its error budget again',
  ])
  const [first] = told
  expect(first?.Message).toContain('shop: GET /shop answered 503: statusCode: expected 200, got 503')
  const spent = logs.map((log) => /"MonitoringSpent":(\d)/.exec(log)?.[1])
  expect(spent).toEqual(['0', '1', '1', '0'])

  // The message has what to type.
  const [, id = ''] = /slsart report (\S+) --stage dev/.exec(first?.Message ?? '') ?? []
  const elsewhere = workFolder()
  const reported = await run(elsewhere, ['report', id, '--stage', 'dev', '-o', 'report.json'], aws.env)
  expect(reported.code, reported.stderr).toBe(0)
  expect(readReport(elsewhere)).toMatchObject({
    monitoring: { samples: 2, failed: 2, errors: 2, errorBudget: 1, spent: true },
    ledger: { due: 2, completed: 2, balanced: true },
    verdict: { result: 'fail' },
    exit: { code: 15, all: [15] },
  })
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: names.Bucket, Prefix: 'runs/' }))
  expect(new Set(Contents.map(({ Key = '' }) => Key.split('/')[1])).size).toBe(4)

  // A script whose code cannot be loaded is no outage of what it is to monitor: that is told too.
  writeFileSync(join(folder, 'sign.mjs'), 'throw new Error("not today")')
  expect((await run(folder, deploy, aws.env)).code).toBe(0)
  expect(await round(200)).not.toContain('MonitoringSpent')
  expect(told.at(-1)?.Subject).toBe('slsart: shop.yml (dev, us-east-1): a round could not be run')
  expect(told.at(-1)?.Message).toMatch(/0 of 2 samples were taken\. .*not today/)

  // Deployed without it, nothing of it is left; and `remove` leaves nothing at all.
  expect((await run(folder, ['deploy'], aws.env)).code).toBe(0)
  expect(Object.keys(await resources())).not.toContain('Alerts')
  const removed = await run(folder, ['remove', '--yes'], aws.env)
  expect(removed.code, removed.stderr).toBe(0)
  target.close()
  topic.close()
})
