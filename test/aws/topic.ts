/** A stage's topic, with somebody who listens to it: moto sends what is published to an address of this machine. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AwsClient } from 'aws4fetch'
import type { Aws } from './standin/start.ts'
import { clientOf } from './support.ts'

type Listening = { url: string; close(): void }

export async function listening(answer: (path: string, body: string) => number): Promise<Listening> {
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

type Said = { Subject: string; Message: string }

/** `told` grows with what is published to the topic. */
export async function subscribed(aws: Aws, TopicArn: string): Promise<{ told: Said[]; close(): void }> {
  const told: Said[] = []
  const topic = await listening((_, body) => {
    const said = JSON.parse(body) as Said & { Type: string }
    if (said.Type === 'Notification') told.push(said)
    return 200
  })
  const { accessKeyId, secretAccessKey } = clientOf(aws).credentials
  const sns = new AwsClient({ accessKeyId, secretAccessKey, service: 'sns', region: aws.env.AWS_REGION ?? '' })
  const wish = { Action: 'Subscribe', Version: '2010-03-31', TopicArn, Protocol: 'http' }
  const body = new URLSearchParams({ ...wish, Endpoint: topic.url }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const { status } = await sns.fetch(`${aws.env.AWS_ENDPOINT_URL}/`, { method: 'POST', headers, body })
  if (status !== 200) throw new Error(`the subscription was answered with ${status}`)
  return { told, close: topic.close }
}
