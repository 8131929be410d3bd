/** Waiting that keeps no program from ending: it is not this library's to hold. */
import { setTimeout as later } from 'node:timers'
import type { Millis } from '../units.ts'

export const sleep = (span: Millis): Promise<void> => new Promise((resolve) => void later(resolve, span).unref())

/** Waits for what it is given, but no longer than that. */
export async function within(span: Millis, what: Promise<unknown>): Promise<void> {
  await Promise.race([what, sleep(span)])
}
