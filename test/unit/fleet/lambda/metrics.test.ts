import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { afterEach, describe, expect, it } from 'vitest'
import { askCounted, publication } from '../../../../src/fleet/lambda/metrics.ts'
import type { Published } from '../../../../src/measure/published.ts'

const metrics: Published[] = [
  { name: 'Requests', kind: 'count', value: 12 },
  { name: 'ResponseTime', kind: 'time', values: [1, 2.5], counts: [1, 11] },
]

describe('the one request that publishes a run', () => {
  it('has counts as values and times as values with their counts, by stage and script', () => {
    const { Namespace, MetricData } = publication({ stage: 'dev', script: 'script.yml', at: 1_000, metrics })
    const Dimensions = [
      { Name: 'Stage', Value: 'dev' },
      { Name: 'Script', Value: 'script.yml' },
    ]
    const common = { Dimensions, Timestamp: new Date(1_000) }
    expect(Namespace).toBe('slsart')
    expect(MetricData).toEqual([
      { ...common, MetricName: 'Requests', Unit: 'Count', Value: 12 },
      { ...common, MetricName: 'ResponseTime', Unit: 'Milliseconds', Values: [1, 2.5], Counts: [1, 11] },
    ])
  })

  it.each([
    ['umlauts-ü.yml', 'umlauts-?.yml'],
    [':first.yml', '?first.yml'],
    [' ', '?'],
    ['x'.repeat(2_000), 'x'.repeat(1_024)],
  ])('names a script %j as CloudWatch can take it', (script, name) => {
    const { MetricData } = publication({ stage: 'dev', script, at: 0, metrics })
    expect(MetricData?.[0]?.Dimensions?.[1]?.Value).toBe(name)
  })
})

/** CloudWatch in JSON: what it is asked, and these answers in turn. */
let server: Server
const asked: { StartTime: number; EndTime: number; NextToken?: string }[] = []
async function answering(...answers: object[]): Promise<CloudWatchClient> {
  asked.length = 0
  server = createServer((request, response) => {
    const body: Buffer[] = []
    request.on('data', (chunk: Buffer) => body.push(chunk))
    request.on('end', () => {
      asked.push(JSON.parse(Buffer.concat(body).toString()))
      response.setHeader('content-type', 'application/x-amz-json-1.0')
      response.end(JSON.stringify(answers.shift()))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return new CloudWatchClient({
    ...{ region: 'eu-west-1', endpoint: `http://127.0.0.1:${port}` },
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  })
}
afterEach(() => server?.close())

describe('what Lambda counted', () => {
  const span = { launchedAt: 90_000, endedAt: 190_000, workers: 4 }

  it('is summed over the minutes of the run, and whole when all its workers are in it', async () => {
    const client = await answering(
      {
        MetricDataResults: [
          { Id: 'invocations', Values: [3, 1] },
          { Id: 'throttles', Values: [2] },
          { Id: 'concurrent', Values: [3, 4, 1] },
        ],
        NextToken: 'more',
      },
      {
        MetricDataResults: [
          { Id: 'throttles', Values: [5] },
          { Id: 'duration_ms', Values: [900.5] },
        ],
      },
    )
    expect(await askCounted(client, 'slsart-dev-worker', span, 200_000)).toEqual({
      ...{ at: 200_000, isWhole: true, invocations: 4, errors: 0, throttles: 7, concurrent: 4, duration_ms: 900.5 },
    })
    expect(asked).toMatchObject([{ StartTime: 60, EndTime: 240 }, { NextToken: 'more' }])
    client.destroy()
  })

  it.each([
    ['not whole while some are missing', 200_000, false],
    ['whole some minutes later, whatever there is', 600_000, true],
  ])('is %s', async (_, now, isWhole) => {
    const client = await answering({ MetricDataResults: [{ Id: 'invocations', Values: [3] }] })
    expect(await askCounted(client, 'slsart-dev-worker', span, now)).toMatchObject({ isWhole, concurrent: null })
    client.destroy()
  })
})
