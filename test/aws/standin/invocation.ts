/** One invocation as the stand-in sees it: what was asked, who listens, what became of it. */
import { randomUUID } from 'node:crypto'
import type { Millis } from '../../../src/units.ts'
import type { FunctionError } from './runtime-api.ts'

/** Takes the response as it comes; the environment waits for what it returns. */
export type Sink = (bytes: Buffer) => Promise<void> | void

/** `tail`: the log of the invocation, line by line. */
export type Ending = { error: FunctionError | null; tail: readonly string[] }

export class Invocation {
  readonly id: string = randomUUID()
  readonly startedAt: Millis = Date.now()
  readonly function: string
  readonly version: string
  readonly arn: string
  readonly event: Buffer
  /** Whether an environment was started for it. */
  cold = false
  /** The client hung up before the end; the worker is not told. */
  clientGone = false
  ending: Ending | null = null
  readonly ended: Promise<Ending>
  private settle: (ending: Ending) => void = () => {}
  readonly sink: Sink

  constructor(asked: { function: string; version: string; arn: string; event: Buffer }, sink: Sink) {
    this.function = asked.function
    this.version = asked.version
    this.arn = asked.arn
    this.event = asked.event
    this.sink = sink
    this.ended = new Promise((resolve) => {
      this.settle = resolve
    })
  }

  end(ending: Ending): void {
    this.ending ??= ending
    this.settle(this.ending)
  }
}
