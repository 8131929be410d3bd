/**
 * A run that nobody conducts: what lies in its store before it begins, and what its state machine hands to the function. That is little, since
 * Step Functions keeps each of them: the rest of a start is in the store, once for all workers.
 */
import type { Slice } from '../plan/slices.ts'
import type { Millis, Seconds } from '../units.ts'
import type { Start, StorePlace } from './start.ts'

export type BucketPlace = Extract<StorePlace, { kind: 'bucket' }>

/** What all workers' starts have in common. */
export const sharedKey = 'start.json'
/** The slices of a window, as a list. */
export const windowKey = (index: number): string => `windows/${index}.json`

export type Item = Pick<Start, 'index' | 'slice'>
export type Shared = Omit<Start, 'index' | 'slice'>

/** Starts a worker. */
export type ItemEvent = { place: BucketPlace; item: Item }
/** Makes the run's record and its report, when all workers have ended (`over`), or too many of them have failed. `until`: of `rest`. */
export type CloseEvent = { place: BucketPlace; close: 'over' | 'failed'; until: Millis }

/**
 * An execution's input. `at`: when a window's workers are started, in ISO 8601. `tolerated`: percent of a window's workers that may fail. `rest`:
 * of workers that it has not started, but a command that has left: when their load ends, and until when they may be at work; in the past when
 * there are none.
 */
export type Execution = {
  place: BucketPlace
  function: string
  tolerated: number
  windows: readonly { at: string; bucket: string; key: string }[]
  rest: { from: string; until: Millis }
}

/** How often workers write frames where there is no stream: a dashboard elsewhere is so far behind. */
export const BATCHES: Seconds = 10

/** From the start of an execution to T0: the state machine's own, and a worker's start. */
const LEAST_LEAD: Millis = 15_000
/** Environments that can be started a second. Source: docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency */
const STARTS_A_SECOND = 100

export const leadOf = (workers: number): Millis => LEAST_LEAD + Math.ceil(workers / STARTS_A_SECOND) * 1000

export const itemsOf = (slices: readonly Slice[], first: number): Item[] =>
  slices.map((slice, i) => ({ index: first + i, slice }))
