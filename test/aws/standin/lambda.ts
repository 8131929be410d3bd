/**
 * The Lambda double: which environment does an invocation, and whether there is one for it. What moto knows of a
 * function decides what it is: memory, timeout, variables, reserved concurrency, versions.
 */
import type { Millis } from '../../../src/units.ts'
import type { CodeStore } from './code.ts'
import { type Answer, type Configuration, configurationOf } from './configuration.ts'
import { Environment } from './environment.ts'
import { Invocation, type Sink } from './invocation.ts'
import { Logs } from './logs.ts'
import type { MotoApi } from './moto-api.ts'
import type { Templates } from './templates.ts'

/** Of the account in a region; a test changes them as it likes. */
export type Quota = { concurrency: number; startsPer10s: number }

/** Why an invocation was not begun, as Lambda says it. */
export class Refusal extends Error {
  readonly status: number
  readonly type: string
  readonly reason: string | null
  constructor(status: number, type: string, { message, reason }: { message: string; reason?: string }) {
    super(message)
    this.status = status
    this.type = type
    this.reason = reason ?? null
  }
}

const SPAN: Millis = 10_000

export type Called = { region: string; name: string; qualifier: string | null }

export class Lambda {
  readonly quota: Quota = { concurrency: 1000, startsPer10s: 1000 }
  /** More variables for environments that start from now on, such as the endpoint that their S3 is at. */
  variables: Record<string, string> = {}
  /** All that were begun, in order. */
  readonly invocations: Invocation[] = []
  /** How many were refused with 429. */
  throttled = 0
  /** How many environments were started. */
  starts = 0
  readonly logs: Logs
  private readonly moto: MotoApi
  private readonly code: CodeStore
  private readonly templates: Templates
  private readonly environments = new Set<Environment>()
  private readonly idle: Environment[] = []
  private readonly running = new Map<string, number>()
  private readonly started = new Map<string, Millis[]>()
  private readonly known = new Map<string, Promise<Configuration>>()

  constructor(moto: MotoApi, code: CodeStore, templates: Templates) {
    this.moto = moto
    this.code = code
    this.templates = templates
    this.logs = new Logs((region, action, body) => moto.logs(region, action, body))
  }

  /** Something was changed in moto: what is known of functions is asked for again. */
  forget(): void {
    this.known.clear()
  }

  /** Throws a Refusal. The invocation goes on by itself; `sink` gets the response. */
  async invoke(asked: Called & { event: Buffer }, sink: Sink): Promise<Invocation> {
    const configuration = await this.configuration(asked)
    const { name, version, arn } = configuration
    const invocation = new Invocation({ function: name, version, arn, event: asked.event }, sink)
    const environment = await this.take(configuration, invocation)
    this.invocations.push(invocation)
    void invocation.ended.then(() => this.put(environment))
    environment.invoke(invocation)
    return invocation
  }

  /** Ends all environments, as when Lambda replaces them; what they do fails. */
  async kill(): Promise<void> {
    for (const environment of this.environments) environment.kill()
    await Promise.all([...this.environments].map(({ gone }) => gone))
  }

  /** How many invocations are under way. */
  get concurrent(): number {
    return [...this.running.values()].reduce((sum, n) => sum + n, 0)
  }

  private configuration({ region, name, qualifier }: Called): Promise<Configuration> {
    const key = `${region} ${name} ${qualifier}`
    const found = this.known.get(key) ?? this.ask({ region, name, qualifier })
    this.known.set(key, found)
    found.catch(() => this.known.delete(key))
    return found
  }

  private async ask({ region, name, qualifier }: Called): Promise<Configuration> {
    const answer = await this.moto.configuration(region, name, qualifier)
    if (answer !== null) {
      const whole = { ...answer, ...this.templates.leftOut(region, name) } as Answer
      return configurationOf(region, whole, await this.moto.reserved(region, name))
    }
    const spoken = qualifier === null ? name : `${name}:${qualifier}`
    const message = `Function not found: arn:aws:lambda:${region}:123456789012:function:${spoken}`
    throw new Refusal(404, 'ResourceNotFoundException', { message })
  }

  private async take(configuration: Configuration, invocation: Invocation): Promise<Environment> {
    const { region, name, version, revision, reserved } = configuration
    const key = `${region} ${name}`
    const running = this.running.get(key) ?? 0
    if (reserved !== null && running >= reserved)
      throw this.throttle('ReservedFunctionConcurrentInvocationLimitExceeded')
    if (this.concurrent >= this.quota.concurrency) throw this.throttle('ConcurrentInvocationLimitExceeded')
    const warm = this.idle.findIndex(
      ({ configuration: of }) =>
        of.region === region && of.name === name && of.version === version && of.revision === revision,
    )
    if (warm < 0) this.countStart(key)
    this.running.set(key, running + 1)
    if (warm >= 0) return this.idle.splice(warm, 1)[0] as Environment
    invocation.cold = true
    try {
      return await this.start(configuration)
    } catch (error) {
      this.running.set(key, (this.running.get(key) ?? 1) - 1)
      throw error
    }
  }

  private async start(configuration: Configuration): Promise<Environment> {
    const environment = new Environment(configuration, this.logs.open(configuration))
    this.environments.add(environment)
    void environment.gone.then(() => {
      this.environments.delete(environment)
      this.drop(environment)
    })
    const { region, name, version, layers } = configuration
    const folders = { code: this.code.folderOf(region, name, version), layers: this.code.folderOfLayers(layers) }
    await environment.start(folders, this.variables)
    this.starts++
    return environment
  }

  /** Back among the idle ones, unless it is gone or its function is another now. */
  private put(environment: Environment): void {
    const { region, name } = environment.configuration
    const key = `${region} ${name}`
    this.running.set(key, (this.running.get(key) ?? 1) - 1)
    if (this.environments.has(environment)) this.idle.push(environment)
  }

  private drop(environment: Environment): void {
    const at = this.idle.indexOf(environment)
    if (at >= 0) this.idle.splice(at, 1)
  }

  private countStart(key: string): void {
    const now = Date.now()
    const recent = (this.started.get(key) ?? []).filter((at) => now - at < SPAN)
    if (recent.length >= this.quota.startsPer10s) throw this.throttle('ConcurrentInvocationLimitExceeded')
    this.started.set(key, [...recent, now])
  }

  private throttle(reason: string): Refusal {
    this.throttled++
    return new Refusal(429, 'TooManyRequestsException', { message: 'Rate Exceeded.', reason })
  }
}
