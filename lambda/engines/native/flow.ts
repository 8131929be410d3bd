/**
 * A virtual user's way through its flow. Steps run one after the other in a plain loop, no promise between them; a step that has to
 * wait for something says so, and calls back when it has it.
 */
import type { EventEmitter } from 'node:events'
import type { CookieJar } from 'artillery-upstream/cookies'
import type { Context } from 'artillery-upstream/step'
import type { Micros } from '../../../src/units.ts'
import type { Recorder } from '../../recorder.ts'
import type { Vu, VuEnd } from '../engine.ts'
import type { Agent } from './agent.ts'

/** Artillery's context, as hooks see it. The jar is made when there is a cookie to put in, unless hooks may look. */
export type UserContext = Context & {
  _successCount: number
  _defaultStrictCapture: boolean
  _jar: CookieJar | null
  _enableCookieJar: boolean
  _defaultCookie?: Record<string, unknown>
  _httpAgent: null
  _httpsAgent: null
}

/** `run` is true when the step is over, false when it will call `resume`, `fail` or `stop`. */
export interface Step {
  run(user: User): boolean
}

/** What all virtual users of a worker share. */
export type Shared = {
  readonly recorder: Recorder
  readonly now: () => Micros
  /** No more requests: the run was stopped. */
  over: boolean
}

/** The loop that a virtual user is in, and where it goes on after it. */
type Loop = { step: LoopStep; round: Round; outer: Loop | null; steps: readonly Step[]; at: number }
/** `to`: -1 without an end. */
type Round = { count: number; to: number; over: unknown[] | null }

/** After so many steps without a wait, others get their turn. */
const STRETCH = 200

export class User {
  readonly vu: Vu
  readonly context: UserContext
  readonly shared: Shared
  readonly agent: Agent
  readonly events: EventEmitter
  readonly apart: boolean
  /** When its next request is meant to be sent; until its first one, when it was due, whatever its hooks take. */
  intended: Micros
  sentAny = false
  /** Its last request and what was answered, for the case that it fails. */
  endpoint: string | null = null
  status: number | null = null
  loop: Loop | null = null
  private isBranch = false
  private steps: readonly Step[]
  private at = 0
  private readonly ended: (end: VuEnd, error: unknown) => void

  constructor(of: {
    vu: Vu
    context: UserContext
    shared: Shared
    agent: Agent
    events: EventEmitter
    apart: boolean
    steps: readonly Step[]
    ended: (end: VuEnd, error: unknown) => void
  }) {
    this.vu = of.vu
    this.context = of.context
    this.shared = of.shared
    this.agent = of.agent
    this.events = of.events
    this.apart = of.apart
    this.steps = of.steps
    this.ended = of.ended
    this.intended = of.vu.due
  }

  /** Goes on with the next step, and the next, until one has to wait. What steps throw ends the virtual user. */
  readonly resume = (): void => {
    try {
      for (let left = STRETCH; left > 0; left--) {
        const step = this.steps[this.at]
        if (step !== undefined) {
          this.at++
          if (!step.run(this)) return
        } else if (this.loop === null) {
          return this.ended('completed', null)
        } else if (!this.loop.step.turned(this, this.loop)) return
      }
      setImmediate(this.resume)
    } catch (error) {
      this.fail(error)
    }
  }

  /** Ends with an error. */
  fail(error: unknown): void {
    this.ended('failed', error)
  }

  /** Ends because the run was stopped. */
  stop(): void {
    this.ended('unfinished', null)
  }

  /** When the request that it is about to send was meant to be sent. In a branch each counts from its own start, once there was one. */
  intends(): Micros {
    return this.isBranch && this.sentAny ? this.shared.now() : this.intended
  }

  /** Goes through `steps` beside itself, with all that is its own; `ended` hears of it, and nobody else. */
  branch(steps: readonly Step[], ended: (end: VuEnd, error: unknown) => void): void {
    const branch = new User({ ...this, steps, ended })
    branch.isBranch = true
    branch.intended = this.intended
    branch.sentAny = this.sentAny
    branch.resume()
  }

  /** A step is over: the next request is meant to be sent now. */
  stepped(at: Micros): void {
    if (this.sentAny) this.intended = at
  }

  enter(step: LoopStep, round: Round): void {
    this.loop = { step, round, outer: this.loop, steps: this.steps, at: this.at }
    this.steps = step.steps
    this.at = 0
  }

  /** Back to the loop's first step, or out of it. */
  turn({ outer, steps, at }: Loop, again: boolean): void {
    if (again) {
      this.at = 0
      return
    }
    this.loop = outer
    this.steps = steps
    this.at = at
  }
}

/** Artillery's `parallel`: the steps side by side, so many at a time. The first that fails ends the virtual user; the others go on. */
export class ParallelStep implements Step {
  private readonly steps: readonly Step[]
  private readonly most: number

  constructor(steps: readonly Step[], most: number) {
    this.steps = steps
    this.most = most
  }

  run(user: User): boolean {
    let begun = 0
    let left = this.steps.length
    let isOver = left === 0
    const begin = (): void => {
      const step = this.steps[begun++]
      if (step === undefined || isOver) return
      user.branch([step], (end, error) => {
        if (isOver) return
        left--
        isOver = left === 0 || end !== 'completed'
        if (end === 'failed') user.fail(error)
        else if (end === 'unfinished') user.stop()
        else if (isOver) {
          user.sentAny = true
          user.stepped(user.shared.now())
          setImmediate(user.resume)
        } else begin()
      })
    }
    for (let i = 0; i < this.most && i < this.steps.length; i++) begin()
    return this.steps.length === 0
  }
}

type Condition = (context: Context, done: (again: unknown) => void) => void

/** `count`, `over` and `whileTrue`, as Artillery loops: `whileTrue` is asked after each round, and of the others the first one holds. */
export class LoopStep implements Step {
  readonly steps: readonly Step[]
  private readonly range: (context: Context) => { from: number; to: number }
  private readonly over: (context: Context) => unknown
  private readonly whileTrue: Condition | undefined
  private readonly names: { value: string; element: string }

  constructor(of: {
    steps: readonly Step[]
    range: (context: Context) => { from: number; to: number }
    over: (context: Context) => unknown
    whileTrue: Condition | undefined
    names: { value: string; element: string }
  }) {
    this.steps = of.steps
    this.range = of.range
    this.over = of.over
    this.whileTrue = of.whileTrue
    this.names = of.names
  }

  run(user: User): boolean {
    const { vars } = user.context
    const { from, to } = this.range(user.context)
    const over = this.over(user.context)
    const list = Array.isArray(over) ? over : null
    vars[this.names.element] = list === null ? from : list[from]
    vars[this.names.value] = from
    // What is named and is no list is not gone through.
    if (over !== undefined && list === null) return true
    const round = { count: from, to, over: list }
    if (this.whileTrue !== undefined || isMore(round)) user.enter(this, round)
    return true
  }

  /** After a round: false when the condition will be answered later. */
  turned(user: User, loop: Loop): boolean {
    const { vars } = user.context
    const { round } = loop
    round.count++
    vars[this.names.value] = (vars[this.names.value] as number) + 1
    if (round.over !== null) vars[this.names.element] = round.over[round.count]
    if (this.whileTrue === undefined) {
      user.turn(loop, isMore(round))
      return true
    }
    let answered = false
    let waits = false
    this.whileTrue(user.context, (again) => {
      answered = true
      user.turn(loop, Boolean(again))
      if (waits) user.resume()
    })
    waits = !answered
    return answered
  }
}

const isMore = ({ count, to, over }: Round): boolean =>
  over === null ? count < to || to === -1 : count !== over.length
