/**
 * Requests that are signed are checked as AWS does: the key is one of the account's, the signature is what its secret
 * makes of the request, and the body is what was signed. The SDK's own signer says what it should be.
 */
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { SignatureV4 } from '@smithy/signature-v4'
import { refuse, scopeOf } from './http.ts'

type Keys = { AWS_ACCESS_KEY_ID: string; AWS_SECRET_ACCESS_KEY: string; AWS_SESSION_TOKEN?: string }

/** Keys that stand for the role of the functions; nobody else has them. */
export const workerKeys: Keys = {
  AWS_ACCESS_KEY_ID: 'ASIAWORKERSTANDIN000',
  AWS_SECRET_ACCESS_KEY: 'worker-secret-of-the-stand-in',
  AWS_SESSION_TOKEN: 'worker-session-of-the-stand-in',
}
export const operatorKeys: Keys = {
  AWS_ACCESS_KEY_ID: 'AKIAOPERATORSTANDIN0',
  AWS_SECRET_ACCESS_KEY: 'operator-secret-of-the-stand-in',
}
/** Moto's state machines call with these: they stand for the machine's role. */
const machineKeys: Keys = { AWS_ACCESS_KEY_ID: 'ak', AWS_SECRET_ACCESS_KEY: 'sk' }

const DAY = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/
const CONTENT = 'x-amz-content-sha256'

/** What is wrong, as AWS names it; null: nothing, or it is not signed. */
export async function wrongWith(
  request: IncomingMessage,
  body: Buffer,
): Promise<{ code: string; message: string } | null> {
  const { headers, method = '' } = request
  const { authorization = '' } = headers
  if (authorization === '') return null
  const { key, region, service } = scopeOf(request)
  const keys = [operatorKeys, workerKeys, machineKeys].find(({ AWS_ACCESS_KEY_ID }) => AWS_ACCESS_KEY_ID === key)
  const sessionToken = keys?.AWS_SESSION_TOKEN
  if (keys === undefined || headers['x-amz-security-token'] !== sessionToken) {
    return {
      code: UNKNOWN[service] ?? 'UnrecognizedClientException',
      message: 'The security token included in the request is invalid.',
    }
  }
  const content = headers[CONTENT]?.toString() ?? ''
  if (/^[0-9a-f]{64}$/.test(content) && content !== createHash('sha256').update(body).digest('hex')) {
    return {
      code: 'XAmzContentSHA256Mismatch',
      message: `The provided '${CONTENT}' header does not match what was computed.`,
    }
  }
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://standin')
  const names = (/SignedHeaders=([^,\s]+)/.exec(authorization)?.[1] ?? '').split(';')
  const signer = new SignatureV4({
    ...{ region, service, sha256: Sha256, uriEscapePath: service !== 's3', applyChecksum: false },
    credentials: {
      accessKeyId: keys.AWS_ACCESS_KEY_ID,
      secretAccessKey: keys.AWS_SECRET_ACCESS_KEY,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    },
  })
  const signed = await signer.sign(
    {
      ...{ method, protocol: 'http:', hostname: 'standin', path: pathname, body },
      query: queryOf(searchParams),
      headers: Object.fromEntries(names.map((name) => [name, headers[name]?.toString() ?? ''])),
    },
    {
      signingDate: new Date((headers['x-amz-date']?.toString() ?? '').replace(DAY, '$1-$2-$3T$4:$5:$6Z')),
      signableHeaders: new Set(names),
    },
  )
  if (signatureOf(signed.headers.authorization) === signatureOf(authorization)) return null
  const code = service === 's3' ? 'SignatureDoesNotMatch' : 'InvalidSignatureException'
  return { code, message: 'The request signature we calculated does not match the signature you provided.' }
}

/** 403, in the form that the service speaks. */
export function refuseSignature(
  request: IncomingMessage,
  response: ServerResponse,
  { code, message }: { code: string; message: string },
): void {
  const { service } = scopeOf(request)
  const xml = `<Code>${code}</Code><Message>${message}</Message>`
  const wrapped =
    service === 's3'
      ? `<Error>${xml}</Error>`
      : `<ErrorResponse><Error><Type>Sender</Type>${xml}</Error></ErrorResponse>`
  if (/^(s3|sts|iam|cloudformation)$/.test(service))
    response.writeHead(403, { 'content-type': 'text/xml' }).end(wrapped)
  else refuse(response, 403, code, { __type: code, message })
}

const UNKNOWN: Record<string, string> = {
  s3: 'InvalidAccessKeyId',
  sts: 'InvalidClientTokenId',
  iam: 'InvalidClientTokenId',
  cloudformation: 'InvalidClientTokenId',
}

const signatureOf = (authorization = ''): string => /Signature=([0-9a-f]+)/.exec(authorization)?.[1] ?? 'none'

function queryOf(params: URLSearchParams): Record<string, string[]> {
  const query: Record<string, string[]> = {}
  for (const [name, value] of params) query[name] = [...(query[name] ?? []), value]
  return query
}

/** The hash that the signer wants. */
class Sha256 {
  private readonly secret: Uint8Array | null
  private hash: Hash | Hmac
  constructor(secret?: unknown) {
    this.secret = secret === undefined ? null : bytesOf(secret)
    this.hash = this.fresh()
  }
  update(data: unknown): void {
    this.hash.update(bytesOf(data))
  }
  async digest(): Promise<Uint8Array> {
    return this.hash.digest()
  }
  reset(): void {
    this.hash = this.fresh()
  }
  private fresh(): Hash | Hmac {
    return this.secret === null ? createHash('sha256') : createHmac('sha256', this.secret)
  }
}

const bytesOf = (data: unknown): Uint8Array =>
  typeof data === 'string' ? Buffer.from(data) : Buffer.from(data as Uint8Array)
