/** How a slice may end before its last virtual user has, as promises. */
import type { Micros, Seconds } from '../src/units.ts'
import { STOP_DRAIN, type Stop } from '../src/wire/orders.ts'
import type { Clock } from './clock.ts'

/** `stopped` when there was an order to stop, `deadline` when what is in flight must be given up. */
export type Ending = { stop(how: Stop): void; stopped: Promise<void>; deadline: Promise<void> }

export function stopping(): Ending {
  const stopped = Promise.withResolvers<void>()
  const deadline = Promise.withResolvers<void>()
  return {
    stopped: stopped.promise,
    deadline: deadline.promise,
    stop(how) {
      stopped.resolve()
      if (how === 'now') deadline.resolve()
      else setTimeout(deadline.resolve, STOP_DRAIN)
    },
  }
}

/** Resolves when the worker's time to drain after its window is over; never without a limit. */
export function drained(drain: Seconds | null, ends: Micros, clock: Clock): Promise<void> {
  if (drain === null) return new Promise(() => {})
  const over = ends + drain * 1e6
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, (over - clock.now()) / 1000)))
}
