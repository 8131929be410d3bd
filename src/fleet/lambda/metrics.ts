/** CloudWatch's part in a run: it gets the merged metrics once at the end, and says what Lambda counted meanwhile. */
import {
  CloudWatchClient,
  GetMetricDataCommand,
  type MetricDatum,
  PutMetricDataCommand,
  type PutMetricDataCommandInput,
} from '@aws-sdk/client-cloudwatch'
import type { Published } from '../../measure/published.ts'
import type { Millis } from '../../units.ts'
import { dimensionText } from '../../wire/round.ts'
import type { Counted, Platform } from '../fleet.ts'

const NAMESPACE = 'slsart'
const MINUTE: Millis = 60_000
/** The report waits for it: an answer that takes longer is left for the next asking. */
const CONNECTION_TIMEOUT: Millis = 2_000
const REQUEST_TIMEOUT: Millis = 4_000
/** After so long it has counted what it will count. */
const BEHIND: Millis = 5 * MINUTE

export const cloudWatch = ({ region }: Pick<Platform, 'region'>): CloudWatchClient =>
  new CloudWatchClient({
    region,
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      throwOnRequestTimeout: true,
    },
  })

export type Said = { stage: string; script: string; at: Millis; metrics: readonly Published[] }

/** The one request that publishes a run: by stage and script, so that one graph shows a script's runs. */
export function publication({ stage, script, at, metrics }: Said): PutMetricDataCommandInput {
  const Dimensions = [
    { Name: 'Stage', Value: stage },
    { Name: 'Script', Value: dimensionText(script) },
  ]
  const Timestamp = new Date(at)
  return {
    Namespace: NAMESPACE,
    MetricData: metrics.map((metric): MetricDatum => {
      const common = { MetricName: metric.name, Dimensions, Timestamp }
      return metric.kind === 'count'
        ? { ...common, Unit: 'Count', Value: metric.value }
        : { ...common, Unit: 'Milliseconds', Values: [...metric.values], Counts: [...metric.counts] }
    }),
  }
}

export const publish = async (client: CloudWatchClient, said: Said): Promise<void> =>
  void (await client.send(new PutMetricDataCommand(publication(said))))

/** `launchedAt` and `endedAt`: of the run, whose `workers` were launched. */
export type Span = { launchedAt: Millis; endedAt: Millis; workers: number }

const ASKED = {
  invocations: ['Invocations', 'Sum'],
  errors: ['Errors', 'Sum'],
  throttles: ['Throttles', 'Sum'],
  concurrent: ['ConcurrentExecutions', 'Maximum'],
  duration_ms: ['Duration', 'Maximum'],
} as const

export async function askCounted(client: CloudWatchClient, name: string, span: Span, now: Millis): Promise<Counted> {
  const found = await valuesOf(client, name, span)
  const sum = (id: keyof typeof ASKED): number => (found.get(id) ?? []).reduce((all, value) => all + value, 0)
  const most = (id: keyof typeof ASKED): number | null => {
    const values = found.get(id) ?? []
    return values.length === 0 ? null : values.reduce((a, b) => Math.max(a, b))
  }
  const invocations = sum('invocations')
  return {
    at: now,
    isWhole: invocations >= span.workers || now - span.endedAt > BEHIND,
    ...{ invocations, errors: sum('errors'), throttles: sum('throttles') },
    ...{ concurrent: most('concurrent'), duration_ms: most('duration_ms') },
  }
}

/** A value a minute; a minute in which nothing happened has none. */
async function valuesOf(
  client: CloudWatchClient,
  name: string,
  { launchedAt, endedAt }: Span,
): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>()
  let NextToken: string | undefined
  do {
    const page = await client.send(
      new GetMetricDataCommand({
        StartTime: new Date(Math.floor(launchedAt / MINUTE) * MINUTE),
        EndTime: new Date((Math.floor(endedAt / MINUTE) + 1) * MINUTE),
        MetricDataQueries: Object.entries(ASKED).map(([Id, [MetricName, Stat]]) => ({
          Id,
          MetricStat: {
            Metric: { Namespace: 'AWS/Lambda', MetricName, Dimensions: [{ Name: 'FunctionName', Value: name }] },
            ...{ Period: MINUTE / 1000, Stat },
          },
        })),
        NextToken,
      }),
    )
    for (const { Id = '', Values = [] } of page.MetricDataResults ?? []) {
      found.set(Id, [...(found.get(Id) ?? []), ...Values])
    }
    NextToken = page.NextToken
  } while (NextToken !== undefined)
  return found
}
