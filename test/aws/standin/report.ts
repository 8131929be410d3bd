/** What Lambda writes into a function's log round an invocation. */
import type { Millis } from '../../../src/units.ts'
import type { Invocation } from './invocation.ts'

const TAIL = 4096

export const initLine = (): string =>
  'INIT_START Runtime Version: nodejs:24.v1\tRuntime Version ARN: arn:aws:lambda:::runtime:standin'

export const startLine = ({ id, version }: Invocation): string => `START RequestId: ${id} Version: ${version}`

export const timeoutLine = ({ id }: Invocation, timeout: number, now: Date): string =>
  `${now.toISOString()} ${id} Task timed out after ${timeout.toFixed(2)} seconds`

/** `memory` is the most that the environment has used so far, in MB. The time to start up is billed too. */
export type Usage = { duration: Millis; init: Millis | null; limit: number; memory: number; status: string }

export function endLines({ id }: Invocation, { duration, init, limit, memory, status }: Usage): string[] {
  const fields = [
    `REPORT RequestId: ${id}`,
    `Duration: ${duration.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(duration + (init ?? 0))} ms`,
    `Memory Size: ${limit} MB`,
    `Max Memory Used: ${memory} MB`,
    ...(init === null ? [] : [`Init Duration: ${init.toFixed(2)} ms`]),
    ...(status === '' ? [] : [status]),
  ]
  return [`END RequestId: ${id}`, `${fields.join('\t')}\t`]
}

/** The last 4 KB of an invocation's log, in base64. */
export const tailOf = (lines: readonly string[]): string =>
  Buffer.from(`${lines.join('\n')}\n`)
    .subarray(-TAIL)
    .toString('base64')
