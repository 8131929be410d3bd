/** Scheduled monitoring, from `deploy --monitor` to the message: the schedule's own event is sent to the worker's function. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { settingsFrom } from '../../src/stack/settings.ts'
import { template } from '../../src/stack/template.ts'
import { readReport, run, workFolder } from '../support/cli.ts'
import { type Aws, startAws } from './standin/start.ts'
import { clientOf, resourcesOf } from './support.ts'
import { listening, subscribed } from './topic.ts'

let aws: Aws
beforeAll(async () => {
  aws = await startAws()
  Object.assign(aws.lambda.variables, { AWS_ENDPOINT_URL_SNS: aws.env.AWS_ENDPOINT_URL })
})
afterAll(() => aws.close())

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
  expect(await resourcesOf(aws).catch(() => null)).toBe(null)
})

test('rounds are kept as runs, and told when the error budget is spent, and when it is not any more', async () => {
  let status = 200
  const target = await listening(() => status)
  const folder = workFolder(files(target.url))
  const deploy = ['deploy', '--monitor', 'shop.yml', '--every', '1m', '--alert', 'team@example.com']
  const deployed = await run(folder, deploy, aws.env)
  expect(deployed.code, deployed.stderr).toBe(0)
  expect(deployed.stdout).toContain('monitors  shop.yml, every 1 min; team@example.com is told')

  const names = await resourcesOf(aws)
  const topic = await subscribed(aws, names.Alerts ?? '')
  const { told } = topic

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
  expect(Object.keys(await resourcesOf(aws))).not.toContain('Alerts')
  const removed = await run(folder, ['remove', '--yes'], aws.env)
  expect(removed.code, removed.stderr).toBe(0)
  target.close()
  topic.close()
})
