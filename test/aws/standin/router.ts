/**
 * One endpoint for all of AWS: what runs functions is the double's, code is noted as it passes, everything else is moto's.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { accountSettings } from './account.ts'
import type { CodeStore } from './code.ts'
import { scopeOf } from './http.ts'
import { invoke, invokeWithStream } from './invoke.ts'
import type { Lambda } from './lambda.ts'
import type { MotoApi } from './moto-api.ts'
import { forward, passOn } from './proxy.ts'
import { describeWithCode, noteInline, notePublication, noteUpload } from './uploads.ts'

/** `url` is the endpoint's own, once it listens. */
export type Parts = { moto: string; api: MotoApi; lambda: Lambda; code: CodeStore; url: string }
/** What a function is called by: its name, or its ARN, with or without a version. */
type Asked = {
  request: IncomingMessage
  response: ServerResponse
  name: string
  qualifier: string | null
  region: string
}
type Handler = (asked: Asked, parts: Parts) => Promise<void> | void

const named = '/functions/([^/]+)'
const routes: [method: string, path: RegExp, handler: Handler][] = [
  ['POST', new RegExp(`^/2015-03-31${named}/invocations$`), (asked, { lambda }) => invoke({ ...asked, lambda })],
  [
    'POST',
    new RegExp(`^/2021-11-15${named}/response-streaming-invocations$`),
    (asked, { lambda }) => invokeWithStream({ ...asked, lambda }),
  ],
  ['GET', /^\/2016-08-19\/account-settings\/?$/, accountSettings],
  ['PUT', new RegExp(`^/2015-03-31${named}/code$`), noteUpload],
  ['POST', /^\/2015-03-31\/functions\/?$/, noteUpload],
  ['POST', new RegExp(`^/2015-03-31${named}/versions$`), notePublication],
  ['GET', new RegExp(`^/2015-03-31${named}$`), describeWithCode],
  ['GET', /^\/_standin\/code\/.+\.zip$/, download],
]

export type { Asked }

export function answerer(parts: Parts): RequestListener {
  return (request, response) => {
    answer(request, response, parts).catch((error: Error) => {
      // Visible in the test's output: the stand-in itself is at fault.
      console.error(error)
      if (response.headersSent) response.destroy()
      else response.writeHead(502).end(error.message)
    })
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, parts: Parts): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://standin')
  const { region, service } = scopeOf(request)
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (!isRead && (service === 'lambda' || service === 'cloudformation'))
    response.on('close', () => parts.lambda.forget())
  for (const [method, path, handler] of routes) {
    const match = method === request.method ? path.exec(pathname) : null
    if (match === null || (service !== 'lambda' && service !== '')) continue
    const [name = '', qualifier] = nameOf(decodeURIComponent(match[1] ?? ''))
    return handler(
      { request, response, name, qualifier: searchParams.get('Qualifier') ?? qualifier ?? null, region },
      parts,
    )
  }
  if (service === 'cloudformation') return noteInline({ request, response, name: '', qualifier: null, region }, parts)
  passOn(await forward(parts.moto, request, null), response)
}

/** A name, `name:version`, or an ARN with or without one. */
function nameOf(spoken: string): string[] {
  return spoken.replace(/^.*:function:/, '').split(':')
}

function download({ request, response }: Asked, { code }: Parts): void {
  const [, region = '', name = '', version = ''] =
    /code\/([^/]+)\/([^/]+)\/(.+)\.zip$/.exec(decodeURIComponent(request.url ?? '')) ?? []
  const zip = code.get(region, name, version)
  if (zip === null) response.writeHead(404).end()
  else response.writeHead(200, { 'content-type': 'application/zip' }).end(zip)
}

export async function listen(listener: RequestListener, port = 0): Promise<{ url: string; server: Server }> {
  const server = createServer(listener)
  server.requestTimeout = 0
  server.keepAliveTimeout = 30_000
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}
