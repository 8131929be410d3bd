/**
 * Tells of each step by itself, when scenarios are tried out: what was answered, what was asserted of it, and why it failed. Under
 * load nobody asks, and nothing here runs.
 */
import type { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Step } from 'artillery-upstream/step'
import type { StepResult } from '../../../src/measure/acceptance.ts'
import type { Micros } from '../../../src/units.ts'
import type { Vu } from '../engine.ts'

type Spec = Record<string, unknown>

/** A request carries the number of its step under this name, so that what is said of it finds its step. */
const MARK = 'slsartStep'

const METHODS: ReadonlySet<string> = new Set(['get', 'post', 'put', 'patch', 'delete', 'head', 'options'])
/** Where messages have their `match`. */
const REPLIES = ['response', 'acknowledge', 'send', 'wait']

type Open = { step: string; began: Micros; status: number | null; asserted: StepResult['asserted'] }
/** `failed`: whether one of its steps has been told as failed. */
type Tried = { vu: Vu; scenario: string; open: Map<number, Open>; told: number; failed: boolean }
type Marked = { uuid: string; [MARK]?: number }

type Match = { success: boolean; strict?: boolean; expression: unknown; expected: unknown; got: unknown }
type Captured = {
  matches: Record<string, Match>
  captures: Record<string, { failed?: boolean }>
}
type Expectations = { results: { ok: boolean; type: string; expected: unknown; got: unknown }[] }

export class Teller {
  private readonly tell: (step: StepResult) => void
  private readonly now: () => Micros
  private readonly own: ReadonlySet<string>
  private readonly redact: (text: string) => string
  private readonly tried = new Map<string, Tried>()
  private readonly requests = new Map<string, Open>()
  private steps = 0

  /** `own`: the functions of the script's processor; those that plugins put there are told of only when they fail. */
  constructor(
    tell: (step: StepResult) => void,
    { now, own, redact }: { now: () => Micros; own: ReadonlySet<string>; redact: (text: string) => string },
  ) {
    this.tell = tell
    this.own = own
    this.redact = redact
    this.now = now
  }

  /** The engine's events say what was answered and asserted. */
  listen(events: EventEmitter): void {
    events.on('trace:http:response', (response: IncomingMessage, uuid: string) => {
      const open = this.requests.get(uuid)
      if (open) open.status = response.statusCode ?? null
    })
    events.on('trace:http:capture', ({ matches, captures }: Captured, uuid: string) => {
      const asserted = this.requests.get(uuid)?.asserted
      for (const { success, strict, expression, expected, got } of Object.values(matches)) {
        const said = `${String(expression)}: expected ${this.shown(expected)}, got ${this.shown(got)}`
        if (strict !== false) asserted?.push({ ok: success, said })
      }
      for (const [name, { failed }] of Object.entries(captures)) {
        if (failed) asserted?.push({ ok: false, said: `nothing to capture as "${name}"` })
      }
    })
    events.on('plugin:expect:expectations', ({ results }: Expectations, { uuid }: Marked) => {
      const asserted = this.requests.get(uuid)?.asserted
      for (const { ok, type, expected, got } of results) {
        asserted?.push({ ok, said: `${type}: expected ${this.shown(expected)}, got ${this.shown(got)}` })
      }
    })
  }

  begin(uid: string, vu: Vu, scenario: string): void {
    this.tried.set(uid, { vu, scenario, open: new Map(), told: 0, failed: false })
  }

  /** A step of the script, to be told of each time it runs. */
  next(): number {
    return this.steps++
  }

  stepBegan(uid: string, number: number, step: string): void {
    this.tried.get(uid)?.open.set(number, { step, began: this.now(), status: null, asserted: [] })
  }

  requested(uid: string, params: Marked): void {
    const open = this.tried.get(uid)?.open.get(params[MARK] ?? -1)
    if (open) this.requests.set(params.uuid, open)
  }

  /** `matched`: it has a `match` that nobody tells of but through the step's error. */
  stepEnded(uid: string, number: number, matched: boolean, error: unknown): void {
    const tried = this.tried.get(uid)
    const open = tried?.open.get(number)
    if (!tried || !open) return
    tried.open.delete(number)
    if (!error && open.step.startsWith(FUNCTION) && !this.own.has(open.step.slice(FUNCTION.length))) return
    if (matched && !error) open.asserted.push({ ok: true, said: 'match' })
    this.say(tried, open, error)
  }

  /** What ended it and was no step's. An engine from npm has no steps that we know of: its session is the one. */
  end(uid: string, error: unknown): void {
    const tried = this.tried.get(uid)
    this.tried.delete(uid)
    if (!tried) return
    // A step that failed leaves those it ran beside open.
    for (const open of error ? tried.open.values() : []) if (!tried.failed) this.say(tried, open, error)
    if (tried.told === 0 || (error && !tried.failed)) {
      this.say(tried, { step: 'scenario', began: tried.vu.started, status: null, asserted: [] }, error)
    }
  }

  /** Cut when nothing secret is in it any more: half a secret shows by no form. */
  private shown(value: unknown): string {
    return this.redact(text(value)).slice(0, LONGEST)
  }

  private say(tried: Tried, { step, began, status, asserted }: Open, error: unknown): void {
    const { vu, scenario } = tried
    const failed = asserted.some(({ ok }) => !ok)
    // The engine ends it with an error of its own that only says that something did not hold.
    const why = error ? String((error as { message?: unknown }).message ?? error) : null
    tried.told++
    tried.failed ||= why !== null
    this.tell({
      ...{ arrival: vu.k, scenario, step, status, asserted },
      ...{ took: Math.round(this.now() - began), error: failed && why === HELD_NOT ? null : why },
    })
  }
}

const FUNCTION = 'function '
const HELD_NOT = 'Failed capture or match'
const LONGEST = 200
const text = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value)))

/** As it stands in the script: `GET /items/{{ id }}`, `think 2`, `function login`. */
function labelOf(spec: Spec): string {
  const [action = '', params] = Object.entries(spec)[0] ?? []
  const { url, name, channel } = Object(params) as Record<string, unknown>
  if (METHODS.has(action)) return String(name ?? `${action.toUpperCase()} ${String(url ?? '/')}`)
  const what = Array.isArray(params) ? params[0] : (channel ?? (typeof params === 'object' ? '' : params))
  return `${action} ${String(what ?? '')}`.trim()
}

/** The step, telling of itself. Loops and parallel steps are what is in them. */
export function told(spec: Spec, { teller }: { teller: Teller | null }, make: (spec: Spec) => Step): Step {
  if (teller === null || spec.loop !== undefined || spec.parallel !== undefined) return make(spec)
  const number = teller.next()
  const [action = '', params] = Object.entries(spec)[0] ?? []
  const step = make(METHODS.has(action) ? { ...spec, [action]: { ...Object(params), [MARK]: number } } : spec)
  const matched = REPLIES.some((key) => Object(spec[key]).match !== undefined)
  return (context, callback) => {
    teller.stepBegan(context._uid, number, labelOf(spec))
    step(context, (error, next) => {
      teller.stepEnded(context._uid, number, matched, error)
      callback(error, next)
    })
  }
}
