/** An S3 of four verbs in this process, with what can go wrong: pages of three keys, faults of the next requests as they are told. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** `deaf`: the connection is cut before anything is done; `mute`: after it was done. */
type S3Fault = 'deaf' | 'mute' | number

export type FakeS3 = {
  url: string
  objects: Map<string, Buffer>
  /** Method and path of every request. */
  asked: string[]
  headers: IncomingMessage['headers'][]
  /** What happens to the next requests, in turn. */
  faults: S3Fault[]
  close(): Promise<void>
}

export async function startS3(): Promise<FakeS3> {
  const objects = new Map<string, Buffer>()
  const asked: string[] = []
  const headers: IncomingMessage['headers'][] = []
  const faults: S3Fault[] = []
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    asked.push(`${request.method} ${request.url}`)
    headers.push(request.headers)
    const fault = faults.shift()
    if (fault === 'deaf') return request.socket.destroy()
    if (typeof fault === 'number') return answer(response, fault, refusal(fault === 403 ? 'AccessDenied' : 'SlowDown'))
    const [status, body] = carriedOut(objects, request, Buffer.concat(chunks))
    if (fault === 'mute') return request.socket.destroy()
    return answer(response, status, body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    ...{ url: `http://127.0.0.1:${port}`, objects, asked, headers, faults },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const answer = (response: ServerResponse, status: number, body: Buffer | string): unknown =>
  response.writeHead(status).end(body)
const refusal = (code: string): string => `<Error><Code>${code}</Code><Message>so it is</Message></Error>`

function carriedOut(objects: Map<string, Buffer>, request: IncomingMessage, body: Buffer): [number, Buffer | string] {
  const url = new URL(request.url ?? '/', 'http://s3')
  const [, bucket = '', ...rest] = url.pathname.split('/')
  const key = decodeURIComponent(rest.join('/'))
  if (bucket !== 'bucket') return [404, refusal('NoSuchBucket')]
  const { 'x-amz-checksum-sha256': checksum, 'if-none-match': condition, authorization } = request.headers
  if (authorization === undefined) return [403, refusal('AccessDenied')]
  if (checksum !== undefined && checksum !== createHash('sha256').update(body).digest('base64')) {
    return [400, refusal('BadDigest')]
  }
  if (request.method === 'PUT') {
    if (condition === '*' && objects.has(key)) return [412, refusal('PreconditionFailed')]
    objects.set(key, body)
    return [200, '']
  }
  if (request.method === 'POST') {
    for (const [, name = ''] of body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)) objects.delete(name)
    return [200, '<DeleteResult></DeleteResult>']
  }
  if (url.searchParams.get('list-type') === '2') return [200, page(objects, url.searchParams)]
  const found = objects.get(key)
  return found === undefined ? [404, refusal('NoSuchKey')] : [200, found]
}

const PAGE = 3

function page(objects: Map<string, Buffer>, asked: URLSearchParams): string {
  const [from, prefix] = [asked.get('continuation-token') ?? '', asked.get('prefix') ?? '']
  /** Up to the delimiter, if there is one after the prefix. */
  const shown = (key: string): string => {
    const end = asked.has('delimiter') ? key.indexOf('/', prefix.length) : -1
    return end === -1 ? key : key.slice(0, end + 1)
  }
  const begun = [...objects.keys()].filter((key) => key.startsWith(prefix)).map(shown)
  const all = [...new Set(begun)].filter((key) => key > from).toSorted()
  const keys = all.slice(0, PAGE)
  const next = all.length > PAGE ? `<NextContinuationToken>${keys.at(-1)}</NextContinuationToken>` : ''
  const contents = keys.map((key) =>
    asked.has('delimiter') && key.endsWith('/')
      ? `<CommonPrefixes><Prefix>${encodeURIComponent(key)}</Prefix></CommonPrefixes>`
      : `<Contents><Key>${encodeURIComponent(key)}</Key></Contents>`,
  )
  return `<ListBucketResult><Prefix>${encodeURIComponent(prefix)}</Prefix>${contents.join('')}${next}</ListBucketResult>`
}
