/** Rings when the wall clock comes to a moment; the moment may be moved until then. */
import type { Millis } from '../src/units.ts'

/** A timer's longest. */
const LONGEST: Millis = 2 ** 31 - 1

export type Alarm = { set(at: Millis | null): void; clear(): void }

/** It rings once. Timers go by another clock: what fires early is set again. */
export function alarm(wall: () => Millis, ring: () => void): Alarm {
  let timer: NodeJS.Timeout | undefined
  let rung = false
  const set = (at: Millis | null): void => {
    clearTimeout(timer)
    if (at === null || rung) return
    const wait = at - wall()
    if (wait > 0) {
      timer = setTimeout(() => set(at), Math.min(Math.ceil(wait), LONGEST))
      return
    }
    rung = true
    ring()
  }
  return { set, clear: () => clearTimeout(timer) }
}
