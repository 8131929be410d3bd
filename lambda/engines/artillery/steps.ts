/** Steps that all of Artillery's engines have, timed: when a step ended is when the next one was meant to begin. */
import { template } from 'artillery-upstream/engine_util'
import type { Context, Step } from 'artillery-upstream/step'
import type { Micros, Millis } from '../../../src/units.ts'
import { thinkTimeOf } from '../think.ts'
import type { Teller } from './tell.ts'

/** Ends a virtual user that wants to send something after the run was stopped. */
export class StoppedError extends Error {
  /** The engine counts errors by it. */
  readonly code = 'stopped'
}

/** Whether it is that, or has it as its cause. */
export const isStop = (error: unknown): boolean =>
  error instanceof StoppedError || (error instanceof Error && error.cause instanceof StoppedError)

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

/** Nobody times a flow that is not load; it is stopped all the same. */
export const untimed = (strict: boolean, isStopped: () => boolean): StepTimes => ({
  strict,
  teller: null,
  stepEnded() {},
  thought() {},
  branched() {},
  asked: () => (isStopped() ? null : () => {}),
  stopped: isStopped,
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

export function think(spec: Spec, defaultJitter: unknown, times: StepTimes): Step {
  const timeOf = thinkTimeOf(spec.jitter ?? defaultJitter, times.strict)
  return (context: Context, callback) => {
    let time: Millis
    try {
      time = timeOf(template(spec.think, context), context._random)
    } catch (error) {
      return callback(error, context)
    }
    times.thought(context._uid, time)
    setTimeout(() => callback(null, context), time)
  }
}
