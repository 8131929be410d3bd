/** What several of the stand-in's servers need of HTTP. */
import type { IncomingMessage, ServerResponse } from 'node:http'

export async function bodyOf(request: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

export function sendJson(response: ServerResponse, status: number, body: object, headers: object = {}): void {
  const bytes = Buffer.from(JSON.stringify(body))
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length, ...headers })
  response.end(bytes)
}

/** An error as Lambda's API says it. */
export function refuse(response: ServerResponse, status: number, type: string, body: object): void {
  sendJson(response, status, { Type: 'User', ...body }, { 'x-amzn-errortype': type })
}

/** Which region and service a request is signed for, and by which key. */
export function scopeOf({ headers }: IncomingMessage): { key: string; region: string; service: string } {
  const [key = '', , region = '', service = ''] =
    /Credential=([^,\s]+)/.exec(headers.authorization ?? '')?.[1]?.split('/') ?? []
  return { key, region, service }
}
