/** A scenario, compiled once: its flow into steps, its config into what all of them need. */
import { randomBytes } from 'node:crypto'
import type { CookieJar } from 'artillery-upstream/cookies'
import get from 'artillery-upstream/get'
import type { Context } from 'artillery-upstream/step'
import { isObject } from '../../../src/scenario/objects.ts'
import type { Millis } from '../../../src/units.ts'
import type { Recorder } from '../../recorder.ts'
import type { Addresses } from './address.ts'
import type { HttpCounts } from './count.ts'
import { LoopStep, ParallelStep, type Step, type User } from './flow.ts'
import type { Headers } from './message.ts'
import { RequestStep } from './request.ts'
import { FunctionStep, LogStep, ThinkStep } from './steps.ts'
import { compiled, isConstant } from './templates.ts'

export type Spec = Record<string, unknown>

/** What the steps of one scenario share. */
export type Compiling = {
  recorder: Recorder
  /** Name of the scenario. */
  scenario: string
  /** Which phases only warm up. */
  warmUp: readonly number[]
  http: HttpCounts
  strict: boolean
  target: string
  addresses: Addresses
  /** `config.tls`, by got's names. */
  https: Spec
  timeout: Millis
  defaultHeaders: Headers
  defaultCookie: Spec | null
  /** Jitter of think times that have none of their own. */
  jitter: unknown
  /** A new `traceparent`, when requests carry one. */
  trace: (() => string) | null
  /** To the worker's log. */
  log(...words: unknown[]): void
  /** Hears of secrets that the target has given away. */
  learn(values: Iterable<string>): void
  functions: Record<string, unknown>
  hooks: Record<'beforeRequest' | 'afterResponse' | 'onError', readonly unknown[]>
  /** Options of the plugin metrics-by-endpoint. */
  byEndpoint: Spec | null
  jarOf(user: User): CookieJar
}

const MOST_BRANCHES = 100

/** With the functions before and after the flow as steps of it. */
export function stepsOf(spec: Spec, compiling: Compiling): Step[] {
  const functions = (names: unknown): Spec[] => [names ?? []].flat().map((name) => ({ function: name }))
  const flow = [...functions(spec.beforeScenario), ...(spec.flow as Spec[]), ...functions(spec.afterScenario)]
  return flow.map((step) => stepOf(step, compiling))
}

function stepOf(spec: Spec, compiling: Compiling): Step {
  if (spec.loop) return loopOf(spec, compiling)
  if (spec.parallel) {
    const steps = (spec.parallel as Spec[]).map((step) => stepOf(step, compiling))
    return new ParallelStep(steps, Number(spec.limit || MOST_BRANCHES))
  }
  if (spec.think !== undefined) return new ThinkStep(spec, compiling)
  if (spec.log !== undefined) return new LogStep(spec.log, compiling)
  if (spec.function) return new FunctionStep(String(spec.function), compiling.functions)
  const [method = '', params] = Object.entries(spec)[0] ?? []
  return new RequestStep(method.toUpperCase(), params as Spec, compiling)
}

function loopOf(spec: Spec, compiling: Compiling): LoopStep {
  const { over } = spec
  const condition = compiling.functions[String(spec.whileTrue)]
  return new LoopStep({
    steps: (spec.loop as Spec[]).map((step) => stepOf(step, compiling)),
    range: rangeOf(spec.count || -1),
    over: typeof over === 'string' ? ({ vars }) => get(vars, over) ?? null : () => over,
    whileTrue: typeof condition === 'function' ? (condition as (context: Context) => void) : undefined,
    names: { value: String(spec.loopValue || '$loopCount'), element: String(spec.loopElement || '$loopElement') },
  })
}

type Range = { from: number; to: number }

/** "1-15" is from 1 to below 15, a number from 0 to below it. */
function rangeOf(count: unknown): (context: Context) => Range {
  if (typeof count === 'string' && !isConstant(count)) {
    const fill = compiled(count)
    return (context) => rangeIn(fill(context))
  }
  const range = rangeIn(count)
  return () => range
}

function rangeIn(count: unknown): Range {
  if (typeof count === 'number') return { from: 0, to: count }
  if (typeof count !== 'string') return { from: 0, to: 0 }
  if (!Number.isNaN(Number(count))) return { from: 0, to: Number(count) }
  const [from, to] = /\d-\d/.test(count) ? count.split('-') : ['0', '0']
  return { from: Number(from), to: Number(to) }
}

/** `http.distributedTracing`: a traceparent of W3C's form for each request, its trace known by the prefix. */
export function tracing(options: unknown): (() => string) | null {
  if (!options || (isObject(options) && options.enabled !== undefined && !options.enabled)) return null
  const { sampled = true, traceIdPrefix = 'a9' } = isObject(options) ? options : {}
  const prefix =
    String(traceIdPrefix)
      .toLowerCase()
      .replaceAll(/[^0-9a-f]/g, '')
      .slice(0, 8) || 'a9'
  return () => {
    const random = randomBytes(24).toString('hex')
    return `00-${(prefix + random).slice(0, 32)}-${random.slice(32)}-${sampled ? '01' : '00'}`
  }
}
