/** A request step, compiled: what can be known of it before a virtual user gets there is worked out once. */
import { compileExpression } from 'filtrex'
import { pathOf } from '../endpoint.ts'
import { type Captures, capturesOf } from './captures.ts'
import type { Compiling } from './compile.ts'
import { Count } from './count.ts'
import type { Draft, Params } from './draft.ts'
import { Exchange } from './exchange.ts'
import type { Step, User } from './flow.ts'
import { type Handlers, handlersOf } from './handlers.ts'
import { maker } from './maker.ts'
import { GotError } from './message.ts'

const NOTHING_FOUND = 'Failed capture or match'

export class RequestStep implements Step {
  readonly method: string
  readonly params: Params
  /** `GET /items/{{ id }}`, or the request's name: both as written. */
  readonly endpoint: string
  readonly readsHead: boolean
  readonly readsBody: boolean
  readonly compiling: Compiling
  private readonly handlers: Handlers
  private readonly captures: Captures | null
  private readonly counts: Count[] = []
  private readonly chance: number | null
  private readonly condition: ((vars: Record<string, unknown>) => unknown) | null
  private readonly make: (user: User) => Draft

  constructor(method: string, params: Params, compiling: Compiling) {
    this.method = method
    this.params = params
    this.compiling = compiling
    const url = String(params.url || params.uri)
    this.endpoint = typeof params.name === 'string' ? params.name : `${method} ${pathOf(url, compiling.target)}`
    this.captures = capturesOf(params, compiling.learn)
    this.handlers = handlersOf(this)
    this.readsHead = this.handlers.readAnswer || (this.captures?.readsHead ?? false)
    this.readsBody = this.handlers.readAnswer || this.captures !== null
    this.chance = params.probability === undefined ? null : Number(params.probability)
    this.condition = params.ifTrue === undefined ? null : conditionOf(params.ifTrue, compiling.functions)
    this.make = maker(method, params, compiling)
  }

  run(user: User): boolean {
    if (!this.isDrawn(user) || !this.holds(user)) {
      user.stepped(user.shared.now())
      return true
    }
    if (user.shared.over) user.stop()
    else this.begin(user)
    return false
  }

  private isDrawn({ vu }: User): boolean {
    if (this.chance === null) return true
    // Artillery draws one of 101 numbers, so that even 100 skips one request in a hundred.
    const drawn = this.compiling.strict ? Math.floor(vu.random() * 101) : vu.random() * 100
    return drawn < this.chance
  }

  /** What cannot be worked out holds. */
  private holds({ context }: User): boolean {
    if (this.condition === null) return true
    try {
      return Boolean(this.condition(context.vars))
    } catch {
      return true
    }
  }

  private begin(user: User): void {
    user.endpoint = this.endpoint
    user.status = null
    if (this.handlers.before !== null) this.handlers.before(user)
    else this.send(user, null, this.make)
  }

  /** What `make` throws that got would not, hooks for errors do not hear of. `request`: as hooks have seen it. */
  send(user: User, request: Params | null, make: (user: User) => Draft): void {
    let draft: Draft
    try {
      draft = make(user)
    } catch (error) {
      if (error instanceof GotError) this.failed(user, error, request)
      else user.fail(error)
      return
    }
    const asked = draft.address.href
    new Exchange({ user, step: this, draft, request, asked, hops: 0, intended: user.intends() }).send()
  }

  countFor({ vu }: User): Count {
    const known = this.counts[vu.phase]
    if (known !== undefined) return known
    const { recorder, scenario, warmUp, http } = this.compiling
    const apart = warmUp.includes(vu.phase)
    const place = recorder.place(this.endpoint, scenario, vu.phase, apart)
    const count = new Count(recorder, place, apart ? null : http)
    this.counts[vu.phase] = count
    return count
  }

  /** The last answer of the request is whole. */
  answered(exchange: Exchange): void {
    const { user } = exchange
    if (this.captures === null) return this.handlers.after(exchange, true)
    this.captures.take(exchange, user.context, (held) => this.handlers.after(exchange, held))
  }

  /** After all hooks. */
  finish({ user, ended }: Exchange, held: boolean, at = ended): void {
    user.stepped(at)
    if (held) user.resume()
    else user.fail(new Error(NOTHING_FOUND))
  }

  /** Nothing was sent, or no whole answer came. */
  failed(user: User, cause: unknown, request: Params | null): void {
    const { code = 'ERR_GOT_REQUEST_ERROR', message = String(cause) } = Object(cause) as {
      code?: string
      message?: string
    }
    const name = cause instanceof GotError ? cause.name : 'RequestError'
    const error = Object.assign(new Error(message, { cause }), { name, code })
    this.handlers.failed(user, error, request)
  }
}

function conditionOf(ifTrue: unknown, functions: Record<string, unknown>): (vars: Record<string, unknown>) => unknown {
  const own = functions[String(ifTrue)]
  if (typeof own === 'function') return own as (vars: Record<string, unknown>) => unknown
  try {
    return compileExpression(String(ifTrue))
  } catch {
    return () => true
  }
}
