/**
 * Captures and matches, compiled where their outcome is plain: JSON by a path of names and numbers, regular expressions, headers. All
 * others are Artillery's to read.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { captureOrMatch } from 'artillery-upstream/engine_util'
import set from 'artillery-upstream/set'
import { isObject } from '../../../src/scenario/objects.ts'
import { secretsIn } from '../../../src/secrets/collect.ts'
import { isSecretName } from '../../../src/secrets/names.ts'
import type { UserContext } from './flow.ts'
import { isTemplate } from './templates.ts'

/** An answer as captures read it. `text` throws what is wrong with a body's encoding. */
type Readable = { readonly headers: IncomingHttpHeaders; text(): string }
/** `done`: whether all that must be there was, and the outcome as Artillery tells of it. */
export type Captures = (answer: Readable, context: UserContext, done: (held: boolean, result: unknown) => void) => void

/** Read once, however many captures there are. */
class Opened {
  readonly body: string
  private readonly answer: Readable
  private parsed: unknown
  private isParsed = false

  constructor(answer: Readable) {
    this.answer = answer
    this.body = answer.text()
  }

  get headers(): IncomingHttpHeaders {
    return this.answer.headers
  }

  /** Throws what JSON.parse throws. */
  json(): unknown {
    if (!this.isParsed) this.parsed = JSON.parse(this.body)
    this.isParsed = true
    return this.parsed
  }
}

/** `undefined` where there is nothing. Throws what JSON.parse throws. */
type Read = (answer: Opened) => unknown
/** `secret`: what it captures is, by its name. */
type Capture = { as: string; plain: boolean; secret: boolean; strict: unknown; read: Read }
/** Hears of secrets that the target has given away. */
type Learn = (values: Iterable<string>) => void

const PLAIN_NAME = /^[A-Za-z_$][\w$]*$/
const PATH = /^\$(?:\.[A-Za-z_]\w*|\[\d+\]|\['[\w -]+'\])+$/
const PATH_PART = /\.([A-Za-z_]\w*)|\[(\d+)\]|\['([\w -]+)'\]/g

/** Null when there is nothing to read. `params`: of the request, as written. */
export function capturesOf(params: Record<string, unknown>, learn: Learn): Captures | null {
  const { capture, match } = params
  const captures = [capture ?? []].flat()
  const matches = [match ?? []].flat()
  if (captures.length + matches.length === 0) return null
  const compiled = captures.map(compiledCapture)
  // Of two captures of one name, Artillery looks at the last.
  const names = new Set(compiled.map((one) => one?.as))
  if (matches.length > 0 || compiled.includes(null) || names.size < compiled.length) return asked(params, learn)
  return all(compiled as Capture[], learn)
}

function compiledCapture(spec: unknown): Capture | null {
  if (!isObject(spec) || typeof spec.as !== 'string' || spec.value !== undefined) return null
  const read = readerOf(spec)
  const { as, strict } = spec
  return read && { as, plain: PLAIN_NAME.test(as) && as !== '__proto__', secret: isSecretName(as), strict, read }
}

function readerOf({ json, regexp, header, xpath, group, flags, multiple }: Record<string, unknown>): Read | null {
  if (typeof json === 'string') return multiple === undefined ? pathReader(json) : null
  if (xpath !== undefined) return null
  if (typeof regexp === 'string') return isTemplate(regexp) ? null : patternReader(regexp, flags, group)
  if (typeof header !== 'string' || isTemplate(header)) return null
  return ({ headers }) => headers[header] || ''
}

/** What Artillery's JSONPath finds by a path of own properties: each must be there. */
function pathReader(path: string): Read | null {
  if (!PATH.test(path)) return null
  const names = [...path.matchAll(PATH_PART)].map(([, name, index, quoted]) => name ?? index ?? quoted ?? '')
  return (answer) => {
    let at = answer.json()
    if (typeof at !== 'object' || at === null) return ''
    for (const name of names) {
      if (!at || !Object.hasOwn(at as object, name)) return undefined
      at = (at as Record<string, unknown>)[name]
    }
    return at
  }
}

function patternReader(pattern: string, flags: unknown, group: unknown): Read | null {
  const name = group as string
  try {
    const expression = flags ? new RegExp(pattern, String(flags)) : new RegExp(pattern)
    return ({ body }) => {
      expression.lastIndex = 0
      const match = expression.exec(body)
      if (!match) return ''
      if (group && match.groups) return match.groups[name]
      return (group && match[Number(group)]) || match[0] || ''
    }
  } catch {
    // Artillery says what is wrong with it, when a request gets there.
    return null
  }
}

/** What is missing ends the virtual user, unless it may be: `strict: false` of its own, or of the script. */
const isMissing = (value: unknown, { strict }: Capture, { _defaultStrictCapture }: UserContext): boolean =>
  (value === undefined || value === '') && strict !== false && (_defaultStrictCapture || strict !== undefined)

function all(captures: readonly Capture[], learn: Learn): Captures {
  return (answer, context, done) => {
    const opened = new Opened(answer)
    const values = captures.map(({ read }) => found(read, opened))
    const held = !captures.some((capture, i) => isMissing(values[i], capture, context))
    if (held) {
      captures.forEach(({ as, plain, secret }, i) => {
        if (secret) learn(secretsIn({ [as]: values[i] }))
        if (plain) context.vars[as] = values[i]
        else set(context.vars, as, values[i])
      })
    }
    done(held, null)
  }
}

function found(read: Read, answer: Opened): unknown {
  try {
    return read(answer)
  } catch {
    return undefined
  }
}

type Outcome = {
  captures: Record<string, { value?: unknown; failed?: boolean }>
  matches: Record<string, { success?: boolean; strict?: unknown }>
}

const asked =
  (params: Record<string, unknown>, learn: Learn): Captures =>
  (answer, context, done) =>
    captureOrMatch(params, { headers: answer.headers, body: answer.text() }, context, (_error, outcome) => {
      const { captures, matches } = outcome as Outcome
      const held =
        !Object.values(matches).some(({ success, strict }) => !success && strict !== false) &&
        !Object.values(captures).some(({ failed }) => failed)
      for (const [name, { value }] of Object.entries(captures)) {
        if (isSecretName(name)) learn(secretsIn({ [name]: value }))
        if (held) set(context.vars, name, value)
      }
      done(held, outcome)
    })
