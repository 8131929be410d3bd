/** What `deploy`, `ls` and `remove` say, while they work and at the end. */
import type { Deployed } from '../stack/apply.ts'
import type { Deployment, Inventory } from '../stack/inventory.ts'
import type { Removed } from '../stack/remove.ts'
import type { Settings } from '../stack/settings.ts'
import type { Happening, StackEvent } from '../stack/stack.ts'
import type { Seconds } from '../units.ts'
import { int } from './cells.ts'
import { columns } from './columns.ts'

/** A line a happening. Hours and minutes as they are here. */
export function happeningText(happening: Happening): string {
  switch (happening.kind) {
    case 'waiting':
      return `${happening.stack} is being changed (${happening.status}); waiting for that to end`
    case 'creating':
      return `creating the stack ${happening.stack}`
    case 'updating':
      return `updating the stack ${happening.stack}`
    case 'deleting':
      return `deleting the stack ${happening.stack}`
    case 'uploading':
      return `uploading the worker, ${(happening.bytes / 1e6).toFixed(1)} MB`
    case 'emptied':
      return `${int(happening.objects)} objects deleted from ${happening.bucket}`
    case 'event':
      return eventText(happening.event)
  }
}

const eventText = ({ at, resource, status, reason }: StackEvent): string =>
  `  ${at.toTimeString().slice(0, 8)}  ${status.padEnd(18)}  ${resource}${reason === null ? '' : `: ${reason}`}`

export type Place = { region: string; version: string; took: Seconds }

export function deployedText(deployed: Deployed, settings: Settings, { region, version, took }: Place): string {
  const { stack, version: code } = deployed
  const same = stack === 'unchanged' && !code.published
  const said = same
    ? 'Nothing to do: neither the worker nor its settings have changed.'
    : `The stage ${settings.stage} is deployed.`
  return `${[
    said,
    `  function  ${deployed.function}, version ${code.number}, ${settings.arch}, ${settings.memory} MB`,
    `  worker    slsart ${version}, ${code.sha256}`,
    `  bucket    ${deployed.bucket}`,
    `  region    ${region}`,
    ...monitoringLines(settings),
    `  took      ${took.toFixed(1)} s`,
  ].join('\n')}\n`
}

function monitoringLines({ monitoring, alert }: Settings): string[] {
  const told = alert === null ? '' : `${alert} is told, and must confirm that once`
  if (monitoring === null) return told === '' ? [] : [`  alert     ${told}: how detached runs end`]
  return [`  monitors  ${monitoring.script}, every ${monitoring.every / 60} min${told === '' ? '' : `; ${told}`}`]
}

export const questionText = (stack: string, region: string): string =>
  `Remove ${stack} from ${region}, with the records of its runs that are there? [y/N] `

export const KEPT = 'Nothing was removed.\n'

export function removedText({ stack, objects, logGroups }: Removed, name: string, region: string): string {
  const left = 'No function, bucket, role or log group of it is left.'
  if (stack === 'removed') return `Removed ${name} from ${region}, and ${int(objects)} objects in its bucket. ${left}\n`
  if (logGroups > 0) return `There was no stack ${name} in ${region}; its log group is removed. ${left}\n`
  return `There is no stack ${name} in ${region}. ${left}\n`
}

export const inventoryJson = ({ region, deployments, orphans }: Inventory, version: string): object => ({
  schema: 'slsart.stacks/1',
  region,
  cli: version,
  stacks: deployments,
  orphans,
})

export function inventoryText({ region, deployments, orphans }: Inventory): string {
  const heads = ['stage', 'stack', 'version', 'worker', 'memory MB', 'processor', 'created']
  const stacks =
    deployments.length === 0
      ? [`Nothing is deployed in ${region}.`]
      : columns([heads, ...deployments.map((deployment) => cells(deployment))])
  const strays = orphans.map(({ kind, name }) => `  ${kind} ${name}`)
  const beside = orphans.length === 0 ? [] : ['', 'In no stack, though they bear our names:', ...strays]
  return `${[...stacks, ...beside].join('\n')}\n`
}

const cells = (of: Deployment): string[] => [
  of.stage,
  of.state,
  of.version ?? '–',
  of.version === null ? 'none' : of.current ? 'this one' : 'another',
  of.memory === null ? '–' : String(of.memory),
  of.arch ?? '–',
  of.created?.toISOString().slice(0, 16).replace('T', ' ') ?? '–',
]
