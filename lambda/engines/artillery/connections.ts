/**
 * When a request got its connection, and what making that took. Node says it of every request in this process; the engine asks for
 * those that are its own. A request that waits for a connection of a pool has not been sent yet.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ClientRequest } from 'node:http'
import type { Socket } from 'node:net'
import type { Micros } from '../../../src/units.ts'

/** `sent`: when its bytes were handed to a socket. The others are -1 on a connection that was open already, or without that step. */
type Connection = { sent: Micros; dns: Micros; tcp: Micros; tls: Micros }

const CREATED = 'http.client.request.created'

export type Connections = {
  /** Undefined before it has one. */
  of(request: ClientRequest): Connection | undefined
  close(): void
}

export function followConnections(now: () => Micros): Connections {
  const known = new WeakMap<ClientRequest, Connection>()
  const created = (message: unknown): void => {
    const { request } = message as { request: ClientRequest }
    request.once('socket', (socket) => {
      const connection: Connection = { sent: now(), dns: -1, tcp: -1, tls: -1 }
      known.set(request, connection)
      if (socket.connecting) timeOpening(socket, connection, now)
    })
  }
  subscribe(CREATED, created)
  return {
    of: (request) => known.get(request),
    close: () => void unsubscribe(CREATED, created),
  }
}

/** Each step from the end of the one before it; an address needs no lookup. */
function timeOpening(socket: Socket, connection: Connection, now: () => Micros): void {
  let from = connection.sent
  const step = (event: string, part: 'dns' | 'tcp' | 'tls'): void =>
    void socket.once(event, () => {
      const at = now()
      connection[part] = Math.round(at - from)
      from = at
    })
  step('lookup', 'dns')
  step('connect', 'tcp')
  if ('encrypted' in socket) step('secureConnect', 'tls')
}
