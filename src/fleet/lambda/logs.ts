/** What the workers of a run logged, from the log group of their function: a page at a time, in the order of time. */
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { logsErrors } from '../../aws-errors.ts'
import type { Millis } from '../../units.ts'
import { type LogLine, prefixIn } from '../../wire/loglines.ts'
import type { Platform } from '../fleet.ts'

const CONNECTION_TIMEOUT: Millis = 5_000
const REQUEST_TIMEOUT: Millis = 30_000

export const logsClient = ({ region }: Pick<Platform, 'region'>): CloudWatchLogsClient =>
  new CloudWatchLogsClient({
    region,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      throwOnRequestTimeout: true,
    },
  })

/** `from` and `to`: the group is searched between them. `slice`: of this worker only; null: of all. */
export type Wanted = { run: string; from: Millis; to: Millis; slice: number | null }

/** Throws a PreflightError when the group cannot be read. CloudWatch gives events sorted by their time; a page may be empty, and not the last. */
export async function* remoteLines(
  client: CloudWatchLogsClient,
  name: string,
  { run, from, to, slice }: Wanted,
): AsyncGenerator<LogLine> {
  const logGroupName = `/aws/lambda/${name}`
  let nextToken: string | undefined
  do {
    const page = await client
      .send(
        new FilterLogEventsCommand({
          ...{ logGroupName, nextToken, startTime: Math.floor(from), endTime: Math.ceil(to) },
          filterPattern: `"[slsart ${run} ${slice === null ? '' : `${slice}-`}"`,
        }),
      )
      .catch((cause: unknown) => {
        throw logsErrors.unread(logGroupName, cause)
      })
    // AWS sorts them; whoever answers in its place may not.
    const events = (page.events ?? []).toSorted((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0))
    for (const { timestamp = null, message = '' } of events) {
      yield* linesIn(message, timestamp, { run, slice })
    }
    nextToken = page.nextToken
  } while (nextToken !== undefined)
}

/** An event may hold several lines; each has its own prefix, or goes on with what the one before it said. */
function* linesIn(
  message: string,
  at: Millis | null,
  { run, slice }: Pick<Wanted, 'run' | 'slice'>,
): Generator<LogLine> {
  let of: Pick<LogLine, 'slice' | 'attempt'> | null = null
  for (const line of message.replace(/\n$/, '').split('\n')) {
    const found = prefixIn(line)
    if (found !== null) of = found.run === run && (slice === null || found.slice === slice) ? found : null
    if (of !== null) yield { at, slice: of.slice, attempt: of.attempt, text: found === null ? line : found.text }
  }
}
