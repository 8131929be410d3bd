/** The stand-in's own questions to moto. */
import type { Answer } from './configuration.ts'

const functions = '/2015-03-31/functions'

export class MotoApi {
  private readonly url: string

  constructor(url: string) {
    this.url = url
  }

  /** null when there is no such function or version. */
  async configuration(region: string, name: string, qualifier: string | null): Promise<Answer | null> {
    const query = qualifier === null ? '' : `?Qualifier=${encodeURIComponent(qualifier)}`
    const response = await this.ask(region, 'lambda', `${functions}/${name}/configuration${query}`)
    return response.ok ? ((await response.json()) as Answer) : null
  }

  /** All functions' answers. */
  async functions(region: string): Promise<Answer[]> {
    const response = await this.ask(region, 'lambda', `${functions}?MaxItems=1000`)
    return ((await response.json()) as { Functions: Answer[] }).Functions
  }

  /** How many invocations are set aside for a function; null: none are. */
  async reserved(region: string, name: string): Promise<number | null> {
    const response = await this.ask(region, 'lambda', `/2019-09-30/functions/${name}/concurrency`)
    const { ReservedConcurrentExecutions: reserved } = (await response.json()) as Record<string, number | undefined>
    return reserved ?? null
  }

  async putCode(region: string, name: string, zip: Buffer): Promise<void> {
    const body = JSON.stringify({ ZipFile: zip.toString('base64') })
    await this.ask(region, 'lambda', `${functions}/${name}/code`, { method: 'PUT', body })
  }

  async object(region: string, bucket: string, key: string): Promise<Buffer> {
    const response = await this.ask(region, 's3', `/${bucket}/${encodeURI(key)}`)
    return Buffer.from(await response.arrayBuffer())
  }

  async states(region: string, action: string, body: object): Promise<void> {
    const headers = { 'x-amz-target': `AWSStepFunctions.${action}`, 'content-type': 'application/x-amz-json-1.0' }
    const response = await this.ask(region, 'states', '/', { method: 'POST', headers, body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`moto_server answers ${action} with ${await response.text()}`)
  }

  /** The ARN of the topic whose name begins so; empty when there is none. */
  async topic(region: string, name: string): Promise<string> {
    const response = await this.ask(region, 'sns', '/?Action=ListTopics&Version=2010-03-31')
    const arns = [...(await response.text()).matchAll(/<TopicArn>([^<]+)</g)].map(([, arn = '']) => arn)
    return arns.find((arn) => arn.split(':').at(-1)?.startsWith(name)) ?? ''
  }

  async logs(region: string, action: string, body: object): Promise<boolean> {
    const headers = { 'x-amz-target': `Logs_20140328.${action}`, 'content-type': 'application/x-amz-json-1.1' }
    const { ok } = await this.ask(region, 'logs', '/', { method: 'POST', headers, body: JSON.stringify(body) })
    return ok
  }

  private ask(region: string, service: string, path: string, init: RequestInit = {}): Promise<Response> {
    // moto looks at the scope alone.
    const authorization = `AWS4-HMAC-SHA256 Credential=standin/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`
    return fetch(`${this.url}${path}`, { ...init, headers: { ...init.headers, authorization } })
  }
}
