/**
 * One invocation over a connection of its own, and what became of it. The SDK's client stalls for 1.1 s while it opens 1,000 streams, and
 * takes 378 MB only to listen to them; the whole conductor with this takes 0.15 s and 310 (bench/streams). Nothing is tried again here: a
 * worker that is started twice doubles the load.
 */
import {
  type ClientRequest,
  type IncomingMessage,
  Agent as PlainAgent,
  request as plainRequest,
  type RequestOptions,
} from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import { createSecureContext } from 'node:tls'
import type { Millis } from '../../units.ts'
import { MessageDecoder, streamEventOf } from './eventstream.ts'
import type { Sign } from './signing.ts'

/** Idle connections are kept alive through NATs, which drop them after 350 s. */
const KEEP_ALIVE: Millis = 30_000
/** A refusal longer than this says no more. */
const MOST_REFUSAL = 64 * 1024

export type Api = { url: URL; sign: Sign; agent: PlainAgent }

/** How a function ended: `error` is null when it returned. `log`: the last 4 kB of what it wrote. */
export type Complete = { kind: 'complete'; error: { code: string; details: string } | null; log: string }
/** `cut`: the connection ended before the answer did. `sent`: the request was out, and a worker may have been started. */
export type Answer =
  | Complete
  | { kind: 'refused'; status: number; code: string; reason: string; message: string }
  | { kind: 'cut'; cause: string; sent: boolean }

export type Invocation = {
  /** Resolves when the request is out, or will never be. */
  sent: Promise<void>
  answer: Promise<Answer>
  /** Closes the connection; the worker goes on. */
  hangUp(cause: string): void
}

export type Called = { function: string; version: string; body: Uint8Array }

/** `read` takes what comes with status 200, and calls back with the end. */
type Way = { path: string; read(response: IncomingMessage, end: (answer: Answer) => void): void }

export function openApi(url: URL, sign: Sign): Api {
  // As many sockets as there are workers. A connection is used once: a kept one may be closed by the time it is wanted.
  const options = { keepAlive: false, maxSockets: Number.POSITIVE_INFINITY }
  if (url.protocol !== 'https:') return { url, sign, agent: new PlainAgent(options) }
  // One for all: each connection would make its own.
  return { url, sign, agent: new TlsAgent({ ...options, secureContext: createSecureContext() }) }
}

/** `onPayload` gets what the worker streams, in pieces cut anywhere; when it throws, the stream counts as damaged. */
export const invokeStreaming = (api: Api, called: Called, onPayload: (bytes: Buffer) => void): Invocation =>
  invoke(api, called, {
    path: `2021-11-15/functions/${encodeURIComponent(called.function)}/response-streaming-invocations`,
    read: (response, end) => readStream(response, onPayload, end),
  })

/** For regions without streams: the answer comes when the worker has ended, and what it returned is left unread. */
export const invokeBuffered = (api: Api, called: Called): Invocation =>
  invoke(api, called, {
    path: `2015-03-31/functions/${encodeURIComponent(called.function)}/invocations`,
    read: (response, end) => void readReturn(response).then(end, (error: Error) => end(cut(error.message, true))),
  })

const cut = (cause: string, sent: boolean): Answer => ({ kind: 'cut', cause, sent })

function invoke({ url, sign, agent }: Api, { version, body }: Called, { path, read }: Way): Invocation {
  const exchange = new Exchange(read)
  const unsigned = {
    path: `${url.pathname.replace(/\/$/, '')}/${path}`,
    query: { Qualifier: version },
    headers: {
      'content-type': 'application/json',
      'content-length': String(body.length),
      'x-amz-invocation-type': 'RequestResponse',
      'x-amz-log-type': 'Tail',
    },
    body,
  }
  const target = `${unsigned.path}?Qualifier=${encodeURIComponent(version)}`
  sign(unsigned, url.host).then(
    (headers) => exchange.send(url, { method: 'POST', path: target, headers, agent }, body),
    (error: Error) => exchange.fail(error),
  )
  return exchange
}

/** Keeps no hold on the request's body: a thousand of them may be open. */
class Exchange implements Invocation {
  readonly sent: Promise<void>
  readonly answer: Promise<Answer>
  private readonly sending = Promise.withResolvers<void>()
  private readonly answering = Promise.withResolvers<Answer>()
  private readonly read: Way['read']
  private request: ClientRequest | null = null
  private isSent = false
  private isHungUp = false

  constructor(read: Way['read']) {
    this.read = read
    this.sent = this.sending.promise
    this.answer = this.answering.promise
  }

  send(url: URL, options: RequestOptions, body: Uint8Array): void {
    if (this.isHungUp) return
    const { protocol, hostname, port } = url
    const open = protocol === 'https:' ? tlsRequest : plainRequest
    this.request = open({ ...options, host: hostname, port })
      .on('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE))
      .on('finish', () => this.out())
      .on('error', (error) => this.fail(error))
      .on('response', (response) => this.take(response))
      .end(body)
  }

  fail({ message }: Error): void {
    this.end(cut(message, this.isSent))
  }

  hangUp(cause: string): void {
    this.isHungUp = true
    this.end(cut(cause, this.isSent))
    this.request?.destroy()
  }

  private take(response: IncomingMessage): void {
    this.out()
    const end = (answer: Answer): void => this.end(answer)
    if (response.statusCode === 200) return this.read(response, end)
    readRefusal(response).then(end, (error: Error) => this.fail(error))
  }

  private out(): void {
    this.isSent = true
    this.sending.resolve()
  }

  private end(answer: Answer): void {
    this.sending.resolve()
    this.answering.resolve(answer)
  }
}

function readStream(
  response: IncomingMessage,
  onPayload: (bytes: Buffer) => void,
  end: (answer: Answer) => void,
): void {
  const decoder = new MessageDecoder()
  response.on('error', ({ message }) => end(cut(message, true)))
  response.on('close', () => end(cut('the stream ended before the function did', true)))
  response.on('data', (chunk: Buffer) => {
    try {
      for (const message of decoder.push(chunk)) {
        const event = streamEventOf(message)
        if (event.type === 'payload') onPayload(event.bytes)
        if (event.type === 'exception') end(cut(`${event.code}: ${event.message}`, true))
        if (event.type === 'complete') {
          const { code, details, log } = event
          end({ kind: 'complete', error: code === null ? null : { code, details }, log })
        }
      }
    } catch (error) {
      end(cut(`the stream is damaged: ${(error as Error).message}`, true))
      response.destroy()
    }
  })
}

async function readReturn(response: IncomingMessage): Promise<Answer> {
  const { 'x-amz-function-error': code, 'x-amz-log-result': tail } = response.headers
  const log = Buffer.from(String(tail ?? ''), 'base64').toString('utf8')
  // What the worker returns is in its batches too, and megabytes long.
  const details = await textOf(response, code === undefined ? 0 : MOST_REFUSAL)
  return { kind: 'complete', error: code === undefined ? null : { code: String(code), details }, log }
}

async function readRefusal(response: IncomingMessage): Promise<Answer> {
  const text = await textOf(response, MOST_REFUSAL)
  const said = jsonIn(text)
  const [type = ''] = String(response.headers['x-amzn-errortype'] ?? said.__type ?? said.code ?? '').split(':')
  const code = type.split('#').at(-1) ?? type
  const message =
    said.message ??
    said.Message ??
    text
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim()
  return { kind: 'refused', status: response.statusCode ?? 0, code, reason: said.Reason ?? '', message: message ?? '' }
}

type Said = Partial<Record<'message' | 'Message' | 'Reason' | '__type' | 'code', string>>

function jsonIn(text: string): Said {
  try {
    return (JSON.parse(text) ?? {}) as Said
  } catch {
    return {}
  }
}

/** The first so many bytes of a body; the rest is read and let go. */
async function textOf(response: IncomingMessage, most: number): Promise<string> {
  const kept: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    if (size < most) kept.push(chunk)
    size += chunk.length
  }
  return Buffer.concat(kept).toString('utf8', 0, most)
}
