/** Artillery's HTTP engine with its steps timed: when a step ended is when the next one was meant to begin. */
import type { EventEmitter } from 'node:events'
import HttpEngine, { type Context, type Step } from 'artillery-upstream/engine_http'
import { template } from 'artillery-upstream/engine_util'
import { jitter } from 'artillery-upstream/jitter'
import { LONGEST_THINK, parseDuration } from '../../../src/scenario/duration.ts'
import type { Micros, Millis } from '../../../src/units.ts'

/** The name of our hook among the processor's functions. */
export const HOOK = '$slsart.beforeRequest'

/** Ends a virtual user that wants to send a request after the run was stopped. */
export class StoppedError extends Error {}

export type StepTimes = {
  stepEnded(uid: string, at: Micros): void
  thought(uid: string, time: Millis): void
  /** A virtual user enters (1) or leaves (−1) a parallel step. */
  branched(uid: string, by: 1 | -1): void
}

type Spec = Record<string, unknown>

export class TimedHttpEngine extends HttpEngine {
  private readonly now: () => Micros
  private readonly times: StepTimes
  private readonly defaultJitter: unknown

  constructor(script: { config: Spec }, now: () => Micros, times: StepTimes) {
    super(script)
    this.now = now
    this.times = times
    const { http, defaults } = script.config as { http?: { defaults?: Spec }; defaults?: Spec }
    const think = (http?.defaults?.think ?? defaults?.think) as { jitter?: unknown } | undefined
    this.defaultJitter = think?.jitter
  }

  /** Artillery builds every step through this, those inside loops too. */
  override step(spec: Spec, ee: EventEmitter, options?: unknown): Step {
    if (spec.think !== undefined) return this.think(spec)
    const step = super.step(spec, ee, options)
    // A loop ends when its last step does, and that one has been timed.
    if (spec.loop) return step
    if (spec.parallel) return this.branching(step)
    return (context, callback) =>
      step(context, (error, next) => {
        this.times.stepEnded(context._uid, this.now())
        callback(error, next)
      })
  }

  private branching(step: Step): Step {
    return (context, callback) => {
      this.times.branched(context._uid, 1)
      step(context, (error, next) => {
        this.times.branched(context._uid, -1)
        this.times.stepEnded(context._uid, this.now())
        callback(error, next)
      })
    }
  }

  /**
   * Artillery's think, with two differences: `think: 0.5` waits half a second (Artillery waits 1 ms), and the next
   * request is due when the think time is over, not when its timer fired.
   */
  private think(spec: Spec): Step {
    return (context: Context, callback) => {
      const written = template(spec.think, context)
      const seconds = parseDuration(written)
      if (seconds === null || seconds < 0 || seconds > LONGEST_THINK) {
        return callback(new Error(`Invalid think time: ${written}`), context)
      }
      const spread = spec.jitter ?? this.defaultJitter
      const time = spread === undefined ? seconds * 1000 : Number(jitter(`${seconds * 1000}:${spread}`))
      this.times.thought(context._uid, time)
      setTimeout(() => callback(null, context), time)
    }
  }
}
