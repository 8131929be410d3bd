/** The headers of a compiled request: what is known of them beforehand is one text, and looked at once. */
import type { Address } from './address.ts'
import { ENCODINGS } from './draft.ts'
import type { UserContext } from './flow.ts'
import { GOT_AGENT, type Headers, headerLine, linesOf, sendable } from './message.ts'
import { compiled, isConstant, type Template } from './templates.ts'

/** A piece that is the same for all, or a header to be filled in. */
type Piece = string | { name: string; fill: Template }

/** Got and node look whether these are there. What leads a connection is none of a compiled request's. */
const LOOKED_AT = ['host', 'accept-encoding', 'user-agent']

type Sent = { method: string; type: string | null; decompress: boolean }

export class CompiledHeaders {
  private readonly pieces: readonly Piece[]
  /** Got's, after the script's own and the body's length. */
  private readonly last: string
  private readonly names: ReadonlySet<string>
  private readonly type: string | null
  private readonly isBodiless: boolean
  private origin: Address['origin'] | null = null
  private end = ''

  private readonly given: Headers
  private readonly sent: Sent
  /** Whether a template decides which headers there are: it may turn out to be none. */
  private readonly varies: boolean

  /** `type`: of the body, unless the script says another. `isFilled`: what looks like a template is none. */
  constructor(given: Headers, sent: Sent, isFilled = false) {
    const headers = sendable(given)
    const { method, type, decompress } = sent
    const names = new Set(Object.keys(headers))
    this.given = headers
    this.sent = sent
    this.varies = !isFilled && LOOKED_AT.some((name) => !isConstant(headers[name]))
    const pieces: Piece[] = names.has('user-agent') ? [] : [GOT_AGENT]
    for (const [name, value] of Object.entries(headers))
      pieces.push(isFilled ? filled(name, value) : pieceOf(name, value))
    this.type = type
    if (type !== null && !names.has('content-type')) pieces.push(headerLine('content-type', type))
    this.pieces = joined(pieces)
    this.names = names
    this.last = decompress && !names.has('accept-encoding') ? `accept-encoding: ${ENCODINGS}\r\n` : ''
    this.isBodiless = ['GET', 'HEAD', 'DELETE', 'OPTIONS'].includes(method)
  }

  /** With what is known only now. Throws node's errors for what is no header. */
  of(context: UserContext): CompiledHeaders {
    if (!this.varies) return this
    const values = Object.entries(this.given).map(([name, value]) => [name, compiled(value)(context)])
    return new CompiledHeaders(Object.fromEntries(values), this.sent, true)
  }

  /** `length`: of the body, null without one. Throws node's errors for what is no header. */
  lines(context: UserContext, length: number | null): string {
    let lines = ''
    for (const piece of this.pieces) {
      if (typeof piece === 'string') lines += piece
      else lines += filled(piece.name, this.typed(piece.name, piece.fill(context)))
    }
    if (length !== null) lines += `content-length: ${length}\r\n`
    return lines + this.last
  }

  /** Got takes nothing but a text for a type. */
  private typed(name: string, value: unknown): unknown {
    return name === 'content-type' && this.type !== null && typeof value !== 'string' ? this.type : value
  }

  /** What node adds behind them. */
  closing(origin: Address['origin'], hasBody: boolean): string {
    if (this.origin !== origin) {
      const host = this.names.has('host') ? '' : `Host: ${origin.hostHeader}\r\n`
      this.end = `${host}Connection: keep-alive\r\n`
      this.origin = origin
    }
    return `${this.end}${hasBody || this.isBodiless ? '' : 'Content-Length: 0\r\n'}\r\n`
  }
}

/** What is wrong with a header is told when it is to be sent. */
function pieceOf(name: string, value: unknown): Piece {
  if (!isConstant(value)) return { name, fill: compiled(value) }
  try {
    return filled(name, value)
  } catch {
    return { name, fill: () => value }
  }
}

function filled(name: string, value: unknown): string {
  if (value === undefined) return ''
  return linesOf(name, value)
}

function joined(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = []
  for (const piece of pieces) {
    const before = all.at(-1)
    if (typeof piece === 'string' && typeof before === 'string') all[all.length - 1] = before + piece
    else all.push(piece)
  }
  return all
}
