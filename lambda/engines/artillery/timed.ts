/**
 * Artillery's HTTP engine with its steps timed: when a step ended is when the next one was meant to begin. What it draws by
 * chance for a step, `probability` and think jitter, is drawn from the virtual user's own stream instead.
 */
import type { EventEmitter } from 'node:events'
import HttpEngine, { type Context, type Step } from 'artillery-upstream/engine_http'
import { template } from 'artillery-upstream/engine_util'
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
    const step = this.chanced(spec, ee, options)
    // A loop ends when its last step does, and that one has been timed.
    if (spec.loop) return step
    if (spec.parallel) return this.branching(step)
    return (context, callback) =>
      step(context, (error, next) => {
        this.times.stepEnded(context._uid, this.now())
        callback(error, next)
      })
  }

  /**
   * `probability: 30` sends the request in 30 of 100 cases. Artillery draws one of 101 numbers, so that even 100 skips one
   * request in a hundred.
   */
  private chanced(spec: Spec, ee: EventEmitter, options: unknown): Step {
    const [method = '', params] = Object.entries(spec)[0] ?? []
    const { probability, ...always } = Object(params) as Spec
    if (probability === undefined) return super.step(spec, ee, options)
    const step = super.step({ ...spec, [method]: always }, ee, options)
    return (context, callback) => {
      if (context._random() * 100 < Number(probability)) step(context, callback)
      else setImmediate(callback, null, context)
    }
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
   * Artillery's think, with three differences: `think: 0.5` waits half a second (Artillery waits 1 ms), the next request
   * is due when the think time is over, not when its timer fired, and jitter is drawn by seed.
   */
  private think(spec: Spec): Step {
    return (context: Context, callback) => {
      const written = template(spec.think, context)
      const seconds = parseDuration(written)
      if (seconds === null || seconds < 0 || seconds > LONGEST_THINK) {
        return callback(new Error(`Invalid think time: ${written}`), context)
      }
      const spread = spec.jitter ?? this.defaultJitter
      const time = spread === undefined ? seconds * 1000 : jittered(seconds * 1000, String(spread), context._random())
      this.times.thought(context._uid, time)
      setTimeout(() => callback(null, context), time)
    }
  }
}

/** `spread` is milliseconds to either side, or a percentage: "500", "20%". Never below 0. */
function jittered(time: Millis, spread: string, random: number): Millis {
  const most = Number.parseInt(spread, 10) * (spread.includes('%') ? time / 100 : 1)
  return Math.max(0, time - most + random * 2 * most)
}
