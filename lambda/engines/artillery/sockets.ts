/**
 * Artillery's WebSocket and Socket.IO engines, timed. An exchange is a handshake, or a step that waits for its answer; a
 * message that nobody answers is counted by the engine and is no exchange.
 */
import type { EventEmitter } from 'node:events'
import SocketIoEngine from 'artillery-upstream/engine_socketio'
import WsEngine from 'artillery-upstream/engine_ws'
import type { Connection, Context, Run, Step } from 'artillery-upstream/step'
import type { Micros } from '../../../src/units.ts'
import { jitterOf } from '../think.ts'
import { answered, ended, type Spec, type StepTimes, StoppedError, think } from './steps.ts'
import { told } from './tell.ts'
import { HOOK, TimedHttpEngine } from './timed.ts'

type Clocked = { now: () => Micros; times: StepTimes }

/** The engines connect before the first step: the handshake is over when that one begins. */
function opening(run: Run, endpoint: string, { times }: Clocked): Run {
  return (context, callback) => {
    const answer = times.asked(context._uid, endpoint)
    if (answer === null) return callback(new StoppedError('stopped'), context)
    context._connected = answer
    return run(context, callback)
  }
}

/**
 * The connections of virtual users that have ended, while what they sent last is still on its way: a Socket.IO client
 * that is changing from polling to WebSocket sends it only afterwards. A worker that is gone by then would lose it.
 */
class Leaving {
  private readonly open = new Set<Promise<void>>()

  add(connection: Connection): void {
    const closed: Promise<void> = new Promise<void>((resolve) => connection.once('close', resolve)).then(() => {
      this.open.delete(closed)
    })
    this.open.add(closed)
  }

  async closed(): Promise<void> {
    await Promise.all(this.open)
  }
}

/** Goes before the first step. */
const connected = ({ times, now }: Clocked): Step =>
  ended(
    (context, callback) => {
      context._connected?.()
      callback(null, context)
    },
    times,
    now,
  )

export class TimedWsEngine extends WsEngine {
  private readonly clocked: Clocked
  private readonly leaving = new Leaving()
  private readonly jitter: unknown

  constructor(script: { config: Spec }, now: () => Micros, times: StepTimes) {
    super(script)
    this.clocked = { now, times }
    this.jitter = jitterOf(script.config)
  }

  override createScenario(spec: Spec, ee: EventEmitter): Run {
    const flow = spec.flow as Spec[]
    const tasks = flow.map((step) => this.step(step, ee))
    const run = this.compile([connected(this.clocked), ...tasks], flow, ee)
    const leave: Run = (initial, callback) =>
      run(initial, (error, context) => {
        if (context?.ws && context.ws.readyState !== context.ws.CLOSED) this.leaving.add(context.ws)
        callback(error, context)
      })
    return opening(leave, 'ws connect', this.clocked)
  }

  closed(): Promise<void> {
    return this.leaving.closed()
  }

  override step(spec: Spec, ee: EventEmitter): Step {
    return told(spec, this.clocked.times, () => this.timedStep(spec, ee))
  }

  private timedStep(spec: Spec, ee: EventEmitter): Step {
    const { now, times } = this.clocked
    if (spec.think !== undefined) return think(spec, this.jitter, times)
    const step = super.step(spec, ee)
    if (spec.loop) return step
    if (spec.function !== undefined) return ended(caught(step), times, now)
    const waits = (value: unknown): boolean => ['capture', 'match'].some((key) => Object.hasOwn(Object(value), key))
    if (waits(spec.wait)) return ended(answered(step, 'ws wait', times), times, now)
    return ended(waits(spec.send) ? answered(step, 'ws send', times) : unlessStopped(step, times), times, now)
  }
}

export class TimedSocketIoEngine extends SocketIoEngine {
  private readonly clocked: Clocked
  private readonly leaving = new Leaving()
  private readonly jitter: unknown

  constructor(script: { config: Spec }, now: () => Micros, times: StepTimes) {
    super(script)
    this.clocked = { now, times }
    this.jitter = jitterOf(script.config)
    this.httpDelegate = new SocketIoHttp(script, now, times)
  }

  override createScenario(spec: Spec, ee: EventEmitter): Run {
    this.socketioOpts = { ...this.socketioOpts, ...(spec.socketio as Spec | undefined) }
    const flow = spec.flow as Spec[]
    const tasks = flow.map((step) => this.step(step, ee))
    return opening(this.compile([connected(this.clocked), ...tasks], flow, ee), 'socketio connect', this.clocked)
  }

  override loadContextSocket(
    namespace: string,
    context: Context,
    done: (error: unknown, socket: unknown) => void,
  ): void {
    super.loadContextSocket(namespace, context, (error, socket) => done(refusalIn(error) ?? error, socket))
  }

  override closeContextSockets(context: Context): void {
    super.closeContextSockets(context)
    for (const { io } of Object.values(context.sockets ?? {})) {
      if (io.engine && io.engine.readyState !== 'closed') this.leaving.add(io.engine)
    }
  }

  closed(): Promise<void> {
    return this.leaving.closed()
  }

  override step(spec: Spec, ee: EventEmitter): Step {
    if (spec.loop) return super.step(spec, ee)
    if (spec.emit === undefined && spec.think === undefined) return caught(this.httpDelegate.step(spec, ee))
    return told(spec, this.clocked.times, () => this.timedStep(spec, ee))
  }

  private timedStep(spec: Spec, ee: EventEmitter): Step {
    const { now, times } = this.clocked
    if (spec.think !== undefined) return think(spec, this.jitter, times)
    const step = super.step(spec, ee)
    const waits = spec.response !== undefined || spec.acknowledge !== undefined
    return ended(waits ? answered(step, `emit ${channelOf(spec.emit)}`, times) : unlessStopped(step, times), times, now)
  }
}

/** Its client says only by which means it did not connect: that it was not let to lies deeper. */
function refusalIn(error: unknown): Error | null {
  const { context, description } = Object(error) as { context?: unknown; description?: unknown }
  const causes = [Object(context).statusText, Object(description).error] as { code?: unknown }[]
  return (causes.find((cause) => String(Object(cause).code).startsWith('SLSART_')) as Error | undefined) ?? null
}

/** Socket.IO scenarios have no hooks of their own for their HTTP requests: ours is put there. */
class SocketIoHttp extends TimedHttpEngine {
  override step(spec: Spec, ee: EventEmitter, options: unknown = { beforeRequest: [HOOK] }): Step {
    return super.step(spec, ee, options)
  }
}

/** These engines leave what a user's function throws to the process: it would end the worker, not the virtual user. */
const caught =
  (step: Step): Step =>
  (context, callback) => {
    let over = false
    try {
      step(context, (error, next) => {
        over = true
        callback(error, next)
      })
    } catch (error) {
      // What a later step threw came through here, and is that one's.
      if (over) throw error
      callback(error, context)
    }
  }

const channelOf = (emit: unknown): string => String(Array.isArray(emit) ? emit[0] : (emit as Spec).channel)

const unlessStopped =
  (step: Step, times: StepTimes): Step =>
  (context, callback) =>
    times.stopped() ? callback(new StoppedError('stopped'), context) : step(context, callback)
