/** The worker's time: microseconds since T0, from a clock that never jumps, tied to the wall clock once. */
import { performance } from 'node:perf_hooks'
import type { Micros, Millis } from '../src/units.ts'

export type Clock = {
  /** Microseconds on the steady clock. */
  now(): Micros
  /** What `now` will be at a wall-clock time. */
  at(wall: Millis): Micros
  wall(): Millis
}

export function steadyClock(): Clock {
  const now = (): Micros => performance.now() * 1000
  const wall = Date.now
  return { now, wall, at: (time) => now() + (time - wall()) * 1000 }
}
