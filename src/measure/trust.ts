/**
 * Can the generator be trusted? A worker that starts its arrivals late measures itself as much as the target: it is
 * `late` while its lateness p99 has been over 50 ms for 3 frames in a row. The run's trust follows from how many of
 * its arrivals came from workers that were not ok.
 */
import type { Micros } from '../units.ts'

export const LATE: Micros = 50_000
const LATE_FRAMES = 3
const INVALID_SHARE = 0.2

/** One worker's record so far; arrivals in frames from the first late one on count as late. */
export type Punctuality = { lateInARow: number; lateArrivals: number; pending: number }

export const punctual = (): Punctuality => ({ lateInARow: 0, lateArrivals: 0, pending: 0 })

/** The record with one more frame: its lateness p99, and how many arrivals it launched. */
export function judgeFrame(before: Punctuality, frame: { latenessP99: Micros; launched: number }): Punctuality {
  if (frame.latenessP99 <= LATE) return { ...before, lateInARow: 0, pending: 0 }
  const lateInARow = before.lateInARow + 1
  const pending = before.pending + frame.launched
  if (lateInARow < LATE_FRAMES) return { ...before, lateInARow, pending }
  return { lateInARow, lateArrivals: before.lateArrivals + pending, pending: 0 }
}

export const isLate = (worker: Punctuality): boolean => worker.lateArrivals > 0

export type Trust = 'trusted' | 'degraded' | 'invalid'

export function trustOf(arrivals: { all: number; fromWorkersNotOk: number }): Trust {
  if (arrivals.fromWorkersNotOk === 0) return 'trusted'
  return arrivals.fromWorkersNotOk > INVALID_SHARE * arrivals.all ? 'invalid' : 'degraded'
}
