/** The files of Artillery that the bundle takes in, by the names that scripts/build.ts gives them. Version 2.0.34. */

declare module 'artillery-upstream/engine_http' {
  import type { EventEmitter } from 'node:events'

  export type Context = {
    vars: Record<string, unknown>
    funcs: Record<string, (...args: never[]) => unknown>
    scenario: unknown
    _uid: string
    /** Ours: the virtual user's own stream of uniform numbers in [0, 1). */
    _random: () => number
  }
  export type Step = (context: Context, callback: (error: unknown, context: Context) => void) => void
  export type RequestParams = { url?: string; uri?: string; method: string; name?: string; uuid: string }

  export default class HttpEngine {
    constructor(script: { config: Record<string, unknown> })
    init(): Promise<void>
    step(spec: Record<string, unknown>, ee: EventEmitter, options?: unknown): Step
    createScenario(
      spec: Record<string, unknown>,
      ee: EventEmitter,
    ): (context: Context, callback: (error: unknown, context: Context) => void) => Promise<void>
  }
}

declare module 'artillery-upstream/engine_util' {
  export function template(
    value: unknown,
    context: { vars: Record<string, unknown>; funcs: Record<string, unknown> },
  ): unknown
}
