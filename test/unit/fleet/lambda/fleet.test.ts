import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Asked, completeOf, fleetAt, heard, message, payloadOf, refuse, serve, timeless } from './api.ts'
import { claim, done, ended, frame, putBatch, REPORT, ready, stream } from './said.ts'

describe('a worker on Lambda', () => {
  it('is one invocation of the published version, and its stream is what it says', async () => {
    const { url, asked } = await serve((asked) => {
      stream(asked, payloadOf(ready), payloadOf(frame(1), frame(2)), payloadOf(done), completeOf({ log: REPORT }))
      asked.response.end()
    })
    const { fleet, root, start } = fleetAt(timeless(url).world)
    const events = await heard(fleet.launch([start(4)]))
    expect(events.slice(0, -1)).toEqual([ready, frame(1), frame(2), done])
    expect(events.at(-1)).toMatchObject({ type: 'gone', billed: 901 })
    const [{ path, body, request } = {} as Asked] = asked
    expect(asked).toHaveLength(1)
    expect(path).toBe('/2021-11-15/functions/slsart-dev-worker/response-streaming-invocations?Qualifier=7')
    expect(JSON.parse(body)).toMatchObject({ index: 4, attempt: 1, batches: 30 })
    expect(request.headers).toMatchObject({ 'x-amz-log-type': 'Tail', 'x-amz-invocation-type': 'RequestResponse' })
    expect(readFileSync(join(root, 'logs/worker-4.log'), 'utf8')).toBe(REPORT)
  })

  it('says what it said, wherever its stream is cut into chunks', async () => {
    const bytes = Buffer.concat([payloadOf(ready, frame(1)), payloadOf(done), completeOf()])
    const { url } = await serve(async ({ response }) => {
      response.writeHead(200)
      response.setMaxListeners(0)
      response.socket?.setMaxListeners(0)
      for (const byte of bytes) await new Promise((resolve) => response.write(Buffer.of(byte), resolve))
      response.end()
    })
    const { fleet, start } = fleetAt(timeless(url).world)
    expect((await heard(fleet.launch([start()]))).slice(0, -1)).toEqual([ready, frame(1), done])
  })

  it('is one of many, each over a connection of its own', async () => {
    const waiting: Asked[] = []
    const { url } = await serve((asked) => {
      waiting.push(asked)
      stream(asked, payloadOf(ready))
      if (waiting.length < 150) return
      for (const one of waiting) one.response.end(Buffer.concat([payloadOf(done), completeOf()]))
    })
    const { fleet, start } = fleetAt(timeless(url).world)
    const events = await heard(fleet.launch(Array.from({ length: 150 }, (_, i) => start(i))))
    expect(events.filter(({ type }) => type === 'done')).toHaveLength(150)
    expect(events.filter(({ type }) => type === 'gone')).toHaveLength(150)
  })
})

describe('a start that is throttled', () => {
  const throttled = (asked: Asked): void =>
    refuse(asked, 429, 'TooManyRequestsException', {
      message: 'Rate Exceeded.',
      Reason: 'ConcurrentInvocationLimitExceeded',
    })

  it('is tried again until it is not', async () => {
    const { asked, reason } = await ended((asked) => {
      if (asked.number < 4) return throttled(asked)
      stream(asked, payloadOf(ready, done), completeOf())
      asked.response.end()
    })
    expect(asked).toHaveLength(4)
    expect(reason).toBe('its function returned')
  })

  it('for good is given up after the time that workers have to start', async () => {
    const { asked, reason } = await ended(throttled)
    expect(reason).toMatch(/^Lambda throttled its start for 26 s \(ConcurrentInvocationLimitExceeded\)/)
    expect(asked).toHaveLength(10)
  })

  it('is not tried again once it is given up', async () => {
    const { url, asked } = await serve((asked) => {
      throttled(asked)
      fleet.drop({ slice: 0, attempt: 1 })
    })
    const { fleet, start } = fleetAt(timeless(url).world)
    expect(await heard(fleet.launch([start()]))).toEqual([
      { type: 'gone', reason: 'it was given up', retry: true, billed: null },
    ])
    expect(asked).toHaveLength(1)
  })
})

describe('what ends a worker is told as what it is:', () => {
  it.each<[string, (asked: Asked) => void, RegExp]>([
    [
      'an error of the service',
      (asked) => refuse(asked, 500, 'ServiceException', { message: 'oops' }),
      /^Lambda answered 500 ServiceException: oops$/,
    ],
    [
      'a gateway',
      ({ response }) => response.writeHead(502).end('<html>Bad <b>Gateway</b></html>'),
      /^Lambda answered 502: Bad Gateway$/,
    ],
    [
      'access denied',
      (asked) => refuse(asked, 403, 'AccessDeniedException', { Message: 'not authorized' }),
      /denied access to slsart-dev-worker, version 7 \(AccessDeniedException: not authorized\).*lambda:InvokeFunction/,
    ],
    [
      'credentials that have run out',
      (asked) => refuse(asked, 403, 'ExpiredTokenException', { message: 'expired' }),
      /\(ExpiredTokenException: expired\)$/,
    ],
    [
      'no such function',
      (asked) => refuse(asked, 404, 'ResourceNotFoundException', { Message: 'Function not found' }),
      /no function slsart-dev-worker with version 7 in eu-west-1: `slsart deploy`/,
    ],
    [
      'a payload that is refused',
      (asked) => refuse(asked, 413, 'RequestTooLargeException', { message: 'too large' }),
      /^Lambda answered 413 RequestTooLargeException: too large$/,
    ],
  ])('%s', async (_, answer, words) => {
    const { reason, asked } = await ended(answer)
    expect(reason).toMatch(words)
    expect(asked).toHaveLength(1)
  })

  it.each<[string, Parameters<typeof completeOf>[0], RegExp]>([
    [
      'a timeout',
      {
        code: 'Sandbox.Timedout',
        details: {
          errorType: 'Sandbox.Timedout',
          errorMessage: 'RequestId: 1 Error: Task timed out after 900.00 seconds',
        },
      },
      /^its function timed out after 900 s/,
    ],
    [
      'memory',
      {
        code: 'Unhandled',
        details: {
          errorType: 'Runtime.ExitError',
          errorMessage: 'RequestId: 1 Error: Runtime exited with error: signal: killed',
        },
        log: REPORT.replace('Used: 200', 'Used: 1769'),
      },
      /^its function ran out of memory \(1769 MB\)/,
    ],
    [
      'an import that failed',
      {
        code: 'Unhandled',
        details: { errorType: 'Runtime.ImportModuleError', errorMessage: "Error: Cannot find module 'x'" },
        log: `START RequestId: 1 Version: 7\nlooking\nfor x\nEND RequestId: 1\n${REPORT}`,
      },
      /^its function could not be loaded \(Runtime.ImportModuleError: Error: Cannot find module 'x'\); its log ends: looking \/ for x$/,
    ],
    [
      'another architecture',
      { code: 'Unhandled', details: { errorType: 'Error', errorMessage: '/opt/x.node: wrong ELF class: ELFCLASS32' } },
      /^its code is built for another architecture .*--arch/,
    ],
    ['an error', { code: 'Error', details: 'boom\nat x' }, /^its function failed \(Error: boom at x\)$/],
  ])('%s', async (_, complete, words) => {
    const { reason } = await ended((asked) => {
      stream(asked, payloadOf(ready), completeOf(complete))
      asked.response.end()
    })
    expect(reason).toMatch(words)
  })

  it('a payload that is too large, before anything is sent', async () => {
    const vars = { rows: 'x'.repeat(7 * 2 ** 20) }
    const { reason, asked } = await ended(() => {}, { vars })
    expect(reason).toBe(
      'what a worker is started with is 7.0 MB, and the platform takes 6.0 MB: 7.0 MB of it what `before` has set, 0.0 MB of it the script',
    )
    expect(asked).toEqual([])
  })

  it('nobody there', async () => {
    const { fleet, start } = fleetAt(timeless('http://127.0.0.1:1').world)
    expect(await heard(fleet.launch([start()]))).toEqual([
      {
        type: 'gone',
        reason: expect.stringMatching(/^Lambda could not be reached: .*ECONNREFUSED/),
        retry: true,
        billed: null,
      },
    ])
  })

  it('an exception in the stream, from a worker that never began', async () => {
    const { reason } = await ended((asked) =>
      stream(asked, message('InternalFailure', Buffer.from('sorry'), 'exception')),
    )
    expect(reason).toBe('its stream was cut: InternalFailure: sorry')
  })
})

describe('a worker that is given up', () => {
  it('is heard until it has obeyed its orders', async () => {
    let answer: Asked | null = null
    const { url } = await serve((asked) => {
      answer = asked
      stream(asked, payloadOf(ready))
    })
    const { fleet, start } = fleetAt(timeless(url).world)
    const events = await heard(fleet.launch([start()]), ({ event }) => {
      if (event.type !== 'ready') return
      fleet.drop({ slice: 0, attempt: 1 })
      answer?.response.end(Buffer.concat([payloadOf(frame(1), done), completeOf()]))
    })
    expect(events).toEqual([
      ready,
      frame(1),
      done,
      { type: 'gone', reason: 'it was given up', retry: true, billed: null },
    ])
  })

  it('and says nothing is gone when its lease has run out, and no sooner', async () => {
    const { url } = await serve(async (asked) => {
      await claim(root)
      stream(asked, payloadOf(ready))
    })
    const { world, tick } = timeless(url)
    const { fleet, root, start } = fleetAt(world)
    const from = world.clock.wall()
    await heard(fleet.launch([start()]), ({ event }) => {
      if (event.type !== 'ready') return
      fleet.drop({ slice: 0, attempt: 1 })
      tick(20_000)
      tick(20_000)
    })
    expect(world.clock.wall() - from).toBeGreaterThan(30_000)
  })

  it('with all others is hung up on, and not followed', async () => {
    let closed = (): void => {}
    const hungUp = new Promise<void>((resolve) => {
      closed = resolve
    })
    const { url } = await serve(async (asked) => {
      await claim(root)
      await putBatch(root, 0, ready, frame(1), done)
      asked.response.on('close', closed)
      stream(asked, payloadOf(ready))
    })
    const { fleet, root, start } = fleetAt(timeless(url).world)
    const events = await heard(fleet.launch([start()]), ({ event }) => {
      if (event.type === 'ready') fleet.dropAll()
    })
    expect(events).toEqual([ready, { type: 'gone', reason: 'it was given up', retry: true, billed: null }])
    await hungUp
  })

  it('may be one that is not there', () => {
    const { fleet } = fleetAt(timeless('http://127.0.0.1:1').world)
    expect(() => fleet.drop({ slice: 3, attempt: 1 })).not.toThrow()
  })
})

describe('a region without streams', () => {
  it.each<[string, (asked: Asked) => void]>([
    ['by its name for it', (asked) => refuse(asked, 404, 'UnknownOperationException', {})],
    [
      'as a gateway says it',
      ({ response }) =>
        response
          .writeHead(403)
          .end(
            '<AccessDeniedException><Message>Unable to determine service/operation name to be authorized</Message></AccessDeniedException>',
          ),
    ],
  ])('is worked with through batches alone, %s', async (_, unknown) => {
    const { url, asked } = await serve(async (asked) => {
      if (asked.path.startsWith('/2021-11-15/')) return unknown(asked)
      await putBatch(root, 0, ready, frame(1))
      await putBatch(root, 2, frame(2), done)
      asked.response.writeHead(200, { 'x-amz-log-result': Buffer.from(REPORT).toString('base64') }).end('whatever')
    })
    const { fleet, root, notes, start } = fleetAt(timeless(url).world)
    const events = await heard(fleet.launch([start()]))
    expect(events.slice(0, -1)).toEqual([{ type: 'cut' }, ready, frame(1), frame(2), done])
    expect(events.at(-1)).toMatchObject({ type: 'gone', billed: 901 })
    expect(notes).toEqual([expect.stringContaining('eu-west-1 knows no response streams')])
    expect(asked[1]?.path).toBe('/2015-03-31/functions/slsart-dev-worker/invocations?Qualifier=7')
    expect(JSON.parse(asked[1]?.body ?? '')).toMatchObject({ batches: 2 })
    await heard(fleet.launch([start()]))
    expect(asked).toHaveLength(3)
  })

  it('tells how a function failed', async () => {
    const { reason } = await ended((asked) => {
      if (asked.path.startsWith('/2021-11-15/')) return refuse(asked, 404, 'UnknownOperationException', {})
      asked.response.writeHead(200, { 'x-amz-function-error': 'Unhandled' })
      asked.response.end(JSON.stringify({ errorType: 'Runtime.ImportModuleError', errorMessage: 'no x' }))
    })
    expect(reason).toBe('its function could not be loaded (Runtime.ImportModuleError: no x)')
  })
})
