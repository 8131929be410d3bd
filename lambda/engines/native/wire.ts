/** Sockets, and what happens on them told to their connection. */
import { isIP, Socket } from 'node:net'
import { type ConnectionOptions, connect, createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import type { Pool } from './agent.ts'
import type { Origin } from './call.ts'
import type { Connection } from './connection.ts'

/** A socket of a connection; of none once that has let go of it. */
export type Wire = Socket & { connection: Connection | null }

/** All sockets read into the same bytes: whoever wants them later copies them. */
const onread = {
  buffer: Buffer.allocUnsafeSlow(65_536),
  callback(this: Wire, length: number, bytes: Uint8Array): boolean {
    this.connection?.read(bytes as Buffer, length)
    return true
  },
}
const PLAIN = { noDelay: true, onread } as ConstructorParameters<typeof Socket>[0]

/** One for each origin: making one costs more than a connection. */
const contexts = new WeakMap<Origin, SecureContext>()

/** Throws what node throws of TLS options and ports that are none. */
export function openWire(connection: Connection, pool: Pool, address: string): Wire {
  const { origin } = pool
  const isTls = origin.protocol === 'https:'
  const wire = (isTls ? secured(pool, address) : new Socket(PLAIN)) as Wire
  wire.connection = connection
  wire.on('connect', onConnect)
  wire.on('end', onEnd)
  wire.on('error', onError)
  if (isTls) wire.on('close', onEnd)
  else wire.connect(origin.port, address)
  return wire
}

function secured(pool: Pool, address: string): Socket {
  const { origin } = pool
  const { host, port, tls } = origin
  const context = contexts.get(origin) ?? createSecureContext(tls ?? {})
  contexts.set(origin, context)
  const socket = connect({
    host: address,
    port,
    servername: tls?.servername ?? (isIP(host) === 0 ? host : ''),
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: tls?.rejectUnauthorized ?? true,
    secureContext: context,
    ...(pool.session === null ? {} : { session: pool.session }),
    onread,
  } as ConnectionOptions)
  socket.setNoDelay(true)
  socket.on('secureConnect', onSecure)
  return socket
}

/** What another connection of the same agent may go on with; asked for when one is lost, since to be told of it costs every handshake. */
export const sessionOf = (wire: Wire): Buffer | null =>
  wire instanceof TLSSocket ? ((wire as TLSSocket).getSession() ?? null) : null

function onConnect(this: Socket): void {
  ;(this as Wire).connection?.connected(false)
}

function onSecure(this: Socket): void {
  ;(this as Wire).connection?.connected(true)
}

function onEnd(this: Socket): void {
  ;(this as Wire).connection?.finish()
}

function onError(this: Socket, error: NodeJS.ErrnoException): void {
  ;(this as Wire).connection?.broke(error)
}
