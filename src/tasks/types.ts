/** What programs see of a fleet that does tasks. Nothing is imported here but the errors: these types are published. */
import type { TaskError } from '../task-errors.ts'

/** What a task's function gets beside its item. `signal` aborts when it is to end: cancelled, or out of time. It has a second for that. */
export type TaskContext = { signal: AbortSignal }

/** A module's functions, as far as nobody says more: `localFleet<typeof import('./work.ts')>(…)` does. */
export type Functions = Record<string, (item: unknown, context: TaskContext) => unknown>

/** Of a module's exports those that are functions, by name; what each takes, and what it comes to. */
export type NameIn<M> = { [K in keyof M]: M[K] extends (...args: never) => unknown ? K : never }[keyof M] & string
export type ItemOf<M, N extends keyof M> = M[N] extends (item: infer I, ...rest: never) => unknown ? I : never
export type ResultOf<M, N extends keyof M> = M[N] extends (...args: never) => infer R ? Awaited<R> : never

/** `starting`: a worker is being started for it. `running`: its function has been called. */
export type TaskState = 'waiting' | 'starting' | 'running' | 'done' | 'failed' | 'cancelled'

/** One call of a function with one item. */
export type Task<Result> = {
  readonly state: TaskState
  /** Rejects with a TaskError, or with what kept the fleet from being opened. A rejection that nobody looks at is no unhandled one. */
  readonly result: Promise<Result>
  /** Ends its worker; `result` rejects at once. Does nothing when it has ended. */
  cancel(): void
}

/** What became of an item. `index`: its place among the items, from 0. */
export type Outcome<Item, Result> =
  | { state: 'done'; index: number; item: Item; value: Result }
  | { state: 'failed'; index: number; item: Item; error: TaskError }

export type MapOptions = {
  /** Items at work, and outcomes that nobody has taken yet, at a time: a whole number; the fleet's own is the most. */
  maxConcurrency?: number
  /**
   * How many tasks may fail before the map is given up: a whole number, or a share of all items below 1 (of a stream, whose length nobody knows,
   * judged when it has ended). 0 when it is left out; Infinity: all of them.
   */
  toleratedFailures?: number
}

/** Workers that do tasks: processes of this machine, or invocations of a deployed function. */
export type TaskPool<M = Functions> = {
  /** One task. It waits for its turn when `maxConcurrency` others are there. */
  submit<N extends NameIn<M>>(name: N, item: ItemOf<M, N>): Task<ResultOf<M, N>>
  /**
   * One task for each item, and their outcomes in the order in which they end. Items are asked for as there is room. Whoever leaves the loop
   * early cancels the rest. Throws a MapError when more failed than may, and what `items` throws.
   */
  map<N extends NameIn<M>>(
    name: N,
    items: Iterable<ItemOf<M, N>> | AsyncIterable<ItemOf<M, N>>,
    options?: MapOptions,
  ): AsyncGenerator<Outcome<ItemOf<M, N>, ResultOf<M, N>>, void, undefined>
  /** Cancels what is not done, ends the workers, and removes what they left behind. To be called once nothing more is wanted. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export type FleetOptions = {
  /** The module whose functions are called: a path, or a URL such as `new URL('./work.ts', import.meta.url)`. It is bundled with what it imports. */
  module: string | URL
  /** Workers at a time. Left out: as many as this machine has processors, or 100 on Lambda, if there is room for so many. */
  maxConcurrency?: number
  /** Milliseconds that a call may take, at the most 15 minutes, which is what it is when it is left out. */
  timeout?: number
  /** Hosts that workers may connect to, beside this machine and private addresses: docs/targets.md. */
  allow?: readonly string[]
  /** Environment variables that the workers get beside their own. */
  env?: Record<string, string>
  /** Files that the module reads where it lies: paths relative to it. They travel with it. */
  includeFiles?: readonly string[]
  /** Packages that are not bundled, but looked up where the module lies, or in a layer. */
  external?: readonly string[]
  /** The folder for the workers' logs, `logs/worker-N.log`; left out, it is one that is removed with `close`. */
  folder?: string
}

/** Left out, both come from the environment (SLSART_STAGE, SLSART_REGION, AWS_REGION) and from slsart.config.yml. */
export type LambdaFleetOptions = FleetOptions & { stage?: string; region?: string }
