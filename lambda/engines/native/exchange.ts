/**
 * A request on its way and what came back: one for each hop of a redirect. It counts and times itself, under our names and under
 * Artillery's, and hands the last answer to its step.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { Micros, Millis } from '../../../src/units.ts'
import { addressOf } from './address.ts'
import type { Call, NetError, Origin, Piece } from './call.ts'
import type { Count } from './count.ts'
import { bytesOf, type Draft, type Params, textOf, withCookies, without } from './draft.ts'
import type { User } from './flow.ts'
import { CONTENT_ENCODING, LOCATION, type ResponseHead, SET_COOKIE } from './head.ts'
import { GotError } from './message.ts'
import type { RequestStep } from './request.ts'

/** As got: more than these are a loop. */
const REDIRECTS = 10
const FOLLOWED = new Set([300, 301, 302, 303, 304, 307, 308])

/** `request`: as hooks have seen it. `asked`: the URL before all redirects. `hops`: how many came before this one. */
type Sending = {
  user: User
  step: RequestStep
  draft: Draft
  request: Params | null
  asked: string
  hops: number
  intended: Micros
}

export class Exchange implements Call {
  readonly user: User
  readonly step: RequestStep
  readonly draft: Draft
  readonly request: Params | null
  readonly count: Count
  readonly origin: Origin
  readonly bytes: string | Buffer
  readonly isHead: boolean
  readonly keepsHead: boolean
  readonly keepsBody: boolean
  readonly timeout: Millis
  readonly asked: string
  readonly hops: number
  readonly intended: Micros
  sent: Micros = 0
  written: Micros = 0
  firstByte: Micros = 0
  ended: Micros = 0
  dns: Micros = -1
  tcp: Micros = -1
  tls: Micros = -1
  status = 0
  statusText = ''
  head: ResponseHead | null = null
  body: Buffer[] = []
  piece: Piece | null = null
  downloaded = 0
  private text: string | null = null

  constructor({ user, step, draft, request, asked, hops, intended }: Sending) {
    this.user = user
    this.step = step
    this.draft = draft
    this.request = request
    this.asked = asked
    this.hops = hops
    this.intended = intended
    this.count = step.countFor(user)
    this.origin = draft.address.origin
    this.bytes = draft.bytes ?? bytesOf(draft)
    this.isHead = draft.method === 'HEAD'
    this.keepsHead = step.readsHead
    this.keepsBody = step.readsBody
    this.timeout = draft.timeout
  }

  send(): void {
    this.user.sentAny = true
    this.count.sent()
    this.user.agent.send(this)
  }

  onSent(): void {}

  onAnswered(): void {
    this.count.answered(this)
  }

  onEnded(): void {
    const { user, step } = this
    const marks = this.head?.marks ?? 0
    user.status = this.status
    const { follows } = this
    this.count.ended(this, follows)
    user.context._successCount++
    try {
      if ((marks & SET_COOKIE) !== 0) this.keepCookies()
      if (follows) this.follow()
      else step.answered(this)
    } catch (error) {
      step.failed(user, error, this.request)
    }
    this.piece = null
  }

  onFailed(error: NetError): void {
    this.count.failed()
    this.step.failed(this.user, new GotError(error.message, { ...error, name: this.nameOf(error) }), this.request)
  }

  /** Whether the answer leads on to the next request. */
  private get follows(): boolean {
    return this.draft.follow && ((this.head?.marks ?? 0) & LOCATION) !== 0 && FOLLOWED.has(this.status)
  }

  private nameOf({ message }: NetError): string {
    if (message === 'The server aborted pending request') return 'ReadError'
    return message.startsWith('Timeout awaiting') ? 'TimeoutError' : 'RequestError'
  }

  /** As captures and hooks read them. */
  get headers(): IncomingHttpHeaders {
    return this.head?.headers ?? {}
  }

  /**
   * The body, read once: who hears of what Artillery has captured may hear of it later, when `piece` is gone. Throws zlib's errors.
   */
  read(): string {
    this.text ??= this.decoded()
    return this.text
  }

  private decoded(): string {
    const { piece } = this
    if (piece !== null) return piece.bytes.toString('utf8', piece.from, piece.to)
    const isCoded = ((this.head?.marks ?? 0) & CONTENT_ENCODING) !== 0
    return textOf(this.body, isCoded && this.draft.decompress ? this.headers['content-encoding'] : undefined)
  }

  /** Into the jar that the request came with. Without one, the first cookies open the virtual user's, as set by what it asked for. */
  private keepCookies(): void {
    const { user, step, draft, asked } = this
    const cookies = this.head?.headers['set-cookie'] ?? []
    const jar = step.compiling.jarOf(user)
    const { _enableCookieJar: isOpen } = user.context
    user.context._enableCookieJar = true
    for (const cookie of cookies) {
      try {
        if (draft.jar !== null) jar.setCookieSync(cookie, draft.address.href)
        if (!isOpen) jar.setCookieSync(cookie, asked)
      } catch {
        user.events.emit('error', 'cookie_parse_error_invalid_cookie')
      }
    }
  }

  private follow(): void {
    if (this.hops >= REDIRECTS) {
      const names = { code: 'ERR_TOO_MANY_REDIRECTS', name: 'MaxRedirectsError' }
      throw new GotError(`Redirected ${REDIRECTS} times. Aborting.`, names)
    }
    const location = Buffer.from(String(this.head?.headers.location), 'latin1').toString()
    const next = redirected(this.draft, new URL(location, this.draft.address.href), this.status)
    if (this.user.shared.over) return this.user.stop()
    new Exchange({ ...this, draft: next, hops: this.hops + 1, intended: this.ended }).send()
  }
}

/** The request that a redirect asks for, as got makes it: only 303 makes it a GET; another host gets no secrets. */
function redirected(draft: Draft, url: URL, status: number): Draft {
  const before = draft.address
  const isGet = status === 303 && draft.method !== 'GET' && draft.method !== 'HEAD'
  const address = addressOf(url, before.origin.tls ?? draft.tls)
  const elsewhere = address.origin.host !== before.origin.host || address.origin.port !== before.origin.port
  let { lines } = draft
  if (isGet) lines = without(lines, 'content-length')
  if (elsewhere) for (const secret of ['host', 'cookie', 'authorization']) lines = without(lines, secret)
  const next = { ...draft, bytes: null, address, lines: withCookies(lines, address, draft.jar) }
  return isGet ? { ...next, method: 'GET', body: null } : next
}
