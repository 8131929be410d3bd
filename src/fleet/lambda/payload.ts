/** The event that starts a worker as bytes, or what makes it larger than Lambda takes. */
import { oversize, type StartSize } from '../../wire/start.ts'
import { type AnyStart, isTask } from '../../wire/task.ts'

/** Of a synchronous invocation, request and response alike. Source: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits */
export const MOST_PAYLOAD = 6 * 2 ** 20

export type TooLarge = { kind: 'too large'; size: StartSize; limit: number }

export function payloadOf(start: AnyStart): Uint8Array | TooLarge {
  const payload = new TextEncoder().encode(JSON.stringify(start))
  // An item is held to its own limit before that, which leaves room for what travels with it.
  const size = payload.length <= MOST_PAYLOAD || isTask(start) ? null : oversize(start, MOST_PAYLOAD)
  return size === null ? payload : { kind: 'too large', size, limit: MOST_PAYLOAD }
}
