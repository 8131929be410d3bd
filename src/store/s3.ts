/**
 * A store in an S3 bucket, below a prefix, for both sides of the process boundary: its few calls do not need an SDK of megabytes
 * in every worker. Whatever S3 refuses is an error that names the bucket, the key and AWS's own code.
 */
import { createHash } from 'node:crypto'
import { type StoreAction, storeErrors } from '../aws-errors.ts'
import type { StorePlace } from '../wire/start.ts'
import type { CredentialsOf } from './credentials.ts'
import { type Answer, type Asked, Signed } from './signed.ts'
import type { Store } from './store.ts'

export type BucketPlace = Extract<StorePlace, { kind: 'bucket' }>
type Env = Record<string, string | undefined>

/** S3's limit of keys in one DeleteObjects. */
const MOST_REMOVED = 1_000

export function s3Store(place: BucketPlace, { env, credentials }: { env: Env; credentials: CredentialsOf }): Store {
  const { bucket, prefix } = place
  const signed = new Signed(place.region, credentials)
  const root = bucketUrl(place, env)
  /** `expected`: the failures that whoever asks knows the meaning of. A query asks the bucket, else the key's object is asked. */
  const ask = async (what: What, { query, expected = [], ...asked }: Question): Promise<Answer> => {
    const request = { action: what.action, bucket, key: prefix + what.key }
    const path = query ?? request.key.split('/').map(encodeURIComponent).join('/')
    const answer = await signed.ask({ ...asked, url: `${root}${path}` }).catch((cause: unknown) => {
      throw storeErrors.unanswered(request, cause)
    })
    const refusal = refusalIn(answer)
    if (refusal !== null && (!expected.includes(answer.status) || refusal.code === 'NoSuchBucket')) {
      throw storeErrors.refused(request, refusal)
    }
    return answer
  }
  const get = async (key: string): Promise<Uint8Array | null> => {
    const { status, body } = await ask({ action: 'read', key }, { method: 'GET', expected: [404] })
    return status === 404 ? null : body
  }
  /** Each page of what is there; with a delimiter what follows up to that is there once. */
  const listing = async (key: string, more: Record<string, string>, page: (xml: string) => void): Promise<void> => {
    for (let token: string | undefined = ''; token !== undefined; ) {
      const query = new URLSearchParams({ 'list-type': '2', 'encoding-type': 'url', prefix: prefix + key, ...more })
      if (token !== '') query.set('continuation-token', token)
      const { body } = await ask({ action: 'list', key }, { method: 'GET', query: `?${query}` })
      const xml = body.toString()
      page(xml)
      token = textsIn(xml, 'NextContinuationToken')[0]
    }
  }
  const list = async (key: string): Promise<string[]> => {
    const keys: string[] = []
    await listing(key, {}, (xml) => keys.push(...namesIn(xml, 'Key')))
    return keys.map((found) => found.slice(prefix.length)).toSorted()
  }
  return {
    get,
    list,
    async folders(key) {
      const found: string[] = []
      // The prefix that was asked for is on each page too.
      const page = (xml: string): unknown => found.push(...namesIn(xml, 'Prefix').filter((one) => one !== prefix + key))
      await listing(key, { delimiter: '/' }, page)
      const from = prefix.length + key.lastIndexOf('/') + 1
      return found.map((one) => one.slice(from, -1)).toSorted()
    },
    async put(key, body) {
      await ask({ action: 'write', key }, { method: 'PUT', body, headers: checksumsOf(body) })
    },
    async putIfAbsent(key, body) {
      const headers = { ...checksumsOf(body), 'if-none-match': '*' }
      const put = { method: 'PUT', body, headers, expected: [409, 412] } as const
      const { status, unclear } = await ask({ action: 'write', key }, put)
      if (status < 300 || !unclear) return status < 300
      const found = await get(key)
      return found !== null && Buffer.compare(found, body) === 0
    },
    async clear(key) {
      const keys = (await list(key)).map((found) => prefix + found)
      for (let at = 0; at < keys.length; at += MOST_REMOVED) {
        const body = new TextEncoder().encode(removalOf(keys.slice(at, at + MOST_REMOVED)))
        await ask({ action: 'remove', key }, { method: 'POST', query: '?delete=', body, headers: checksumsOf(body) })
      }
    },
    close: () => signed.close(),
  }
}

type What = { action: StoreAction; key: string }
type Question = Omit<Asked, 'url'> & { query?: string; expected?: readonly number[] }

/** With an endpoint of one's own, or where a name with dots would fit no certificate, the bucket is in the path. */
export function bucketUrl({ bucket, region }: BucketPlace, env: Env): string {
  const own = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL
  if (own) return `${own.replace(/\/$/, '')}/${bucket}/`
  const host = `s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`
  return bucket.includes('.') ? `https://${host}/${bucket}/` : `https://${bucket}.${host}/`
}

function checksumsOf(bytes: Uint8Array): Record<string, string> {
  const hash = createHash('sha256').update(bytes).digest()
  return { 'x-amz-content-sha256': hash.toString('hex'), 'x-amz-checksum-sha256': hash.toString('base64') }
}

const escaped: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const removalOf = (keys: readonly string[]): string => {
  const objects = keys.map((key) => `<Object><Key>${key.replace(/[&<>]/g, (c) => escaped[c] ?? c)}</Key></Object>`)
  return `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${objects.join('')}</Delete>`
}

/** S3's answers are flat, and listings are asked for url-encoded: the texts hold no markup. */
const textsIn = (xml: string, tag: string): string[] =>
  [...xml.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))].map(([, text]) => text ?? '')

const namesIn = (xml: string, tag: string): string[] =>
  textsIn(xml, tag).map((name) => decodeURIComponent(name.replaceAll('+', ' ')))

/** Null: it is none. An answer to a removal may be a success as a whole, with keys in it that are not removed. */
function refusalIn({ status, body }: Answer): { code: string; message: string } | null {
  if (status < 300 && !(body.subarray(0, 512).includes('<DeleteResult') && body.includes('<Error>'))) return null
  const xml = body.toString()
  return { code: textsIn(xml, 'Code')[0] ?? String(status), message: textsIn(xml, 'Message')[0] ?? '' }
}
