/** The worker's code in Lambda: one published version for each bundle and set of settings, by which runs find theirs. */
import {
  DeleteFunctionCommand,
  type FunctionConfiguration,
  GetFunctionConfigurationCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda'
import { deployErrors } from '../aws-errors.ts'
import type { Millis } from '../units.ts'
import type { Clients } from './clients.ts'
import type { Work } from './stack.ts'
import { NO_RETRIES } from './template.ts'
import type { WorkerZip } from './zip.ts'

/** `sha256`: base64, of its zip. `published`: just now. */
export type Version = { number: string; sha256: string; published: boolean }

/** Others may run an older version of the command line against the same stage, and runs of theirs may be under way. */
const KEPT = 3

const POLL: Millis = 1_000
/** Into a VPC a function takes minutes. */
const PATIENCE: Millis = 600_000

/** The version that runs this zip with the function's present settings; uploaded and published unless it is there. */
export async function versionFor(name: string, zip: WorkerZip, work: Work): Promise<Version> {
  const { lambda } = work.clients
  const latest = await settled(name, null, work)
  const versions = await versionsOf(work.clients, name)
  const same = versions.findLast(
    (version) => version.CodeSha256 === zip.sha256 && settingsOf(version) === settingsOf(latest),
  )
  if (same !== undefined) return { number: same.Version ?? '', sha256: zip.sha256, published: false }
  if (latest.CodeSha256 !== zip.sha256) {
    work.tell({ kind: 'uploading', bytes: zip.bytes.length })
    await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: name, ZipFile: zip.bytes }))
    await settled(name, null, work)
  }
  // The hash: nothing is published that somebody else has uploaded in between.
  const { Version: number = '' } = await lambda.send(
    new PublishVersionCommand({ FunctionName: name, CodeSha256: zip.sha256, Description: zip.sha256 }),
  )
  // A version has none of the settings that the template gives $LATEST for its invocations.
  await lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName: name, Qualifier: number, ...NO_RETRIES }))
  await settled(name, number, work)
  const old = versions.filter(({ Version }) => Version !== number).slice(0, -(KEPT - 1))
  for (const { Version } of old) {
    await lambda.send(new DeleteFunctionCommand({ FunctionName: name, Qualifier: Version }))
  }
  return { number, sha256: zip.sha256, published: true }
}

/** Published ones, the oldest first. */
export async function versionsOf({ lambda }: Clients, name: string): Promise<FunctionConfiguration[]> {
  const found: FunctionConfiguration[] = []
  let Marker: string | undefined
  do {
    const page = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName: name, Marker }))
    found.push(...(page.Versions ?? []))
    Marker = page.NextMarker
  } while (Marker !== undefined)
  return found.filter(({ Version }) => Version !== '$LATEST').toSorted((a, b) => Number(a.Version) - Number(b.Version))
}

/** All that a version keeps of how the function was set when it was published. */
const settingsOf = (version: FunctionConfiguration): string =>
  JSON.stringify([
    ...[version.MemorySize, version.Timeout, version.Role, version.Runtime, version.Handler, version.Architectures],
    ...[version.EphemeralStorage?.Size, (version.Layers ?? []).map(({ Arn }) => Arn)],
    ...[version.VpcConfig?.SubnetIds?.toSorted() ?? [], version.VpcConfig?.SecurityGroupIds?.toSorted() ?? []],
  ])

/** The function, or a version of it, once Lambda is not at work on it any more. */
async function settled(name: string, version: string | null, { clients, clock }: Work): Promise<FunctionConfiguration> {
  const deadline = clock.wall() + PATIENCE
  for (;;) {
    const found = await clients.lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName: name, ...(version === null ? {} : { Qualifier: version }) }),
    )
    if (found.State === 'Failed') throw deployErrors.function(name, found.StateReason ?? '')
    if (found.LastUpdateStatus === 'Failed') throw deployErrors.function(name, found.LastUpdateStatusReason ?? '')
    if (found.State !== 'Pending' && found.LastUpdateStatus !== 'InProgress') return found
    if (clock.wall() > deadline) throw deployErrors.function(name, `${found.State}, ${found.LastUpdateStatus}`)
    await clock.sleep(POLL)
  }
}
