/**
 * The transport side of the native engine. A Transport is what all virtual users of a worker share: clock, wheel, names. An Agent is what
 * node's http.Agent is to Artillery: the connections of one virtual user, or of a pool. Calls wait in the order they came, per origin.
 */
import type { Micros, Millis } from '../../../src/units.ts'
import type { Call, Origin } from './call.ts'
import { Connection } from './connection.ts'
import { type Lookup, Names, type NameTargets } from './dns.ts'
import { Wheel } from './wheel.ts'
import { sessionOf, type Wire } from './wire.ts'

/** Node's limit on a head: status text, header names and values together. */
const MAX_HEADER = 16_384

type TransportOptions = {
  now: () => Micros
  /** A connection at work on which nothing has moved for so long is closed: ERR_SOCKET_TIMEOUT. */
  inactivity: Millis
  maxHeader?: number
  targets: NameTargets
  lookup?: Lookup
}

export class Transport {
  readonly now: () => Micros
  readonly inactivity: Micros
  readonly maxHeader: number
  readonly wheel: Wheel
  readonly names: Names
  /** Being opened, at work or idle. */
  openConnections = 0
  /** Nothing more is sent: what waits for a connection goes on waiting. */
  isStopped = false

  constructor({ now, inactivity, maxHeader, targets, lookup }: TransportOptions) {
    this.now = now
    this.inactivity = inactivity * 1000
    this.maxHeader = maxHeader ?? MAX_HEADER
    this.wheel = new Wheel(now)
    this.names = new Names(now, targets, lookup)
  }

  /** Closes every connection; calls at work hear nothing. */
  close(): void {
    for (const connection of this.wheel.all()) (connection as Connection).pool.abort()
  }
}

export class Agent {
  private readonly transport: Transport
  private readonly most: number
  /** Most virtual users know one origin: the map is for those with more. */
  private first: Pool | null = null
  private others: Map<Origin, Pool> | null = null
  private isClosing = false

  /** `most`: connections to one origin. */
  constructor(transport: Transport, most: number) {
    this.transport = transport
    this.most = most
  }

  /** Carries out the call when a connection is free. */
  send(call: Call): void {
    this.pool(call.origin).send(call)
  }

  /** No more calls come: idle connections are closed, those at work when their call has ended. */
  close(): void {
    this.isClosing = true
    this.first?.close()
    if (this.others !== null) for (const pool of this.others.values()) pool.close()
  }

  /** Drops its calls, which hear nothing of it, and its connections. */
  abort(): void {
    this.first?.abort()
    if (this.others !== null) for (const pool of this.others.values()) pool.abort()
  }

  private pool(origin: Origin): Pool {
    const { first } = this
    if (first !== null && first.origin === origin) return first
    if (first === null) {
      this.first = new Pool(this.transport, origin, this.most, this.isClosing)
      return this.first
    }
    this.others ??= new Map()
    const pool = this.others.get(origin) ?? new Pool(this.transport, origin, this.most, this.isClosing)
    this.others.set(origin, pool)
    return pool
  }
}

/** The connections of an agent to one origin. */
export class Pool {
  readonly transport: Transport
  readonly origin: Origin
  /** Of the last TLS handshake, for the next one. */
  session: Buffer | null = null
  private readonly most: number
  private isClosing: boolean
  private size = 0
  /** Linked lists: the idle connection used last comes first, as in node. */
  private idle: Connection | null = null
  private busy: Connection | null = null
  private waiting: Call[] | null = null
  private served = 0

  constructor(transport: Transport, origin: Origin, most: number, isClosing: boolean) {
    this.transport = transport
    this.origin = origin
    this.most = most
    this.isClosing = isClosing
  }

  send(call: Call): void {
    const connection = this.idle
    if (connection !== null) {
      this.unlink(connection)
      this.busy = link(connection, this.busy)
      connection.lend(call)
    } else if (this.size < this.most) this.open(call)
    else {
      this.waiting ??= []
      this.waiting.push(call)
    }
  }

  /** Its call has ended, and it may be used again. */
  release(connection: Connection): void {
    const call = this.next()
    if (call !== null) connection.lend(call)
    else if (this.isClosing || !connection.lasts) connection.drop()
    else {
      this.unlink(connection)
      connection.rest()
      this.idle = link(connection, this.idle)
    }
  }

  /** It is closed. */
  lost(connection: Connection): void {
    this.unlink(connection)
    this.size--
    this.transport.openConnections--
    const call = this.next()
    if (call !== null) this.open(call)
  }

  /** A connection is lost: the next one may go on with its TLS session, if there will be one. */
  resumes(wire: Wire): void {
    if (!this.isClosing) this.session = sessionOf(wire) ?? this.session
  }

  close(): void {
    this.isClosing = true
    while (this.idle !== null) this.idle.drop()
  }

  abort(): void {
    this.waiting = null
    while (this.idle !== null) this.idle.drop()
    while (this.busy !== null) this.busy.drop()
  }

  private open(call: Call): void {
    const connection = new Connection(this)
    this.busy = link(connection, this.busy)
    this.size++
    this.transport.openConnections++
    connection.open(call)
  }

  private next(): Call | null {
    const { waiting } = this
    if (waiting === null || this.transport.isStopped) return null
    const call = waiting[this.served++] as Call
    if (this.served === waiting.length) {
      this.waiting = null
      this.served = 0
    } else if (this.served === 1024) {
      waiting.splice(0, 1024)
      this.served = 0
    }
    return call
  }

  private unlink(connection: Connection): void {
    const { before, behind } = connection
    if (behind !== null) behind.before = before
    if (before !== null) before.behind = behind
    else if (this.idle === connection) this.idle = behind
    else this.busy = behind
    connection.before = null
    connection.behind = null
  }
}

function link(connection: Connection, first: Connection | null): Connection {
  connection.behind = first
  if (first !== null) first.before = connection
  return connection
}
