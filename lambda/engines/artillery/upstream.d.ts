/** The files of Artillery that the bundle takes in, by the names that scripts/build.ts gives them. Version 2.0.34. */

declare module 'artillery-upstream/step' {
  export type Connection = { once(event: 'close', listener: () => void): unknown }
  export type Context = {
    vars: Record<string, unknown>
    funcs: Record<string, (...args: never[]) => unknown>
    scenario: unknown
    _uid: string
    /** Ours: the virtual user's own stream of uniform numbers in [0, 1). */
    _random: () => number
    /** Ours: called when a socket is open. */
    _connected?: () => void
    ws?: Connection & { readyState: number; CLOSED: number }
    /** By namespace. */
    sockets?: Record<string, { io: { engine?: Connection & { readyState: string } } }>
  }
  export type Done = (error: unknown, context: Context) => void
  export type Step = (context: Context, callback: Done) => void
  export type Run = (context: Context, callback: Done) => unknown
}

declare module 'artillery-upstream/engine_http' {
  import type { EventEmitter } from 'node:events'
  import type { Run, Step } from 'artillery-upstream/step'

  export type RequestParams = { url?: string; uri?: string; method: string; name?: string; uuid: string }

  export default class HttpEngine {
    constructor(script: { config: Record<string, unknown> })
    init(): Promise<void>
    /** `got`, once it is loaded. */
    request: (options: Record<string, unknown>) => unknown
    step(spec: Record<string, unknown>, ee: EventEmitter, options?: unknown): Step
    createScenario(spec: Record<string, unknown>, ee: EventEmitter): Run
  }
}

declare module 'artillery-upstream/engine_ws' {
  import type { EventEmitter } from 'node:events'
  import type { Run, Step } from 'artillery-upstream/step'

  export default class WsEngine {
    constructor(script: { config: Record<string, unknown> })
    step(spec: Record<string, unknown>, ee: EventEmitter): Step
    createScenario(spec: Record<string, unknown>, ee: EventEmitter): Run
    compile(tasks: Step[], flow: unknown, ee: EventEmitter): Run
  }
}

declare module 'artillery-upstream/engine_socketio' {
  import type { EventEmitter } from 'node:events'
  import type HttpEngine from 'artillery-upstream/engine_http'
  import type { Context, Run, Step } from 'artillery-upstream/step'

  export default class SocketIoEngine {
    constructor(script: { config: Record<string, unknown> })
    socketioOpts: Record<string, unknown>
    httpDelegate: HttpEngine
    init(): Promise<void>
    step(spec: Record<string, unknown>, ee: EventEmitter): Step
    createScenario(spec: Record<string, unknown>, ee: EventEmitter): Run
    compile(tasks: Step[], flow: unknown, ee: EventEmitter): Run
    closeContextSockets(context: Context): void
    loadContextSocket(namespace: string, context: Context, done: (error: unknown, socket: unknown) => void): void
  }
}

declare module 'artillery-upstream/engine_util' {
  export function template(
    value: unknown,
    context: { vars: Record<string, unknown>; funcs: Record<string, unknown> },
    inPlace?: boolean,
  ): unknown
  export function captureOrMatch(
    params: Record<string, unknown>,
    answer: { headers: object; body: string },
    context: { vars: Record<string, unknown>; funcs: Record<string, unknown> },
    done: (error: unknown, outcome: unknown) => void,
  ): void
}

declare module 'artillery-upstream/get' {
  export default function get(object: unknown, path: string): unknown
}

declare module 'artillery-upstream/set' {
  export default function set(object: object, path: string, value: unknown): void
}

declare module 'artillery-upstream/cookies' {
  /** Those that are synchronous throw what is wrong with a cookie. */
  export class CookieJar {
    constructor(store: null, options: object)
    setCookieSync(cookie: string, url: string): unknown
    getCookieStringSync(url: string): string
  }
}

declare module 'artillery-upstream/form_data' {
  export default class FormData {
    append(name: string, value: unknown, options?: { contentType: string }): void
    getBuffer(): Buffer
    getBoundary(): string
  }
}

declare module 'artillery-upstream/plugin_metrics' {
  import type { EventEmitter } from 'node:events'

  export const Plugin: new (script: object, events: EventEmitter) => unknown
}

declare module 'artillery-upstream/plugin_expect' {
  import type { EventEmitter } from 'node:events'

  export const Plugin: new (script: object, events: EventEmitter) => unknown
}

declare module 'artillery-upstream/plugin_apdex' {
  import type { EventEmitter } from 'node:events'

  export const Plugin: new (script: object, events: EventEmitter) => unknown
}

declare module 'artillery-upstream/plugin_fake' {
  import type { EventEmitter } from 'node:events'

  export const Plugin: new (script: object, events: EventEmitter) => unknown
}
