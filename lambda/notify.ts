/** What a scheduled round says: numbers as a line of its log, which CloudWatch takes for metrics, and a message to its topic. */
import { createHash } from 'node:crypto'
import type { Round } from '../src/measure/acceptance.ts'
import { isSpent } from '../src/measure/verdict.ts'
import type { CredentialsOf } from '../src/store/credentials.ts'
import { Signed } from '../src/store/signed.ts'
import type { Millis } from '../src/units.ts'
import { dimensionText, type RoundCall, type RoundDocument, roundMetrics } from '../src/wire/round.ts'

const NAMESPACE = 'slsart'

type Numbers = Pick<Round, 'errors' | 'samples'> & { budget: number }

/** In CloudWatch's embedded metric format: it needs no permission and no request. Dimensions are those of published runs. */
export function metricsLine({ stage, script }: RoundDocument, of: Numbers, at: Millis): string {
  const values = { errors: of.errors, samples: of.samples, spent: isSpent(of) ? 1 : 0 }
  const names = Object.keys(values) as (keyof typeof values)[]
  const Metrics = names.map((name) => ({ Name: roundMetrics[name], Unit: 'Count' }))
  const metrics = Object.fromEntries(names.map((name) => [roundMetrics[name], values[name]]))
  const CloudWatchMetrics = [{ Namespace: NAMESPACE, Dimensions: [['Stage', 'Script']], Metrics }]
  const line = { _aws: { Timestamp: at, CloudWatchMetrics }, Stage: stage, Script: dimensionText(script), ...metrics }
  return `${JSON.stringify(line)}\n`
}

export function topicUrl(region: string, env: Record<string, string | undefined>): string {
  const own = env.AWS_ENDPOINT_URL_SNS || env.AWS_ENDPOINT_URL
  return own
    ? `${own.replace(/\/$/, '')}/`
    : `https://sns.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`
}

type Message = { topic: string; subject: string; message: string }

/** Rejects when the topic does not take it. */
export async function publish(
  { region, topic: TopicArn }: RoundCall['monitor'],
  { topic, subject: Subject, message: Message }: Message,
  { credentials }: { credentials: CredentialsOf },
): Promise<void> {
  const signed = new Signed(region, credentials, 'sns')
  const form = new URLSearchParams({ Action: 'Publish', Version: '2010-03-31', TopicArn, Subject, Message })
  const body = new TextEncoder().encode(form.toString())
  const hash = createHash('sha256').update(body).digest('hex')
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-amz-content-sha256': hash }
  try {
    const answer = await signed.ask({ method: 'POST', url: topic, headers, body })
    if (answer.status >= 300) throw new Error(`${TopicArn} answered ${answer.status}: ${answer.body.toString()}`)
  } finally {
    signed.close()
  }
}
