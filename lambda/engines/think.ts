/**
 * Think times, with three differences from Artillery, the first not when its ways are kept: `think: 0.5` waits half a second (Artillery
 * waits 1 ms), the next request is due when the think time is over, not when its timer fired, and jitter is drawn by seed.
 */
import { thinkTime } from '../../src/scenario/duration.ts'
import type { Millis } from '../../src/units.ts'

type Spec = Record<string, unknown>

/** The time for what is written, filled in; throws for what is none. `spread`: "500", "20%", or undefined. */
export const thinkTimeOf =
  (spread: unknown, strict: boolean) =>
  (written: unknown, random: () => number): Millis => {
    const exact = thinkTime(written, strict)
    if (exact === null) throw new Error(`Invalid think time: ${written}`)
    return spread === undefined ? exact : jittered(exact, String(spread), random())
  }

/** `spread` is milliseconds to either side, or a percentage. Never below 0. */
function jittered(time: Millis, spread: string, random: number): Millis {
  const most = Number.parseInt(spread, 10) * (spread.includes('%') ? time / 100 : 1)
  return Math.max(0, time - most + random * 2 * most)
}

/** The jitter that a script gives all its think times. */
export function jitterOf({ http, defaults }: { http?: { defaults?: Spec }; defaults?: Spec }): unknown {
  return ((http?.defaults?.think ?? defaults?.think) as { jitter?: unknown } | undefined)?.jitter
}
