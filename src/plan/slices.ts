/**
 * Who launches what. A slice is one stripe of one window, four numbers; it owns arrival k exactly when
 * k mod of = index and from ≤ t_k < to. With three workers and a window that ends before arrival 6:
 *
 *   arrival   0  1  2  3  4  5 | 6  7  8  …
 *   worker 0  0  .  .  3  .  . | (the next window's workers)
 *   worker 1  .  1  .  .  4  . |
 *   worker 2  .  .  2  .  .  5 |
 *
 * The columns add up to the whole, for any number of workers and wherever the windows fall. Neighbouring arrivals
 * go to different workers, so workers interleave instead of firing together.
 */
import type { Seconds } from '../units.ts'

export type Slice = {
  stripe: { index: number; of: number }
  window: { from: Seconds; to: Seconds }
}

export type Window = { from: Seconds; to: Seconds; workers: number }

/** Every slice of every window, in order of window, then stripe. */
export const slicesOf = (windows: readonly Window[]): Slice[] =>
  windows.flatMap(({ from, to, workers }) =>
    Array.from({ length: workers }, (_, index) => ({ stripe: { index, of: workers }, window: { from, to } })),
  )

/** Of the largest window: those that begin together. */
export const mostTogether = (windows: readonly Window[]): number => Math.max(...windows.map(({ workers }) => workers))

/** One of them, by its position. Throws a RangeError when there is none. */
export function sliceAt(windows: readonly Window[], position: number): Slice {
  let index = position
  for (const { from, to, workers } of windows) {
    if (index < workers) return { stripe: { index, of: workers }, window: { from, to } }
    index -= workers
  }
  throw new RangeError(`there is no slice ${position}`)
}

/** Stripe i's part of an integer total: the difference of two roundings, so the parts always add up to it. */
export const share = (total: number, { index, of }: { index: number; of: number }): number =>
  Math.floor((total * (index + 1)) / of) - Math.floor((total * index) / of)
