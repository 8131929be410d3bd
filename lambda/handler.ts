/** The function that Lambda calls: an event in, the worker's events out as a stream. Locally the very same. */
import type { Socket } from 'node:net'
import { hostname } from 'node:os'
import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { SlsartError } from '../src/errors.ts'
import type { Redactor } from '../src/secrets/redactor.ts'
import { credentialsIn } from '../src/store/credentials.ts'
import { openStore } from '../src/store/open.ts'
import type { Store } from '../src/store/store.ts'
import type { Millis, Seconds } from '../src/units.ts'
import { BATCHES, type CloseEvent, type ItemEvent } from '../src/wire/detached.ts'
import { encodeEvent, type WorkerEvent } from '../src/wire/events.ts'
import { batchKey } from '../src/wire/keys.ts'
import { logPrefix } from '../src/wire/loglines.ts'
import { LAST_BATCH } from '../src/wire/orders.ts'
import type { RoundCall } from '../src/wire/round.ts'
import { type AnyStart, isTask } from '../src/wire/task.ts'
import { type Batches, batched } from './batches.ts'
import { deadline as deadlineOf } from './deadline.ts'
import { nobody, startOf } from './detached.ts'
import { usage, visit } from './environment.ts'
import { guardConnections } from './guard.ts'
import { type Log, logTo, prefixed, takeConsole } from './log.ts'
import { placeIn } from './parts.ts'
import { runRound } from './round.ts'
import { heedStreams, redactorFor, toldBy } from './secrets.ts'
import { ownOf, Targets } from './targets.ts'
import { runTask } from './task.ts'
import { work } from './worker.ts'

/** Of Lambda's context. */
type Context = { getRemainingTimeInMillis(): Millis }

type Event = AnyStart | ItemEvent | CloseEvent | RoundCall

declare const awslambda: {
  streamifyResponse(handler: (event: Event, response: Writable, context?: Context) => Promise<void>): unknown
}

/** So long before the platform ends the process the worker stops by itself: it has its last frames to send. */
const MARGIN: Millis = 5_000
const SPENT = { code: 'SLSART_BUDGET', exit: 13 } as const

/** Beside this file in the function's zip. */
const CLOSING = './closing.mjs'

/** Of that, what a worker may take to stop. */
const STOPPING: Millis = 2_000

export const handler: unknown = awslambda.streamifyResponse(async (event, response, context) => {
  if ('monitor' in event) return monitor(event, response, context)
  if (!('place' in event)) return serve(event, response, context)
  // Whoever asks is a state machine: it keeps each answer in its history.
  const answer = 'close' in event ? await closeRun(event) : await serveUnheard(event, context)
  await new Promise<void>((resolve) => response.end(JSON.stringify(answer), resolve))
})

/** The run's record and report are of no use to a worker: their code is loaded where they are made. */
async function closeRun(event: CloseEvent): Promise<object> {
  const { close } = (await import(CLOSING)) as typeof import('./closing/close.ts')
  return close(event, storeOf(event))
}

const storeOf = ({ place }: ItemEvent | CloseEvent): Store =>
  openStore(place, { env: process.env, credentials: credentialsIn(process.env) })

async function serveUnheard(event: ItemEvent, context: Context | undefined): Promise<object> {
  const store = storeOf(event)
  const start = await startOf(event, store).finally(() => store.close())
  await serve(start, nobody(), context)
  return { slice: start.index }
}

/** A schedule's call. */
async function monitor(call: RoundCall, response: Writable, context: Context | undefined): Promise<void> {
  const own = { env: { ...process.env }, write: (text: string) => void process.stdout.write(text) }
  await runRound(call.monitor, own, (start, hear) => serve(start, response, context, hear))
  if (!response.writableEnded) response.end()
}

type Hear = (event: WorkerEvent) => void

/** `hear` is told what the worker tells. */
async function serve(
  start: AnyStart,
  response: Writable,
  context: Context | undefined,
  hear: Hear = () => {},
): Promise<void> {
  process.setSourceMapsEnabled(true)
  // Artillery's engine calls what node would rather not have called: nobody who reads a worker's log can mend that.
  process.noDeprecation = true
  // Opened by the platform's variables, before the user's own come over them.
  const env = { ...process.env }
  const store = openStore(start.store, { env, credentials: credentialsIn(process.env) })
  const redactor = redactorFor(start, env)
  // Artillery's plugins look whether they are in a worker.
  const leave = visit({ ...start.env, LOCAL_WORKER_ID: String(start.index) }, isPlatforms(response))
  const { log, giveBack } = logOf(start, redactor)
  const targets = new Targets(start.allow, ownOf(start, env), log)
  guardConnections(targets)
  const output = new Output(start, response, { store, redactor, hear })
  const halt = new AbortController()
  const fail = (fault: { code: 'script' | 'worker'; error: unknown }): void => {
    const cause = fault.error instanceof Error ? fault.error : new Error(String(fault.error))
    const stack = cause.stack ?? cause.message
    log(stack)
    const isScript = fault.code === 'script'
    const told = isScript ? `${cause.name}: ${cause.message}` : cause instanceof SlsartError ? cause.message : stack
    output.send({ type: 'fault', code: fault.code, message: told, at: isScript ? placeIn(stack) : null })
  }
  // An error that nobody catches is the user's code's: the engine's own are caught. It ends the worker, with its cause told.
  process.on('uncaughtException', (error) => {
    fail({ code: 'script', error })
    void output.end().then(() => process.exit(1))
    halt.abort()
  })
  const deadline = setTimeout(() => {
    const message = `the platform ends a worker's process in ${MARGIN / 1000} s: it has stopped before that`
    log(message)
    output.send({ type: 'fault', code: 'worker', message, at: null })
    halt.abort()
  }, msUntilHalt(context))
  const budget = deadlineOf(Date.now, () => {
    fail({ code: 'worker', error: new SlsartError(SPENT, 'it had come to the end of what the run may cost') })
    halt.abort()
  })
  // Until it reads its orders.
  budget.obey({ until: start.until, lease: Number.POSITIVE_INFINITY })
  const halted = new Promise<void>((resolve) => {
    halt.signal.addEventListener('abort', () => void sleep(STOPPING).then(resolve))
  })
  const self = { machine: hostname(), pid: process.pid }
  const own = { store, self, budget, env: process.env, halt: halt.signal, targets, redactor }
  const host = { ...usage, ...own, send: output.send, alone: () => output.pace(BATCHES), log }
  const working = isTask(start) ? runTask(start, host) : work(start, host)
  const end = await Promise.race([working.catch((error) => fail({ code: 'worker', error })), halted])
  clearTimeout(deadline)
  budget.close()
  if (!(await output.end())) log('the last of its frames could not be written to the store')
  giveBack()
  store.close()
  // What the function goes on with would go on in the next one's.
  if (end === 'hung') process.exit(1)
  // Without a platform the process is this run's own, and ends with it.
  if (context !== undefined) leave()
}

/** Without a context nothing ends the process: so long as a timer can be. */
const msUntilHalt = (context: Context | undefined): Millis =>
  context === undefined ? 2 ** 31 - 1 : Math.max(0, context.getRemainingTimeInMillis() - MARGIN)

/** What goes out: the stream, and where there are batches, the store. Nothing more after its end. */
class Output {
  private readonly response: Writable
  private readonly batches: Batches | null
  private readonly redactor: Redactor
  private readonly hear: Hear
  private ending: Promise<boolean> | null = null

  constructor(
    { index, attempt, batches }: AnyStart,
    response: Writable,
    { store, redactor, hear }: { store: Store; redactor: Redactor; hear: Hear },
  ) {
    this.response = response
    this.redactor = redactor
    this.hear = hear
    const put = (seq: number, bytes: Uint8Array): Promise<void> => store.put(batchKey(index, attempt, seq), bytes)
    this.batches = batches === null ? null : batched(put, batches)
  }

  readonly send = (event: WorkerEvent): void => {
    if (this.ending !== null) return
    const told = toldBy(this.redactor, event)
    this.hear(told)
    const bytes = encodeEvent(told)
    this.response.write(bytes)
    this.batches?.add(bytes)
  }

  /** Has what there is written at least so often. */
  pace(every: Seconds): void {
    this.batches?.pace(every)
  }

  /** False when the store has not all of it. */
  end(): Promise<boolean> {
    this.ending ??= (async () => {
      const all = (await this.batches?.close(LAST_BATCH)) ?? true
      await new Promise<void>((resolve) => this.response.end(resolve))
      return all
    })()
    return this.ending
  }
}

/** In a bucket's run the workers' logs are one, and each line says whose it is. Nothing is printed that is secret. */
function logOf(start: AnyStart, redactor: Redactor): { log: Log; giveBack: () => void } {
  const giveBack = heedStreams([process.stdout, process.stderr], redactor)
  const write = (text: string): void => void process.stdout.write(text)
  if (start.store.kind === 'folder') return { log: logTo(write), giveBack }
  const own = prefixed(logPrefix({ ...start, slice: start.index }), write)
  // Before the lines are parted: a key has many.
  const clean = (text: string): void => own(redactor.text(text))
  const giveConsole = takeConsole(console, clean)
  return {
    log: logTo(clean),
    giveBack() {
      giveConsole()
      giveBack()
    },
  }
}

/** The response's connection, and the process's own streams. */
function isPlatforms(response: Writable): (socket: Socket) => boolean {
  const [, port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? '').split(':')
  const own: unknown[] = [response, process.stdin, process.stdout, process.stderr]
  return (socket) => own.includes(socket) || socket.remotePort === Number(port)
}
