/** Steps that all of Artillery's engines have, timed: when a step ended is when the next one was meant to begin. */
import { template } from 'artillery-upstream/engine_util'
import type { Context, Step } from 'artillery-upstream/step'
import { thinkTime } from '../../../src/scenario/duration.ts'
import type { Micros, Millis } from '../../../src/units.ts'
import type { Teller } from './tell.ts'

/** Ends a virtual user that wants to send something after the run was stopped. */
export class StoppedError extends Error {}

export type Spec = Record<string, unknown>

/** What hears of a virtual user's steps. */
export type StepTimes = {
  /** Whether Artillery's own ways are kept where we mend them. */
  strict: boolean
  /** Hears of each step by itself; null under load. */
  teller: Teller | null
  stepEnded(uid: string, at: Micros): void
  thought(uid: string, time: Millis): void
  /** A virtual user enters (1) or leaves (−1) a parallel step. */
  branched(uid: string, by: 1 | -1): void
  /** A virtual user begins what is to be answered; the function it returns is called when it was. Null after a stop. */
  asked(uid: string, endpoint: string): (() => void) | null
  /** Whether nothing may be sent any more. */
  stopped(): boolean
}

/** Nobody times a flow that is not load. */
export const untimed = (strict: boolean): StepTimes => ({
  strict,
  teller: null,
  stepEnded() {},
  thought() {},
  branched() {},
  asked: () => () => {},
  stopped: () => false,
})

/** The step's end is told, whatever it was. */
export const ended =
  (step: Step, times: StepTimes, now: () => Micros): Step =>
  (context, callback) =>
    step(context, (error, next) => {
      times.stepEnded(context._uid, now())
      callback(error, next)
    })

/** A step that sends something and is over when the answer is there. */
export const answered =
  (step: Step, endpoint: string, times: StepTimes): Step =>
  (context, callback) => {
    const answer = times.asked(context._uid, endpoint)
    if (answer === null) return callback(new StoppedError('stopped'), context)
    step(context, (error, next) => {
      if (!error) answer()
      callback(error, next)
    })
  }

/**
 * Artillery's think, with three differences, the first not when its ways are kept: `think: 0.5` waits half a second (Artillery waits 1 ms), the next request
 * is due when the think time is over, not when its timer fired, and jitter is drawn by seed.
 */
export function think(spec: Spec, defaultJitter: unknown, times: StepTimes): Step {
  return (context: Context, callback) => {
    const written = template(spec.think, context)
    const exact = thinkTime(written, times.strict)
    if (exact === null) return callback(new Error(`Invalid think time: ${written}`), context)
    const spread = spec.jitter ?? defaultJitter
    const time = spread === undefined ? exact : jittered(exact, String(spread), context._random())
    times.thought(context._uid, time)
    setTimeout(() => callback(null, context), time)
  }
}

/** `spread` is milliseconds to either side, or a percentage: "500", "20%". Never below 0. */
function jittered(time: Millis, spread: string, random: number): Millis {
  const most = Number.parseInt(spread, 10) * (spread.includes('%') ? time / 100 : 1)
  return Math.max(0, time - most + random * 2 * most)
}

/** The jitter that a script gives all its think times. */
export function jitterOf({ http, defaults }: { http?: { defaults?: Spec }; defaults?: Spec }): unknown {
  return ((http?.defaults?.think ?? defaults?.think) as { jitter?: unknown } | undefined)?.jitter
}
