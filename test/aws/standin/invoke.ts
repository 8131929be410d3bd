/** The calls that run a function: Invoke, and InvokeWithResponseStream. */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Asked } from './asked.ts'
import { eventMessage } from './eventstream.ts'
import { refuse } from './http.ts'
import type { Ending, Invocation } from './invocation.ts'
import { type Lambda, Refusal } from './lambda.ts'
import { tailOf } from './report.ts'

const SYNC_LIMIT = 6_291_456
const ASYNC_LIMIT = 1_048_576
const TOO_LARGE = 'Function.ResponseSizeTooLarge'

type Call = Asked & { lambda: Lambda }

export async function invoke(call: Call): Promise<void> {
  const { request, response } = call
  const type = header(request, 'x-amz-invocation-type') ?? 'RequestResponse'
  const event = eventOf(call, type === 'Event' ? ASYNC_LIMIT : SYNC_LIMIT)
  if (event === null) return
  if (type === 'DryRun') return void response.writeHead(204).end()
  const chunks: Buffer[] = []
  const invocation = await begun(call, event, (bytes) => void chunks.push(bytes))
  if (invocation === null) return
  if (type === 'Event') return void response.writeHead(202, { 'x-amzn-requestid': invocation.id }).end()
  watch(response, invocation)
  const { error, tail } = tooLarge(await invocation.ended, chunks)
  const body = error === null ? Buffer.concat(chunks) : Buffer.from(JSON.stringify(error))
  response.writeHead(200, {
    ...headOf(invocation),
    'content-type': 'application/json',
    'content-length': body.length,
    ...(error === null ? {} : { 'x-amz-function-error': 'Unhandled' }),
    ...(wantsTail(request) ? { 'x-amz-log-result': tailOf(tail) } : {}),
  })
  response.end(body)
}

/** The answer begins with the function's first bytes, and never ends without an InvokeComplete. */
export async function invokeWithStream(call: Call): Promise<void> {
  const { request, response } = call
  const event = eventOf(call, SYNC_LIMIT)
  if (event === null) return
  const head = (invocation: Invocation): void => {
    if (response.headersSent) return
    response.writeHead(200, {
      ...headOf(invocation),
      'content-type': 'application/vnd.amazon.eventstream',
      'x-amzn-remapped-content-type': 'application/vnd.amazon.eventstream',
    })
  }
  const invocation: Invocation | null = await begun(call, event, async (bytes) => {
    if (invocation === null || invocation.clientGone) return
    head(invocation)
    const message = eventMessage('PayloadChunk', 'application/octet-stream', bytes)
    if (!response.write(message)) await Promise.race([once(response, 'drain'), once(response, 'close')])
  })
  if (invocation === null) return
  watch(response, invocation)
  const { error, tail } = await invocation.ended
  if (invocation.clientGone) return
  head(invocation)
  const complete = {
    ...(error === null ? {} : { ErrorCode: error.errorType, ErrorDetails: JSON.stringify(error) }),
    ...(wantsTail(request) ? { LogResult: tailOf(tail) } : {}),
  }
  response.end(eventMessage('InvokeComplete', 'application/json', Buffer.from(JSON.stringify(complete))))
}

async function begun(
  { response, region, name, qualifier, lambda }: Call,
  event: Buffer,
  sink: Invocation['sink'],
): Promise<Invocation | null> {
  try {
    return await lambda.invoke({ region, name, qualifier, event }, sink)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { status, type, message, reason } = error
    refuse(response, status, type, reason === null ? { Message: message } : { Reason: reason, message })
    return null
  }
}

/** null when it is too large: the answer is given. */
function eventOf({ response, body: event }: Call, limit: number): Buffer | null {
  if (event.length <= limit) return event.length === 0 ? Buffer.from('{}') : event
  const Message = `Request must be smaller than ${limit} bytes for the InvokeFunction operation`
  refuse(response, 413, 'RequestTooLargeException', { Message })
  return null
}

function tooLarge(ending: Ending, chunks: readonly Buffer[]): Ending {
  const bytes = chunks.reduce((sum, { length }) => sum + length, 0)
  if (bytes <= SYNC_LIMIT) return ending
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${SYNC_LIMIT} bytes).`
  return { ...ending, error: { errorType: TOO_LARGE, errorMessage } }
}

/** Whoever hangs up does not stop the worker. */
function watch(response: ServerResponse, invocation: Invocation): void {
  invocation.clientGone = response.destroyed
  response.on('close', () => {
    if (!response.writableEnded) invocation.clientGone = true
  })
}

const headOf = ({ id, version }: Invocation): Record<string, string> => ({
  'x-amzn-requestid': id,
  'x-amz-executed-version': version,
})

const header = ({ headers }: IncomingMessage, name: string): string | undefined => headers[name]?.toString()
const wantsTail = (request: IncomingMessage): boolean => header(request, 'x-amz-log-type') === 'Tail'
