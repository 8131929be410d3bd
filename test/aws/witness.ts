/** A proxy before the stand-in that notes what each request is to IAM: its action, and on what. */
import type { IncomingMessage } from 'node:http'
import type { Request } from '../support/iam.ts'
import { bodyOf, scopeOf } from './standin/http.ts'
import { forward, passOn } from './standin/proxy.ts'
import { listen } from './standin/router.ts'

/** `key`: whose. */
export type Call = Request & { key: string }
export type Witness = { url: string; env: Record<string, string>; calls: Call[]; close(): void }

export const ACCOUNT = '123456789012'

export async function startWitness(aws: { url: string; env: Record<string, string> }): Promise<Witness> {
  const calls: Call[] = []
  const { url, close } = await listen(async (request, response) => {
    const body = await bodyOf(request)
    const { key, region, service } = scopeOf(request)
    const answer = await forward(aws.url, request, body)
    const seen = { request, body: String(body), arn: arnsOf(service, region), missing: answer.statusCode === 404 }
    calls.push(...(readers[service] ?? unknown)(seen).map((call) => ({ ...call, key })))
    passOn(answer, response)
  })
  return { url, env: { ...aws.env, AWS_ENDPOINT_URL: url }, calls, close }
}

type Seen = { request: IncomingMessage; body: string; arn: (rest: string) => string; missing: boolean }
type Reader = (seen: Seen) => Request[]

const arnsOf = (service: string, region: string) => (rest: string) => `arn:aws:${service}:${region}:${ACCOUNT}:${rest}`

/** No policy allows it. */
const unknown: Reader = ({ request }) => [{ action: `unknown:${request.method} ${request.url}`, resource: '*' }]

const cloudFormation: Reader = ({ body, arn }) => {
  const asked = new URLSearchParams(body)
  const action = `cloudformation:${asked.get('Action')}`
  const [, name] = /(?:^|stack\/)([^/:]+)(?:\/[^/]+)?$/.exec(asked.get('StackName') ?? '') ?? []
  const isAll = action === 'cloudformation:DescribeStacks' && name === undefined
  // A change set's ARN does not say which stack it is of.
  return [{ action, resource: isAll ? '*' : arn(`stack/${name ?? 'slsart-dev'}/1`) }]
}

const iam: Reader = ({ body }) => {
  const asked = new URLSearchParams(body)
  const name = asked.get('RoleName')
  // Roles are of no region, and made under this path.
  const resource = name === null ? '*' : `arn:aws:iam::${ACCOUNT}:role/slsart/x/${name}`
  return [{ action: `iam:${asked.get('Action')}`, resource }]
}

const logs: Reader = ({ request, body, arn }) => {
  const action = `logs:${String(request.headers['x-amz-target']).split('.')[1]}`
  const { logGroupName } = JSON.parse(body) as { logGroupName?: string }
  return [{ action, resource: logGroupName === undefined ? '*' : arn(`log-group:${logGroupName}`) }]
}

const cloudWatch: Reader = ({ request, body }) => {
  const spoken = String(request.headers['x-amz-target'] ?? request.url)
  const name = /(?:\.|operation\/)(\w+)$/.exec(spoken)?.[1] ?? new URLSearchParams(body).get('Action')
  return [{ action: `cloudwatch:${name}`, resource: '*', context: { 'cloudwatch:namespace': 'slsart' } }]
}

const functions: [method: string, path: RegExp, action: string][] = [
  ['POST', /\/functions\/([^/]+)\/(?:response-streaming-)?invocations$/, 'InvokeFunction'],
  ['GET', /\/functions\/([^/]+)\/configuration$/, 'GetFunctionConfiguration'],
  ['GET', /\/functions\/([^/]+)\/versions$/, 'ListVersionsByFunction'],
  ['POST', /\/functions\/([^/]+)\/versions$/, 'PublishVersion'],
  ['PUT', /\/functions\/([^/]+)\/code$/, 'UpdateFunctionCode'],
  ['PUT', /\/functions\/([^/]+)\/event-invoke-config$/, 'PutFunctionEventInvokeConfig'],
  ['GET', /\/functions\/([^/]+)\/concurrency$/, 'GetFunctionConcurrency'],
  ['DELETE', /\/functions\/([^/]+)$/, 'DeleteFunction'],
  ['GET', /\/functions\/?$/, 'ListFunctions'],
  ['GET', /\/account-settings\/?$/, 'GetAccountSettings'],
]

const lambda: Reader = (seen) => {
  const { pathname, searchParams } = new URL(seen.request.url ?? '', 'http://aws')
  const known = functions.find(([method, path]) => method === seen.request.method && path.test(pathname))
  if (known === undefined) return unknown(seen)
  const [, path, action] = known
  const name = decodeURIComponent(path.exec(pathname)?.[1] ?? '').replace(/^arn.*:function:/, '')
  const version = searchParams.get('Qualifier')
  const resource = name === '' ? '*' : seen.arn(`function:${name}${version === null ? '' : `:${version}`}`)
  return [{ action: `lambda:${action}`, resource }]
}

const s3: Reader = ({ request: { method, url = '' }, body, missing }) => {
  const { pathname, searchParams } = new URL(url, 'http://aws')
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/.exec(decodeURIComponent(pathname)) ?? []
  const [whole, object] = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/${key}`]
  if (bucket === '') return [{ action: 's3:ListAllMyBuckets', resource: '*' }]
  if (key !== '') {
    const action = { GET: 'GetObject', HEAD: 'GetObject', PUT: 'PutObject', DELETE: 'DeleteObject' }[method ?? '']
    // Without this one S3 says 403 of what is not there.
    const list = missing ? [{ action: 's3:ListBucket', resource: whole }] : []
    return [{ action: `s3:${action}`, resource: object }, ...list]
  }
  if (searchParams.has('versions')) return [{ action: 's3:ListBucketVersions', resource: whole }]
  if (searchParams.has('delete')) {
    return [...body.matchAll(/<Object>(.*?)<\/Object>/gs)].map(([, of = '']) => ({
      action: of.includes('<VersionId>') ? 's3:DeleteObjectVersion' : 's3:DeleteObject',
      resource: `${whole}/${/<Key>(.*?)<\/Key>/.exec(of)?.[1]}`,
    }))
  }
  const prefix = searchParams.get('prefix')
  return [
    { action: 's3:ListBucket', resource: whole, ...(prefix === null ? {} : { context: { 's3:prefix': prefix } }) },
  ]
}

/** Nobody needs leave to ask who they are, or for what is not signed. */
const free: Reader = () => []

/** By the name that requests are signed for. */
const readers: Record<string, Reader> = {
  cloudformation: cloudFormation,
  iam,
  logs,
  monitoring: cloudWatch,
  lambda,
  s3,
  sts: free,
  '': free,
}
