/**
 * Can the generator be trusted? A worker that starts its arrivals late measures itself as much as the target: it is
 * `late` while its lateness p99 has been over 50 ms for 3 s. The run's trust follows from how many of
 * its arrivals came from workers that were not ok.
 */
import type { Micros } from '../units.ts'

export const LATE: Micros = 50_000
const LATE_SECONDS = 3
const INVALID_SHARE = 0.2

/** One worker's record so far: since which second it has been late (null: it is not), and the arrivals that count as late. */
export type Punctuality = { lateSince: number | null; lateArrivals: number; pending: number }

export const punctual = (): Punctuality => ({ lateSince: null, lateArrivals: 0, pending: 0 })

/**
 * The record with one more frame: the second it began at, its lateness p99, and how many arrivals it launched. By seconds, not
 * by frames: a worker that is too busy to be on time may be too busy to send a frame each second.
 */
export function judgeFrame(
  before: Punctuality,
  frame: { second: number; latenessP99: Micros; launched: number },
): Punctuality {
  if (frame.latenessP99 <= LATE) return { ...before, lateSince: null, pending: 0 }
  const lateSince = before.lateSince ?? frame.second
  const pending = before.pending + frame.launched
  if (frame.second + 1 - lateSince < LATE_SECONDS) return { ...before, lateSince, pending }
  return { lateSince, lateArrivals: before.lateArrivals + pending, pending: 0 }
}

export const isLate = (worker: Punctuality): boolean => worker.lateArrivals > 0

export type Trust = 'trusted' | 'degraded' | 'invalid'

export function trustOf(arrivals: { all: number; fromWorkersNotOk: number }): Trust {
  if (arrivals.fromWorkersNotOk === 0) return 'trusted'
  return arrivals.fromWorkersNotOk > INVALID_SHARE * arrivals.all ? 'invalid' : 'degraded'
}
