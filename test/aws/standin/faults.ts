/**
 * What goes wrong between a client and AWS, by a call in the test: a proxy before the stand-in (or before any server),
 * whose rules hold for the next requests that they match.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Millis } from '../../../src/units.ts'
import { isComplete, MessageCutter } from './eventstream.ts'
import { refuse } from './http.ts'
import { forward, passOn } from './proxy.ts'
import { listen } from './router.ts'

/** Which requests a fault hits: those of this path, and how many of them. By default all that run a function, for ever. */
type Hits = { path?: RegExp; method?: string; times?: number }

type Answering = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void
type Rule = Required<Hits> & { hit: Answering }

const INVOKE = /invocations$/
const STREAM = /response-streaming-invocations$/

export type Faults = {
  url: string
  /** The stand-in's variables, with this proxy in the place of its endpoint. */
  env: Record<string, string>
  /** How many requests were hit so far. */
  hits(): number
  /** Answers come so much later. */
  delay(by: Millis, hits?: Hits): void
  /** 429: not begun. */
  throttle(hits?: Hits): void
  /** 500 or another status: not begun. */
  fail(status: number, hits?: Hits): void
  /** The connection is reset before there is an answer; the request has arrived, or has not. */
  reset(hits?: Hits & { arrives?: boolean }): void
  /** The connection is reset after so many bytes of the answer: in the middle of a frame, if that is where they end. */
  cutAfter(bytes: number, hits?: Hits): void
  /** The stream ends in order after its chunks, but nothing says that it was complete. */
  withholdEnd(hits?: Hits): void
  /** Nothing of the answer comes any more after so many bytes; the connection stays. */
  stall(bytes: number, hits?: Hits): void
  /** The region does not know response streams. */
  noStreaming(): void
  /** All rules end. */
  clear(): void
  close(): void
}

export async function startFaults(aws: { url: string; env: Record<string, string> }): Promise<Faults> {
  let rules: Rule[] = []
  let hit = 0
  const { url, close } = await listen((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? ''
    const rule = rules.find(
      (one) => one.times > 0 && one.path.test(path) && (one.method === '' || one.method === request.method),
    )
    if (rule) {
      rule.times--
      hit++
    }
    const done = (rule?.hit ?? pass)(request, response)
    // A server that is gone is a reset for the client.
    Promise.resolve(done).catch(() => response.destroy())
  })
  const pass: Answering = async (request, response) => passOn(await forward(aws.url, request, null), response)
  const add = (how: Hits, act: Answering): void => {
    rules.push({ path: INVOKE, method: '', times: Number.POSITIVE_INFINITY, ...how, hit: act })
  }
  const through = (how: Hits, act: (answer: IncomingMessage, response: ServerResponse) => Promise<void>): void =>
    add(how, async (request, response) => {
      const answer = await forward(aws.url, request, null)
      response.on('close', () => answer.destroy())
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      await act(answer, response)
    })
  return {
    url,
    env: { ...aws.env, AWS_ENDPOINT_URL: url },
    hits: () => hit,
    delay: (by, how = {}) =>
      add(how, async (request, response) => {
        await sleep(by)
        await pass(request, response)
      }),
    throttle: (how = {}) =>
      add(how, (request, response) => {
        request.resume()
        refuse(response, 429, 'TooManyRequestsException', {
          Reason: 'ConcurrentInvocationLimitExceeded',
          message: 'Rate Exceeded.',
        })
      }),
    fail: (status, how = {}) =>
      add(how, (request, response) => {
        request.resume()
        refuse(response, status, 'ServiceException', { Type: 'Service', Message: 'An internal error occurred.' })
      }),
    reset: ({ arrives = false, ...how } = {}) =>
      add(how, async (request) => {
        if (arrives) (await forward(aws.url, request, null)).resume()
        request.socket.resetAndDestroy()
      }),
    cutAfter: (bytes, how = {}) =>
      through(how, async (answer, response) => {
        await sendUpTo(bytes, answer, response)
        response.socket?.resetAndDestroy()
      }),
    stall: (bytes, how = {}) =>
      through(how, async (answer, response) => {
        await sendUpTo(bytes, answer, response)
        answer.resume()
      }),
    withholdEnd: (how = {}) => through({ path: STREAM, ...how }, sendWithoutEnd),
    noStreaming: () =>
      add({ path: STREAM }, (request, response) => {
        request.resume()
        refuse(response, 404, 'UnknownOperationException', {})
      }),
    clear() {
      rules = []
    },
    close,
  }
}

/** Resolves when the client has so many bytes of the body, or all of them. */
async function sendUpTo(bytes: number, answer: IncomingMessage, response: ServerResponse): Promise<void> {
  let left = bytes
  const written = (chunk: Buffer): Promise<void> => new Promise((resolve) => response.write(chunk, () => resolve()))
  if (left <= 0) return response.flushHeaders()
  for await (const chunk of answer.iterator({ destroyOnReturn: false })) {
    await written((chunk as Buffer).subarray(0, left))
    left -= (chunk as Buffer).length
    if (left <= 0) return
  }
}

async function sendWithoutEnd(answer: IncomingMessage, response: ServerResponse): Promise<void> {
  const cutter = new MessageCutter()
  for await (const chunk of answer) {
    for (const message of cutter.push(chunk as Buffer)) if (!isComplete(message)) response.write(message)
  }
  response.end()
}
