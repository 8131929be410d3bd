/**
 * Signed requests to S3, or another of AWS's services, over connections of our own: what the user's code makes of `fetch`, of the global agents or of the
 * environment does not reach them.
 */
import { Agent as PlainAgent, request as plain, type RequestOptions } from 'node:http'
import { Agent, request as tls } from 'node:https'
import { setTimeout as later } from 'node:timers'
import { setTimeout } from 'node:timers/promises'
import { AwsV4Signer } from 'aws4fetch'
import type { Millis } from '../units.ts'
import type { Credentials, CredentialsOf } from './credentials.ts'

export type Asked = { method: 'GET' | 'PUT' | 'POST'; url: string; headers?: Record<string, string>; body?: Uint8Array }
/** `unclear`: an earlier try may have been carried out, though nobody heard so. */
export type Answer = { status: number; body: Buffer; unclear: boolean }

/** Without a byte for so long, a try is given up; S3 answers in tens of milliseconds. */
const SILENCE: Millis = 5_000
/** However it trickles. */
const LONGEST: Millis = 60_000
const TRIES = 3
const FIRST_WAIT: Millis = 100
const MOST_SOCKETS = 50

export class Signed {
  private readonly region: string
  private readonly service: string
  private readonly credentials: CredentialsOf
  /** Of signing: a day's key is derived once. */
  private readonly cache = new Map<string, ArrayBuffer>()
  private readonly agents = {
    'http:': new PlainAgent({ keepAlive: true, maxSockets: MOST_SOCKETS }),
    'https:': new Agent({ keepAlive: true, maxSockets: MOST_SOCKETS, rejectUnauthorized: true }),
  }

  constructor(region: string, credentials: CredentialsOf, service = 's3') {
    this.region = region
    this.service = service
    this.credentials = credentials
  }

  /** Tries again what was throttled, failed on S3's side or was cut off. Rejects when no try was answered. */
  async ask(asked: Asked): Promise<Answer> {
    const credentials = await this.credentials()
    for (let tried = 1, unclear = false; ; tried++) {
      const answer = await this.tryOnce(asked, credentials).catch((error: unknown) => {
        if (tried === TRIES) throw error
        return null
      })
      if (answer !== null && (tried === TRIES || !isPassing(answer.status))) return { ...answer, unclear }
      unclear ||= answer === null || answer.status === 500
      await setTimeout(FIRST_WAIT * 2 ** (tried - 1) * (0.5 + Math.random()))
    }
  }

  close(): void {
    for (const agent of Object.values(this.agents)) agent.destroy()
  }

  private async tryOnce(
    { method, url, headers = {}, body = EMPTY }: Asked,
    { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  ): Promise<Omit<Answer, 'unclear'>> {
    const signer = new AwsV4Signer({
      ...{ method, url, headers, region: this.region, service: this.service, cache: this.cache },
      ...{ accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    })
    const signed = await signer.sign()
    const { protocol } = signed.url
    const options: RequestOptions = {
      method,
      headers: { ...Object.fromEntries(signed.headers), 'content-length': body.length },
      agent: this.agents[protocol as 'http:' | 'https:'],
      timeout: SILENCE,
    }
    return new Promise((resolve, reject) => {
      const request = (protocol === 'http:' ? plain : tls)(signed.url, options, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }))
      })
      const late = (span: Millis): unknown => request.destroy(new Error(`no answer in ${span / 1000} s`))
      const longest = later(() => late(LONGEST), LONGEST)
      request.on('close', () => clearTimeout(longest))
      request.on('timeout', () => late(SILENCE))
      request.on('error', reject)
      request.end(body)
    })
  }
}

const EMPTY = new Uint8Array()

/** Throttled, or the server's own trouble; 409 is another conditional write of the same key under way. */
const isPassing = (status: number): boolean => status >= 500 || status === 429 || status === 409
