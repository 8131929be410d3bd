/** What a run needs to know of a stage: its function and version, and its bucket. */
import type { FunctionConfiguration } from '@aws-sdk/client-lambda'
import type { Arch } from '../plan/prices.ts'
import { type Clients, orNone } from './clients.ts'
import { versionsOf } from './code.ts'
import { functionName, stackName } from './names.ts'
import { resourcesOf } from './stack.ts'

/** `version`: the newest that runs this very worker, and what its machine is; null when the stage has another, or none. */
export type DeployedStage = { function: string; bucket: string; version: Version | null }
type Version = { number: string; memoryMb: number; arch: Arch }

/** Null when the stage is not deployed. `sha256`: of the worker's zip. */
export async function deployedStage(clients: Clients, stage: string, sha256: string): Promise<DeployedStage | null> {
  const name = functionName(stage)
  const [bucket, versions] = await Promise.all([
    bucketOf(clients, stage),
    orNone(versionsOf(clients, name), /^ResourceNotFound/),
  ])
  if (bucket === '' || versions === null) return null
  const version = versions.findLast(({ CodeSha256 }) => CodeSha256 === sha256)
  return { function: name, bucket, version: version === undefined ? null : versionIn(version) }
}

const versionIn = ({ Version = '', MemorySize = 0, Architectures }: FunctionConfiguration): Version => ({
  number: Version,
  memoryMb: MemorySize,
  // What Lambda takes a function for that says nothing; one that is not known has no price (plan/tariff.ts).
  arch: Architectures?.[0] ?? 'x86_64',
})

/** Its name; empty when there is no stack. CloudFormation makes it up, so only the stack knows. */
export async function bucketOf(clients: Clients, stage: string): Promise<string> {
  const resources = await resourcesOf(clients, stackName(stage))
  return resources.find(({ LogicalResourceId }) => LogicalResourceId === 'Bucket')?.PhysicalResourceId ?? ''
}
