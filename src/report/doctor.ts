/** What `doctor` found, a line each with the mend below it, and as JSON, schema slsart.doctor/1. */
import type { Check, Finding, Level } from '../stack/doctor.ts'
import { int } from './cells.ts'

type Said = { message: string; mend: string | null }

const MARKS: Record<Level, string> = { ok: 'ok', warning: 'warning', problem: 'PROBLEM' }
const NAMES: Record<Check, string> = {
  node: 'node',
  region: 'region',
  endpoints: 'network',
  clock: 'clock',
  credentials: 'credentials',
  quotas: 'quotas',
  stack: 'stack',
  worker: 'worker',
  role: 'role',
  leftovers: 'leftovers',
}

export function doctorText(findings: readonly Finding[]): string {
  const lines = findings.flatMap((finding) => {
    const { message, mend } = saidOf(finding)
    const line = `${MARKS[finding.level].padEnd(8)} ${NAMES[finding.check].padEnd(11)} ${message}`
    return mend === null ? [line] : [line, `${' '.repeat(21)}${mend}`]
  })
  return `${lines.join('\n')}\n`
}

export const doctorJson = (findings: readonly Finding[], exit: number): object => ({
  schema: 'slsart.doctor/1',
  checks: findings.map((finding) => ({ ...finding, ...saidOf(finding) })),
  exit,
})

const said = (message: string, mend: string | null = null): Said => ({ message, mend })

function saidOf(finding: Finding): Said {
  if ('failed' in finding) return said(finding.failed.message, finding.failed.hint)
  if ('untried' in finding) return said(`not looked at without ${NAMES[finding.untried]}`)
  const { level } = finding
  switch (finding.check) {
    case 'node':
      return said(finding.version, level === 'ok' ? null : `slsart needs node ${finding.least} or newer.`)
    case 'region':
      return said(finding.region)
    case 'endpoints':
      return network(finding.reached)
    case 'clock':
      return clock(finding.ahead, level)
    case 'credentials':
      return said(`${finding.identity.arn} in account ${finding.identity.account}`)
    case 'quotas':
      return quotas(finding.quotas, level)
    case 'stack':
      return stack(finding, level)
    case 'worker':
      return worker(finding.worker)
    case 'role':
      return finding.isThere
        ? said(finding.role)
        : said(`${finding.role} is gone`, 'Run `slsart remove`, then deploy again.')
    case 'leftovers':
      return leftovers(finding)
  }
}

type Of<C extends Check> = Exclude<Extract<Finding, { check: C }>, { failed: object } | { untried: Check }>

function network(reached: Of<'endpoints'>['reached']): Said {
  const silent = reached.filter(({ problem }) => problem !== null)
  const slowest = Math.max(...reached.map(({ took }) => took))
  if (silent.length === 0) return said(`all ${reached.length} services answer, the slowest after ${int(slowest)} ms`)
  const reasons = [...Map.groupBy(silent, ({ problem }) => problem)]
  return said(
    `no answer from ${reasons.map(([why, from]) => `${from.map(({ service }) => service).join(', ')} (${from[0]?.host}: ${why})`).join('; ')}`,
    'Is there a network, a proxy between, and is it the right region? AWS_ENDPOINT_URL sends all calls elsewhere.',
  )
}

function clock(ahead: number | null, level: Level): Said {
  if (ahead === null) return said('no service has told its time')
  const off = `${(Math.abs(ahead) / 1000).toFixed(1)} s ${ahead < 0 ? 'behind' : 'ahead of'} AWS's`
  if (level === 'ok') return said(`right, to the second of AWS's`)
  return said(off, 'Workers begin at a moment that this clock names: set it (NTP), or they begin late, or not at all.')
}

function quotas({ concurrent, unreserved }: Of<'quotas'>['quotas'], level: Level): Said {
  const message = `${int(unreserved)} of ${int(concurrent)} concurrent executions are not reserved`
  if (level === 'ok') return said(message)
  return said(
    message,
    'No more workers than that can be there at once. Service Quotas raises it: "Concurrent executions" of Lambda.',
  )
}

function stack({ name, stack }: Of<'stack'>, level: Level): Said {
  if (stack === null) return said(`${name} is not deployed`, '`slsart deploy` makes it. Until then runs need --local.')
  const message = `${name} is ${stack.status}`
  if (level === 'ok') return said(message)
  return level === 'problem'
    ? said(message, 'It can only be removed: `slsart remove`, then deploy again.')
    : said(
        message,
        /_IN_PROGRESS$/.test(stack.status)
          ? 'Wait until it is done.'
          : 'The last deployment was taken back: deploy again.',
      )
}

function worker({ function: name, version, state, reason, reserved }: Of<'worker'>['worker']): Said {
  if (version === null) {
    return said(`${name} has another version of the worker than this command line`, 'Run `slsart deploy`.')
  }
  const message = `${name}, version ${version}, is ${state}${reason === null ? '' : `: ${reason}`}`
  if (reserved === 0) {
    return said(
      `${message}; its reserved concurrency is 0, so that nothing starts`,
      'Take the reservation off, or deploy again.',
    )
  }
  return said(reserved === null ? message : `${message}, with ${int(reserved)} executions reserved`)
}

function leftovers({ inventory: { deployments, orphans }, stage }: Of<'leftovers'>): Said {
  const others = deployments.filter((deployed) => deployed.stage !== stage)
  const broken = others.filter(({ state }) => /_FAILED$|^ROLLBACK_COMPLETE$/.test(state))
  const kept =
    others.length === 0 ? 'no other stages' : `other stages: ${others.map((other) => other.stage).join(', ')}`
  const parts = [
    ...broken.map(({ stack, state }) => `${stack} is ${state}`),
    ...orphans.map(({ kind, name }) => `the ${kind} ${name} belongs to no stack`),
  ]
  if (parts.length === 0) return said(`nothing is left over; ${kept}`)
  return said(parts.join('; '), '`slsart remove --stage NAME` removes a stage and what is left of it.')
}
