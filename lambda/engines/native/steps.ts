/** Steps that send nothing. */
import { millisToMicros } from '../../../src/units.ts'
import { thinkTimeOf } from '../think.ts'
import type { Compiling, Spec } from './compile.ts'
import type { Step, User } from './flow.ts'
import { compiled, type Template } from './templates.ts'

export class ThinkStep implements Step {
  private readonly written: Template
  private readonly time: ReturnType<typeof thinkTimeOf>

  constructor(spec: Spec, { jitter, strict }: Compiling) {
    this.written = compiled(spec.think)
    this.time = thinkTimeOf(spec.jitter ?? jitter, strict)
  }

  run(user: User): boolean {
    const time = this.time(this.written(user.context), user.vu.random)
    // The next request is due when the think time is over, not when its timer fired.
    user.intended += millisToMicros(time)
    setTimeout(user.resume, time)
    return false
  }
}

export class LogStep implements Step {
  private readonly text: Template
  private readonly write: Compiling['log']

  constructor(log: unknown, { log: write }: Compiling) {
    this.text = compiled(log)
    this.write = write
  }

  run(user: User): boolean {
    this.write(this.text(user.context))
    user.stepped(user.shared.now())
    return true
  }
}

type Processor = (context: unknown, events: unknown, done: (error?: unknown) => void) => unknown

/** What an asynchronous one rejects with is what went wrong. */
function processorOf(own: Processor): Processor {
  if (own.constructor.name === 'Function') return own
  return (context, events, done) =>
    (own(context, events, done) as Promise<unknown>).then(
      () => done(),
      (error) => done(error || new Error(`rejected with ${error}`)),
    )
}

export class FunctionStep implements Step {
  private readonly name: string
  private readonly call: Processor | null

  constructor(name: string, functions: Record<string, unknown>) {
    const own = functions[name]
    this.name = name
    this.call = typeof own === 'function' ? processorOf(own as Processor) : null
  }

  run(user: User): boolean {
    if (this.call === null) {
      user.events.emit('error', `Undefined function "${this.name}"`)
      user.stepped(user.shared.now())
      return true
    }
    let over = false
    let waits = false
    this.call(user.context, user.events, (error) => {
      over = true
      user.stepped(user.shared.now())
      if (error) user.fail(error)
      else if (waits) user.resume()
      over = !error
    })
    waits = true
    return over
  }
}
