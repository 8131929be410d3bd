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
import type { Piece } from './call.ts'
import type { UserContext } from './flow.ts'
import { follow, valueReader } from './json.ts'
import { isTemplate } from './templates.ts'

/** An answer as captures read it. `read` gives the same text each time, and throws what is wrong with a body's encoding. */
type Readable = { readonly headers: IncomingHttpHeaders; readonly piece: Piece | null; read(): string }
/** `done`: whether all that must be there was, and the outcome as Artillery tells of it. */
type Take = (answer: Readable, context: UserContext, done: (held: boolean, result: unknown) => void) => void
/** `readsHead`: whether they look at more of an answer than its body. */
export type Captures = { take: Take; readsHead: boolean }

/** Read once, however many captures there are. */
class Opened {
  private readonly answer: Readable
  private parsed: unknown
  private isParsed = false

  /** Throws what is wrong with a body's encoding. */
  constructor(answer: Readable) {
    this.answer = answer
    if (answer.piece === null) answer.read()
  }

  get piece(): Piece | null {
    return this.answer.piece
  }

  get body(): string {
    return this.answer.read()
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
/** `secret`: what it captures is, by its name. `ofHead`: it is a header. */
type Capture = { as: string; plain: boolean; secret: boolean; strict: unknown; ofHead: boolean; read: Read }
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
  const isOnly = captures.filter((one) => isObject(one) && one.json !== undefined).length === 1
  const compiled = captures.map((one) => compiledCapture(one, isOnly))
  // Of two captures of one name, Artillery looks at the last.
  const names = new Set(compiled.map((one) => one?.as))
  if (matches.length > 0 || compiled.includes(null) || names.size < compiled.length) {
    return { take: asked(params, learn), readsHead: true }
  }
  return { take: all(compiled as Capture[], learn), readsHead: compiled.some((one) => one?.ofHead) }
}

function compiledCapture(spec: unknown, isOnly: boolean): Capture | null {
  if (!isObject(spec) || typeof spec.as !== 'string' || spec.value !== undefined) return null
  const read = readerOf(spec, isOnly)
  const { as, strict } = spec
  const plain = PLAIN_NAME.test(as) && as !== '__proto__'
  const ofHead = typeof spec.json !== 'string' && typeof spec.regexp !== 'string'
  return read && { as, plain, secret: isSecretName(as), strict, ofHead, read }
}

function readerOf(spec: Record<string, unknown>, isOnly: boolean): Read | null {
  const { json, regexp, header, xpath, group, flags, multiple } = spec
  if (typeof json === 'string') return multiple === undefined ? pathReader(json, isOnly) : null
  if (xpath !== undefined) return null
  if (typeof regexp === 'string') return isTemplate(regexp) ? null : patternReader(regexp, flags, group)
  if (typeof header !== 'string' || isTemplate(header)) return null
  return ({ headers }) => headers[header] || ''
}

/** What Artillery's JSONPath finds by a path of own properties: each must be there. `isOnly`: nobody else looks into the same JSON. */
function pathReader(path: string, isOnly: boolean): Read | null {
  if (!PATH.test(path)) return null
  const names = [...path.matchAll(PATH_PART)].map(([, name, index, quoted]) => name ?? index ?? quoted ?? '')
  const valueIn = valueReader(names)
  return (answer) => (isOnly && answer.piece !== null ? valueIn(answer.piece) : follow(answer.json(), names))
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

function all(captures: readonly Capture[], learn: Learn): Take {
  const keep = ({ as, plain, secret }: Capture, value: unknown, { vars }: UserContext): void => {
    if (secret) learn(secretsIn({ [as]: value }))
    if (plain) vars[as] = value
    else set(vars, as, value)
  }
  return (answer, context, done) => {
    const opened = new Opened(answer)
    const values: unknown[] = new Array(captures.length)
    let held = true
    for (let i = 0; i < captures.length; i++) {
      const capture = captures[i] as Capture
      values[i] = found(capture.read, opened)
      if (isMissing(values[i], capture, context)) held = false
    }
    if (held) for (let i = 0; i < captures.length; i++) keep(captures[i] as Capture, values[i], context)
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
  (params: Record<string, unknown>, learn: Learn): Take =>
  (answer, context, done) =>
    captureOrMatch(params, { headers: answer.headers, body: answer.read() }, context, (_error, outcome) => {
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
