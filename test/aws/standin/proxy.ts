/** Passes requests on as they are, and their answers back. */
import { Agent, request as ask, type IncomingMessage, type ServerResponse } from 'node:http'
import { bodyOf } from './http.ts'

// A connection each: one that is kept may be closed by its other end just when it is used again.
const agent = new Agent({ keepAlive: false })

export type Whole = { status: number; headers: NodeJS.Dict<string | string[]>; body: Buffer }

/** Sends the request, with `body` in the place of its own if one is given, and resolves when the answer begins. */
export function forward(to: string, request: IncomingMessage, body: Buffer | null): Promise<IncomingMessage> {
  // The client had its 100 Continue from us, and its connection is another.
  const { expect, connection, ...headers } = request.headers
  if (body !== null) headers['content-length'] = String(body.length)
  const { hostname, port } = new URL(to)
  return new Promise((resolve, reject) => {
    const asked = ask({ agent, hostname, port, method: request.method, path: request.url, headers }, resolve)
    asked.on('error', reject)
    request.on('error', reject)
    if (body === null) request.pipe(asked)
    else asked.end(body)
  })
}

/** The same, to the answer's end. */
export async function forwardWhole(to: string, request: IncomingMessage, body: Buffer): Promise<Whole> {
  const answer = await forward(to, request, body)
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await bodyOf(answer) }
}

export function passOn(answer: IncomingMessage, response: ServerResponse): void {
  const { connection, ...headers } = answer.headers
  response.writeHead(answer.statusCode ?? 502, headers)
  answer.pipe(response)
}

export function sendWhole(response: ServerResponse, { status, headers, body }: Whole): void {
  const { 'transfer-encoding': chunked, connection, ...rest } = headers
  response.writeHead(status, { ...rest, 'content-length': body.length })
  response.end(body)
}
