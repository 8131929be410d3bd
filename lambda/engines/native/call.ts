/**
 * A request on the wire and its answer: what the flow side of the native engine and its transport side both know. The flow makes a
 * Call and hands it to an Agent; the agent fills in times and the answer and tells of it. Times are microseconds on the worker's clock.
 */
import type { SecureContextOptions } from 'node:tls'
import type { Micros, Millis } from '../../../src/units.ts'
import type { ResponseHead } from './head.ts'

/** What `config.tls` of a script may say, as node:tls means it. */
export type TlsOptions = SecureContextOptions & {
  readonly rejectUnauthorized?: boolean
  readonly servername?: string
}

/** Where requests go: one object for each protocol, host and port (and TLS options of their own), shared by all. */
export type Origin = {
  readonly protocol: 'http:' | 'https:'
  /** A name or an address, an IPv6 address without brackets. */
  readonly host: string
  readonly port: number
  /** As a Host header says it: without the protocol's own port, IPv6 in brackets. */
  readonly hostHeader: string
  readonly tls: TlsOptions | null
}

/** Bytes of an answer that somebody reads, as they come and as they are once their encoding is taken off: what is larger is an error. */
export const MOST_KEPT: number = 32 * 2 ** 20

/** `code` and `message` as node:http, got and agentkeepalive give them for the same misbehaviour. */
export type NetError = { readonly code: string; readonly message: string }

/** Bytes that lie in others, of which there may be more, and which are used again. */
export type Piece = { readonly bytes: Buffer; readonly from: number; readonly to: number }

/** What the parser of an answer reads of a call, and fills in. */
export interface Answer {
  /** The answer to HEAD has no body. */
  readonly isHead: boolean
  /** Whether anybody reads the headers: else they are kept only where one of them has a mark (head.ts). */
  readonly keepsHead: boolean
  /** Whether anybody reads the body: else its bytes are only counted. */
  readonly keepsBody: boolean
  status: number
  statusText: string
  head: ResponseHead | null
  /** Chunks as they came, with the framing taken off, still content-encoded; only with `keepsBody`. */
  body: Buffer[]
  /** In place of `body`: one that came at once and is not encoded. Good until `onEnded` returns. */
  piece: Piece | null
  /** Bytes of the body, as `body` would have them. */
  downloaded: number
}

export interface Call extends Answer {
  readonly origin: Origin
  /** The whole request. A string is latin1. */
  readonly bytes: string | Buffer
  /** From the whole request being written to the answer's headers. */
  readonly timeout: Millis
  /** When it got a connection, be it one to open: a request that waits for a connection of a pool has not been sent yet. */
  sent: Micros
  /** When its bytes went to an open connection. */
  written: Micros
  /** When the headers were complete. */
  firstByte: Micros
  /** When the answer was complete. */
  ended: Micros
  /** What opening took: −1 where the connection was open already, or had no such step. */
  dns: Micros
  tcp: Micros
  tls: Micros
  /** It has a connection (node's ClientRequest 'socket'). May be called inside `send`; the others never are. */
  onSent(): void
  /** The headers are there. */
  onAnswered(): void
  /** The answer is complete and its connection free again. This or `onFailed` is called once. */
  onEnded(): void
  onFailed(error: NetError): void
}
