/** Every key in a run's store, from one place. A worker's keys carry its slice and attempt. */
import type { Stop } from './orders.ts'

export const ordersKey = 'orders.json'
/** What the conductor knew of the run before it launched anything. */
export const headKey = 'run.json'
/** What it came to. */
export const endingKey = 'ending.json'
/** Of a run that nobody conducted: what its last step has made of it. */
export const reportKey = 'report.json'
export const bundlesPrefix = 'bundles/'
export const bundleKey = (hash: string, extension: string): string => `${bundlesPrefix}${hash}.${extension}`
export const claimKey = (slice: number, attempt: number): string => `claims/${slice}-${attempt}`
export const samplesKey = (slice: number, attempt: number, seq: number): string =>
  `samples/${slice}-${attempt}/${String(seq).padStart(6, '0')}.csv`
export const claimsPrefix = 'claims/'
/** Put by a worker that has a claim, when it sends nothing more. */
export const endedKey = (slice: number, attempt: number): string => `ended/${slice}-${attempt}`
export const endedPrefix = 'ended/'
/** Put when the run's workers are all gone: by its conductor, or by the last step of a run that has none. */
export const overKey = 'ended/run'
/** Who asks from elsewhere that the run be stopped puts it here, once for all: the conductor alone writes the orders while it lives. */
export const stopsPrefix = 'stops/'
export const stopKey = (how: Stop): string => `${stopsPrefix}${how}.json`
/** Who asks from elsewhere that the load be steered puts it under the next number, from 1; what came of it is under the same number. */
export const steersPrefix = 'steers/'
export const steerKey = (n: number): string => `${steersPrefix}${String(n).padStart(6, '0')}.json`
export const answerKey = (n: number): string => `steered/${String(n).padStart(6, '0')}.json`
export const batchesPrefix = 'batches/'
/** Of a worker's key, or of what all of its keys of a kind begin with, the slice; null for what is the run's. */
export function sliceIn(key: string): number | null {
  const [, slice] = /^(?:claims|samples|ended|batches)\/(-?\d+)-/.exec(key) ?? []
  return slice === undefined ? null : Number(slice)
}
/** Events of a worker as they went into its stream, several in one object; `seq` counts from 0 without a gap. */
export const batchKey = (slice: number, attempt: number, seq: number): string =>
  `batches/${slice}-${attempt}/${String(seq).padStart(6, '0')}.bin`
