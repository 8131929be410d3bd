/** The event that starts a worker as bytes, or what makes it larger than Lambda takes. */
import { oversize, type Start, type StartSize } from '../../wire/start.ts'

/** Of a synchronous invocation, request and response alike. Source: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits */
export const MOST_PAYLOAD = 6 * 2 ** 20

export type TooLarge = { kind: 'too large'; size: StartSize; limit: number }

export function payloadOf(start: Start): Uint8Array | TooLarge {
  const payload = new TextEncoder().encode(JSON.stringify(start))
  const size = payload.length <= MOST_PAYLOAD ? null : oversize(start, MOST_PAYLOAD)
  return size === null ? payload : { kind: 'too large', size, limit: MOST_PAYLOAD }
}
