/** Lambda's Runtime API of one environment: where the runtime client asks for work and says what became of it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bodyOf } from './http.ts'

/** What a function's error says; `trace` is its stack. */
export type FunctionError = { errorType: string; errorMessage: string; trace?: string[] }

/** `next`: the runtime is free; it gets its work as the answer. `response`: bytes as they come, then how they ended. */
export type Heard = {
  next(answer: ServerResponse): void
  chunk(bytes: Buffer): Promise<void> | void
  responded(error: FunctionError | null): void
  initError(error: FunctionError): void
}

export type RuntimeApi = { address: string; close(): void }

const ERROR_TYPE = 'lambda-runtime-function-error-type'
const ERROR_BODY = 'lambda-runtime-function-error-body'

export async function runtimeApi(heard: Heard): Promise<RuntimeApi> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace('/2018-06-01/runtime/', '')
    if (path === 'invocation/next') return heard.next(response)
    // Whoever dies while it speaks is heard of through its exit.
    listen(request, path, heard).then(
      () => response.writeHead(202).end(),
      () => response.destroy(),
    )
  })
  // A frozen environment keeps its connections for as long as it is frozen.
  Object.assign(server, { requestTimeout: 0, keepAliveTimeout: 0 })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function listen(request: IncomingMessage, path: string, heard: Heard): Promise<void> {
  if (path === 'init/error') return heard.initError(await errorOf(request))
  if (path.endsWith('/error')) return heard.responded(await errorOf(request))
  for await (const chunk of request) await heard.chunk(chunk as Buffer)
  const type = request.trailers[ERROR_TYPE]
  if (type === undefined) return heard.responded(null)
  const body = Buffer.from(request.trailers[ERROR_BODY] ?? '', 'base64').toString()
  heard.responded({ errorMessage: '', ...(body === '' ? {} : (JSON.parse(body) as object)), errorType: type })
}

async function errorOf(request: IncomingMessage): Promise<FunctionError> {
  return JSON.parse((await bodyOf(request)).toString()) as FunctionError
}
