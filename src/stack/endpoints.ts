/** Whether the services that we use can be reached, asked without credentials: any answer is one. Its date tells our clock's error. */
import type { Millis } from '../units.ts'
import type { World } from '../world.ts'

const SERVICES = {
  lambda: 'LAMBDA',
  cloudformation: 'CLOUDFORMATION',
  s3: 'S3',
  sts: 'STS',
  iam: 'IAM',
  logs: 'CLOUDWATCH_LOGS',
  monitoring: 'CLOUDWATCH',
} as const
type Service = keyof typeof SERVICES

/** `problem`: why nothing came back. `ahead`: how far our clock is before the service's, to half a second and half the `took`. */
export type Reached = { service: Service; host: string; took: Millis; problem: string | null; ahead: Millis | null }

export const reachAll = (region: string, world: World, patience: Millis): Promise<Reached[]> =>
  Promise.all(Object.keys(SERVICES).map((service) => reach(service as Service, region, world, patience)))

async function reach(service: Service, region: string, { env, clock }: World, patience: Millis): Promise<Reached> {
  const url = env[`AWS_ENDPOINT_URL_${SERVICES[service]}`] || env.AWS_ENDPOINT_URL || urlOf(service, region)
  const before = clock.wall()
  const said = { service, host: URL.canParse(url) ? new URL(url).host : url }
  try {
    const { headers, body } = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(patience) })
    const took = clock.wall() - before
    await body?.cancel()
    const date = Date.parse(headers.get('date') ?? '')
    // A date has no fractions of a second: it is half a second old on average.
    return { ...said, took, problem: null, ahead: Number.isNaN(date) ? null : before + took / 2 - (date + 500) }
  } catch (error) {
    return { ...said, took: clock.wall() - before, problem: reasonOf(error), ahead: null }
  }
}

/** IAM is one for all regions of a partition. */
function urlOf(service: Service, region: string): string {
  const china = region.startsWith('cn-')
  const domain = china ? 'amazonaws.com.cn' : 'amazonaws.com'
  if (service === 'iam') return china ? `https://iam.cn-north-1.${domain}` : `https://iam.${domain}`
  return `https://${service}.${region}.${domain}`
}

function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error
  if (name === 'TimeoutError') return 'timed out'
  return cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code || cause.name : message
}
