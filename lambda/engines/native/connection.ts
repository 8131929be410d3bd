/**
 * One connection: opened for a call, then lent to one call after another. Every error becomes the `onFailed` of the call at work, in the
 * words of node:http, got and agentkeepalive; of what happens to an idle connection nobody hears.
 */
import type { Micros } from '../../../src/units.ts'
import type { Pool } from './agent.ts'
import { type Call, MOST_KEPT, type NetError } from './call.ts'
import { type Name, netError, type Seeker } from './dns.ts'
import { KEEP_ALIVE, type ResponseHead } from './head.ts'
import { BROKEN, DONE, MORE, ResponseParser } from './http1.ts'
import { Timed } from './wheel.ts'
import { openWire, type Wire } from './wire.ts'

/** agentkeepalive's: an idle connection is closed after that. */
const IDLE: Micros = 4_000_000
/** node's: an address that has not answered by then is given up for the next one. */
const ATTEMPT: Micros = 250_000
/** A request no longer than this is in the kernel's buffer when `write` returns. */
const AT_ONCE = 16_384

const HUNG_UP: NetError = { code: 'ECONNRESET', message: 'socket hang up' }
const CUT_OFF: NetError = { code: 'ECONNRESET', message: 'The server aborted pending request' }
const INACTIVE: NetError = { code: 'ERR_SOCKET_TIMEOUT', message: 'Socket timeout' }

const OPENING = 0
const AT_WORK = 1
/** The answer came before the request was written: it is not to be used before that. */
const WRITING = 2
const IDLING = 3
const DEAD = 4

export class Connection extends Timed implements Seeker {
  /** Links of its pool's list. */
  before: Connection | null = null
  behind: Connection | null = null
  /** Whether it is worth keeping when nobody waits for it. */
  lasts = true
  readonly pool: Pool
  private readonly parser: ResponseParser
  private state = OPENING
  private wire: Wire | null = null
  private call: Call | null = null
  /** When something was last written or read, or opening began. */
  private active: Micros = 0
  /** When the request was written whose answer has not begun; infinite otherwise. */
  private asked: Micros = Number.POSITIVE_INFINITY
  /** Whether the request has left: a long one may take longer than a connection may be silent. */
  private written = true
  private opening: Opening | null = null

  constructor(pool: Pool) {
    super()
    this.pool = pool
    this.parser = new ResponseParser(pool.transport.maxHeader)
  }

  /** Opens it for a call. */
  open(call: Call): void {
    const { names, now, inactivity, wheel } = this.pool.transport
    this.call = call
    this.active = now()
    this.opening = { name: null, turn: 0, failed: [], error: null, since: this.active, tried: this.active }
    wheel.set(this, this.active + inactivity)
    this.give(call, this.active)
    if (this.state !== OPENING) return
    const name = names.find(this.pool.origin.host, this)
    if (name !== null) this.begin(name, name.isAddress ? -1 : 0)
  }

  found(name: Name): void {
    if (this.opening !== null) this.begin(name, this.pool.transport.now() - this.opening.since)
  }

  missed(error: NetError): void {
    if (this.state === OPENING) this.fail(error)
  }

  /** Lends it, idle or just released, to a call. */
  lend(call: Call): void {
    this.state = AT_WORK
    this.call = call
    this.give(call, this.pool.transport.now())
    if (this.call === call) this.write(call)
  }

  /** Nobody needs it now. */
  rest(): void {
    this.state = IDLING
    this.pool.transport.wheel.set(this, this.active + IDLE)
  }

  connected(isTls: boolean): void {
    const { call, opening } = this
    if (call === null || opening === null) return
    const now = this.pool.transport.now()
    this.active = now
    if (isTls) call.tls = now - opening.since
    else {
      call.tcp = now - opening.since
      if (opening.failed.length > 0) opening.name?.demote(opening.failed)
      opening.name = null
    }
    opening.since = now
    if (isTls || this.pool.origin.protocol === 'http:') {
      this.opening = null
      this.state = AT_WORK
      this.write(call)
    }
  }

  read(bytes: Buffer, length: number): void {
    const { call, parser } = this
    // Nobody asked for it: it would be taken for the answer to the next request.
    if (call === null) return this.drop()
    this.active = this.pool.transport.now()
    parser.feed(bytes, length)
    for (;;) {
      const step = parser.next()
      if (step === MORE) return call.keepsBody && call.downloaded > MOST_KEPT ? this.refuse(call) : undefined
      if (step === DONE) return this.end(call)
      if (step === BROKEN) return this.fail({ code: parser.code, message: parser.reason })
      call.firstByte = this.active
      this.asked = Number.POSITIVE_INFINITY
      call.onAnswered()
      if (this.call !== call) return
    }
  }

  /** It would fill the memory. */
  private refuse(call: Call): void {
    this.drop()
    call.onFailed({
      code: 'ERR_BODY_TOO_LARGE',
      message: `An answer of more than ${MOST_KEPT / 2 ** 20} MB is not read`,
    })
  }

  /** The peer sends no more. */
  finish(): void {
    const { call } = this
    if (call === null) this.drop()
    else this.fail(this.state === OPENING || call.head === null ? HUNG_UP : CUT_OFF)
  }

  broke(error: NodeJS.ErrnoException): void {
    const { opening } = this
    this.pool.session = null
    if (opening !== null && opening.name !== null) this.nextAddress(opening, opening.name, netError(error))
    else this.fail(netError(error))
  }

  expire(now: Micros): void {
    const { call, opening } = this
    const { inactivity, wheel } = this.pool.transport
    if (this.state === DEAD) return
    const silent = this.written ? this.active + (this.state === IDLING ? IDLE : inactivity) : now + inactivity
    const late = call === null ? Number.POSITIVE_INFINITY : this.asked + call.timeout * 1000
    const slow = opening === null || !hasMore(opening) ? Number.POSITIVE_INFINITY : opening.tried + ATTEMPT
    const due = Math.min(silent, late, slow)
    if (due > now) wheel.set(this, due)
    else if (silent <= now) this.fail(INACTIVE)
    else if (call !== null && late <= now) {
      this.fail({ code: 'ETIMEDOUT', message: `Timeout awaiting 'response' for ${call.timeout}ms` })
    } else if (opening?.name) {
      const message = `connect ETIMEDOUT ${opening.name.address(opening.turn, opening.failed.length)}:${this.pool.origin.port}`
      this.nextAddress(opening, opening.name, { code: 'ETIMEDOUT', message })
    }
  }

  /** Closes it; the call at work, if there is one, hears nothing. */
  drop(): void {
    if (this.state === DEAD) return
    if (this.wire !== null && this.state !== OPENING) this.pool.resumes(this.wire)
    this.state = DEAD
    this.call = null
    this.opening = null
    this.unwire()
    this.pool.transport.wheel.remove(this)
    this.pool.lost(this)
  }

  private give(call: Call, now: Micros): void {
    call.sent = now
    call.dns = -1
    call.tcp = -1
    call.tls = -1
    call.onSent()
  }

  private begin(name: Name, took: Micros): void {
    const { call, opening } = this
    if (call === null || opening === null) return
    call.dns = took
    if (took > 0) opening.since += took
    opening.name = name
    opening.turn = name.nextTurn()
    this.attempt(opening, name)
  }

  private attempt(opening: Opening, name: Name): void {
    const { now, wheel } = this.pool.transport
    opening.tried = now()
    if (hasMore(opening)) wheel.set(this, opening.tried + ATTEMPT)
    try {
      this.wire = openWire(this, this.pool, name.address(opening.turn, opening.failed.length))
    } catch (error) {
      queueMicrotask(() => this.fail(netError(error as Error)))
    }
  }

  private nextAddress(opening: Opening, name: Name, error: NetError): void {
    opening.error ??= error
    if (!hasMore(opening)) return this.fail(opening.error)
    this.unwire()
    opening.failed.push(name.address(opening.turn, opening.failed.length))
    this.attempt(opening, name)
  }

  private write(call: Call): void {
    const { wire } = this
    const { bytes } = call
    const { inactivity, now, wheel } = this.pool.transport
    if (wire === null) return
    this.parser.begin(call)
    this.written = bytes.length <= AT_ONCE
    if (this.written) wire.write(bytes, 'latin1')
    else this.writeLong(wire, call)
    this.active = now()
    call.written = this.active
    if (this.written) this.asked = this.active
    wheel.set(this, this.active + Math.min(inactivity, call.timeout * 1000))
  }

  /** Node alone knows whether a long request is getting on: its own timeout is the one that counts meanwhile. */
  private writeLong(wire: Wire, call: Call): void {
    const onTimeout = (): void => this.fail(INACTIVE)
    wire.setTimeout(this.pool.transport.inactivity / 1000, onTimeout)
    wire.write(call.bytes, 'latin1', () => {
      wire.setTimeout(0, onTimeout)
      if (wire === this.wire) this.wrote(call)
    })
  }

  private wrote(call: Call): void {
    this.written = true
    this.active = this.pool.transport.now()
    if (this.state === WRITING) this.pool.release(this)
    else if (this.call === call && call.head === null) {
      this.asked = this.active
      this.pool.transport.wheel.set(this, this.active + call.timeout * 1000)
    }
  }

  private end(call: Call): void {
    const { parser } = this
    // What follows the answer does not make it worse: got has told of its end when it hears of the rest.
    const isAlone = parser.next() === MORE
    this.call = null
    call.ended = this.active
    this.lasts = !closesAtOnce(call.head)
    if (!isAlone || !parser.keepsAlive) this.drop()
    else if (this.written) this.pool.release(this)
    else this.state = WRITING
    call.onEnded()
  }

  private fail(error: NetError): void {
    const { call } = this
    this.drop()
    if (call === null) return
    // An answer that ends with its connection has ended, however that did: node's parser hears of it before got hears of the error.
    if (call.head !== null && this.parser.finish()) {
      call.ended = this.pool.transport.now()
      call.onEnded()
    } else call.onFailed(error)
  }

  private unwire(): void {
    const { wire } = this
    if (wire === null) return
    this.wire = null
    wire.connection = null
    wire.destroy()
  }
}

/** What is known while it is being opened. */
type Opening = {
  /** Null before its addresses are known, and once one of them is connected. */
  name: Name | null
  turn: number
  failed: string[]
  /** Of the first address that failed. */
  error: NetError | null
  /** When the step that is under way began. */
  since: Micros
  /** When the address was tried that is being connected. */
  tried: Micros
}

const hasMore = ({ name, failed }: Opening): boolean => name !== null && failed.length + 1 < name.size

/** Node closes a connection one second before its server says it would; not at all kept when that is at once. */
function closesAtOnce(head: ResponseHead | null): boolean {
  if (head === null || (head.marks & KEEP_ALIVE) === 0) return false
  const hint = /^timeout=(\d+)/.exec(String(head.headers['keep-alive']))
  return hint !== null && Number(hint[1]) <= 1
}
