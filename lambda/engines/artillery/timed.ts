/**
 * Artillery's HTTP engine with its steps timed: when a step ended is when the next one was meant to begin. What it draws by
 * chance for a step, `probability` and think jitter, is drawn from the virtual user's own stream instead.
 */
import type { EventEmitter } from 'node:events'
import HttpEngine from 'artillery-upstream/engine_http'
import type { Step } from 'artillery-upstream/step'
import type { Micros } from '../../../src/units.ts'
import { jitterOf } from '../think.ts'
import { ended, type Spec, type StepTimes, StoppedError, think } from './steps.ts'
import { told } from './tell.ts'

/** The name of our hook among the processor's functions. */
export const HOOK = '$slsart.beforeRequest'

export class TimedHttpEngine extends HttpEngine {
  private readonly now: () => Micros
  private readonly times: StepTimes
  private readonly jitter: unknown

  constructor(script: { config: Spec }, now: () => Micros, times: StepTimes) {
    super(script)
    this.now = now
    this.times = times
    this.jitter = jitterOf(script.config)
  }

  /** Hooks of the user's may take their time, and redirects lead on: what is about to be sent is looked at last. */
  override async init(): Promise<void> {
    await super.init()
    const { request, times } = this
    const unlessStopped = (): void => {
      if (times.stopped()) throw new StoppedError('stopped')
    }
    this.request = (options) => request({ ...options, hooks: { beforeRequest: [unlessStopped] } })
  }

  /** Artillery builds every step through this, those inside loops too. */
  override step(spec: Spec, ee: EventEmitter, options?: unknown): Step {
    return told(spec, this.times, (marked) => this.timedStep(marked, ee, options))
  }

  private timedStep(spec: Spec, ee: EventEmitter, options: unknown): Step {
    if (spec.think !== undefined) return think(spec, this.jitter, this.times)
    const step = this.chanced(spec, ee, options)
    // A loop ends when its last step does, and that one has been timed.
    if (spec.loop) return step
    return spec.parallel ? this.branching(step) : ended(step, this.times, this.now)
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
      const drawn = this.times.strict ? Math.floor(context._random() * 101) : context._random() * 100
      if (drawn < Number(probability)) step(context, callback)
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
}
