/** What a run needs to know of a stage: its function and version, and its bucket. */
import type { StackResource } from '@aws-sdk/client-cloudformation'
import type { FunctionConfiguration } from '@aws-sdk/client-lambda'
import { preflightErrors } from '../errors.ts'
import type { Platform } from '../fleet/fleet.ts'
import type { Arch } from '../plan/prices.ts'
import { type Clients, orNone } from './clients.ts'
import { versionsOf } from './code.ts'
import { functionName, stackName } from './names.ts'
import { resourcesOf } from './stack.ts'

/** `version`: the newest that runs this very worker, and what its machine is; null when the stage has another, or none. */
/** `machine`: its state machine's ARN; null when its role was given by hand. */
export type DeployedStage = { function: string; bucket: string; machine: string | null; version: Version | null }
type Version = { number: string; memoryMb: number; arch: Arch }

/** Null when the stage is not deployed. `sha256`: of the worker's zip. */
export async function deployedStage(clients: Clients, stage: string, sha256: string): Promise<DeployedStage | null> {
  const name = functionName(stage)
  const [resources, versions] = await Promise.all([
    resourcesOf(clients, stackName(stage)),
    orNone(versionsOf(clients, name), /^ResourceNotFound/),
  ])
  const bucket = idOf(resources, 'Bucket')
  if (bucket === null || versions === null) return null
  const version = versions.findLast(({ CodeSha256 }) => CodeSha256 === sha256)
  return {
    function: name,
    bucket,
    machine: idOf(resources, 'Machine'),
    version: version === undefined ? null : versionIn(version),
  }
}

/** A stage that is ready for a run. `version`: of its function. */
export type ReadyStage = { platform: Platform; version: string; machine: string | null }

/** Throws a PreflightError when there is no such stage, or it has another version of the worker. */
export async function readyStage(clients: Clients, stage: string, sha256: string): Promise<ReadyStage> {
  const { region } = clients
  const found = await deployedStage(clients, stage, sha256)
  if (found === null) throw preflightErrors.notDeployed(stage, region)
  const { version, bucket, machine } = found
  if (version === null) throw preflightErrors.otherVersion(stage, region)
  const { number, ...power } = version
  return { platform: { stage, region, function: found.function, bucket, ...power }, version: number, machine }
}

const versionIn = ({ Version = '', MemorySize = 0, Architectures }: FunctionConfiguration): Version => ({
  number: Version,
  memoryMb: MemorySize,
  // What Lambda takes a function for that says nothing; one that is not known has no price (plan/tariff.ts).
  arch: Architectures?.[0] ?? 'x86_64',
})

/** Its name; empty when there is no stack. CloudFormation makes it up, so only the stack knows. */
export async function bucketOf(clients: Clients, stage: string): Promise<string> {
  return idOf(await resourcesOf(clients, stackName(stage)), 'Bucket') ?? ''
}

const idOf = (resources: readonly StackResource[], name: string): string | null =>
  resources.find(({ LogicalResourceId }) => LogicalResourceId === name)?.PhysicalResourceId ?? null
