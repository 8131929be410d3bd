/**
 * One endpoint for all of AWS: what runs functions is the double's, code is noted as it passes, everything else is moto's.
 */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { accountSettings } from './account.ts'
import type { Asked, Parts } from './asked.ts'
import { bodyOf, scopeOf } from './http.ts'
import { invoke, invokeWithStream } from './invoke.ts'
import { ask } from './machines.ts'
import { forward, passOn } from './proxy.ts'
import { refuseSignature, wrongWith } from './signature.ts'
import { noteTemplate } from './templates.ts'
import { describe, describeWithCode, noteLayer, notePublication, noteRemoval, noteUpload } from './uploads.ts'

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
  ['DELETE', new RegExp(`^/2015-03-31${named}$`), noteRemoval],
  ['GET', /^\/2015-03-31\/functions\/?$/, describe],
  ['GET', new RegExp(`^/2015-03-31${named}/(configuration|versions)$`), describe],
  ['PUT', new RegExp(`^/2015-03-31${named}/configuration$`), describe],
  ['POST', /^\/2018-10-31\/layers\/[^/]+\/versions$/, noteLayer],
  ['GET', /^\/_standin\/code\/.+\.zip$/, download],
]

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
  const body = await bodyOf(request)
  const wrong = await wrongWith(request, body)
  if (wrong !== null) return refuseSignature(request, response, wrong)
  const isChange = /^(PUT|POST|DELETE)$/.test(request.method ?? '') && !pathname.endsWith('invocations')
  if (isChange && /^(lambda|cloudformation)$/.test(service)) response.on('finish', () => parts.lambda.forget())
  for (const [method, path, handler] of routes) {
    const match = method === request.method ? path.exec(pathname) : null
    if (match === null || (service !== 'lambda' && service !== '')) continue
    const [name = '', qualifier] = nameOf(decodeURIComponent(match[1] ?? ''))
    const of = { name, qualifier: searchParams.get('Qualifier') ?? qualifier ?? null, region }
    return handler({ request, response, body, ...of }, parts)
  }
  const asked = { request, response, body, region, name: '', qualifier: null }
  if (service === 'cloudformation') return noteTemplate(asked, parts)
  if (service === 'states') return ask(asked, parts)
  passOn(await forward(parts.moto, request, body), response)
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

const tls = join(import.meta.dirname, '../../fixtures/tls')
/** Who trusts this trusts the servers that listen over TLS. */
export const certificate: string = join(tls, 'server.crt')

export type Listening = { url: string; close(): void }

export async function listen(listener: RequestListener, { port = 0, secure = false } = {}): Promise<Listening> {
  const [key, cert] = ['server.key', 'server.crt'].map((name) => readFileSync(join(tls, name)))
  const server = secure ? createTlsServer({ key, cert }, listener) : createServer(listener)
  server.requestTimeout = 0
  server.keepAliveTimeout = 30_000
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return {
    url: `${secure ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
