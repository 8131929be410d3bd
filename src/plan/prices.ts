/**
 * What AWS asked on 2026-11-20, in USD without tax, from its published Lambda and S3 price pages. Regions that cost more than
 * us-east-1 by an amount we have not recorded are left out, so that a plan there says it has no price instead of a wrong one.
 */
import type { Usd } from '../units.ts'

export type Arch = 'arm64' | 'x86_64'

export const PRICES_DATE = '2026-11-20'
export const PER_GB_SECOND: Record<Arch, Usd> = { arm64: 0.0000133334, x86_64: 0.0000166667 }
export const PER_INVOCATION: Usd = 0.2 / 1e6
export const PER_STORE_PUT: Usd = 0.005 / 1e3
export const PER_STORE_GET: Usd = 0.0004 / 1e3
/** Each month and account; other functions of the account may have used it. */
export const FREE = { gbSeconds: 400_000, invocations: 1e6 } as const

/** The regions at these prices. */
export const REGIONS: readonly string[] = [
  ...['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'ca-central-1', 'sa-east-1'],
  ...['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-central-1', 'eu-north-1'],
  ...['ap-south-1', 'ap-southeast-1', 'ap-southeast-2', 'ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3'],
]
