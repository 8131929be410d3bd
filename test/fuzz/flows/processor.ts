/** The processor of every script: functions and hooks in the shapes in which people write them. What they see they tell. */
import type { EventEmitter } from 'node:events'

type Context = { vars: Record<string, unknown>; _enableCookieJar?: boolean; _successCount?: number }
type Done = (error?: unknown) => void
type Request = Record<string, unknown>
type Response = { statusCode: number; statusMessage: string; headers: Request; body: unknown; url: string }

/** Hears what virtual user k's hooks saw, as JSON. */
export type Tell = (user: unknown, what: string) => void

const later = (then: () => void): void => void setTimeout(then, 2)

export function processorFor(tell: Tell): Record<string, unknown> {
  return { ...steps(tell), ...before(tell), ...after(tell), ...failing(tell), ...conditions }
}

const steps = (tell: Tell): Record<string, unknown> => ({
  setSync(context: Context, _events: EventEmitter, done: Done) {
    context.vars.word = 'set'
    context.vars.object = { inner: 'changed', list: [1] }
    done()
  },
  setLater(context: Context, _events: EventEmitter, done: Done) {
    later(() => {
      context.vars.later = `${context.vars.word}!`
      done()
    })
  },
  async setAsync(context: Context) {
    context.vars.async = context.vars.id ?? 'none'
  },
  counts(_context: Context, events: EventEmitter, done: Done) {
    events.emit('counter', 'own.counted', 2)
    events.emit('histogram', 'own.timed', 5)
    events.emit('rate', 'own.rate')
    done()
  },
  fails: (_context: Context, _events: EventEmitter, done: Done) => done(new Error('function failed')),
  failsWithCode: (_context: Context, _events: EventEmitter, done: Done) =>
    later(() => done(Object.assign(new Error('coded'), { code: 'EOWN' }))),
  async failsAsync() {
    throw new Error('async function failed')
  },
  throws() {
    throw new Error('function threw')
  },
  keepVars(context: Context, _events: EventEmitter, done: Done) {
    const { $env: _env, $processEnvironment: _process, $uuid: _uuid, ...vars } = context.vars
    tell(vars.k, `vars ${JSON.stringify(vars, (_, value) => (value === undefined ? '(undefined)' : value))}`)
    tell(vars.k, `context ${context._enableCookieJar} ${context._successCount}`)
    done()
  },
})

const before = (tell: Tell): Record<string, unknown> => ({
  seeRequest(request: Request, context: Context, _events: EventEmitter, done: Done) {
    // Of these, Artillery's engine makes lists, or ours takes them out for it.
    const { uuid: _uuid, probability: _probability, capture: _capture, match: _match, cookieJar, ...rest } = request
    tell(context.vars.k, `request ${JSON.stringify({ ...rest, jar: cookieJar !== undefined })}`)
    done()
  },
  addHeader(request: Request, _context: Context, _events: EventEmitter, done: Done) {
    request.headers = { ...(request.headers as object), 'X-Hook': 'of {{ word }}' }
    done()
  },
  dropHeader(request: Request, _context: Context, _events: EventEmitter, done: Done) {
    request.headers = { accept: undefined, 'x-number': 7 }
    done()
  },
  changeUrl(request: Request, _context: Context, _events: EventEmitter, done: Done) {
    request.url = `${request.url}?from={{ word }}`
    later(done)
  },
  useUri(request: Request, _context: Context, _events: EventEmitter, done: Done) {
    request.uri = '/by-uri/{{ id }}'
    done()
  },
  changeJson(request: Request, _context: Context, _events: EventEmitter, done: Done) {
    request.json = { from: 'hook', word: '{{ word }}', list: ['{{ object }}'] }
    done()
  },
  async asyncBody(request: Request) {
    request.body = 'of a hook: {{ word }}'
  },
  bufferBody(request: Request, _context: Context, _events: EventEmitter, done: Done) {
    request.body = Buffer.from([0, 1, 2, 255])
    done()
  },
  changeMethod(request: Request, _context: Context, _events: EventEmitter, done: Done) {
    request.method = 'PUT'
    request.followRedirect = false
    done()
  },
  closeConnection(request: Request, _context: Context, _events: EventEmitter, done: Done) {
    request.headers = { ...(request.headers as object), Connection: 'Close' }
    done()
  },
  badMethod(request: Request, _context: Context, _events: EventEmitter, done: Done) {
    request.method = 'GET / HTTP/1.1\r\nx-injected: 1\r\n\r\nGET'
    done()
  },
  wantsHttp2(request: Request, _context: Context, _events: EventEmitter, done: Done) {
    request.http2 = true
    done()
  },
  changeVars(_request: Request, context: Context, _events: EventEmitter, done: Done) {
    context.vars.word = `${context.vars.word}+`
    done()
  },
  failsBefore: (_request: Request, _context: Context, _events: EventEmitter, done: Done) =>
    done(new Error('before failed')),
  async rejectsBefore() {
    throw new Error('before rejected')
  },
  throwsBefore() {
    throw new Error('before threw')
  },
})

const after = (tell: Tell): Record<string, unknown> => ({
  seeResponse(request: Request, response: Response, context: Context, _events: EventEmitter, done: Done) {
    const { statusCode, statusMessage, headers, body, url } = response
    const { 'set-cookie': _cookie, ...others } = headers
    const seen = { statusCode, statusMessage, others, body: String(body).slice(0, 200), url }
    tell(context.vars.k, `response ${JSON.stringify({ ...seen, of: request.url, headers: request.headers })}`)
    done()
  },
  setsAfter(_request: Request, response: Response, context: Context, _events: EventEmitter, done: Done) {
    context.vars.length = String(response.body).length
    later(done)
  },
  async asyncAfter(_request: Request, response: Response, context: Context) {
    context.vars.status = response.statusCode
  },
  failsAfter: (_request: Request, _response: Response, _context: Context, _events: EventEmitter, done: Done) =>
    done(new Error('after failed')),
  async rejectsAfter() {
    throw new Error('after rejected')
  },
  throwsAfter(_request: Request, _response: Response, _context: Context, _events: EventEmitter, _done: Done) {
    throw new Error('after threw')
  },
})

const failing = (tell: Tell): Record<string, unknown> => ({
  seeError(
    error: Error & { code?: string },
    request: Request | null,
    context: Context,
    _events: EventEmitter,
    done: Done,
  ) {
    tell(
      context.vars.k,
      `error ${JSON.stringify([error.name, error.code, error.message, request?.url, request?.method])}`,
    )
    done()
  },
  countError(error: Error & { code?: string }, _request: Request, _context: Context, events: EventEmitter, done: Done) {
    events.emit('counter', `own.error.${error.code}`, 1)
    later(done)
  },
  failsOnError: (_error: Error, _request: Request, _context: Context, _events: EventEmitter, done: Done) =>
    done(new Error('onError failed')),
})

const conditions: Record<string, unknown> = {
  isSet: (vars: Record<string, unknown>) => Boolean(vars.id),
  again(context: Context, done: (again: boolean) => void) {
    const rounds = Number(context.vars.rounds ?? 0) + 1
    context.vars.rounds = rounds
    if (rounds % 2 === 0) done(rounds < 4)
    else later(() => done(rounds < 4))
  },
}
