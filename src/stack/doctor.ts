/**
 * Everything between this machine and a run on AWS, looked at one by one: what is well, what may trouble a run, what prevents one. Nothing is
 * changed. Each look is bounded in time, and what hangs on another that failed is not tried.
 */
import { SlsartError } from '../errors.ts'
import type { Millis } from '../units.ts'
import type { World } from '../world.ts'
import {
  type Identity,
  identity,
  isThere,
  type Quotas,
  quotas,
  type WorkerFunction,
  workerFunction,
} from './account.ts'
import { type Clients, openClients } from './clients.ts'
import { type Reached, reachAll } from './endpoints.ts'
import { type Inventory, inventory } from './inventory.ts'
import { stackName } from './names.ts'
import { findStack, type StackState } from './stack.ts'

export type Level = 'ok' | 'warning' | 'problem'

/** What was found; `failed`: why a look came to nothing, `untried`: what it hangs on. The words are in report/doctor.ts. */
export type Finding = { level: Level } & (
  | { check: 'node'; version: string; least: string }
  | { check: 'region'; region: string }
  | { check: 'endpoints'; reached: Reached[] }
  | { check: 'clock'; ahead: Millis | null }
  | { check: 'credentials'; identity: Identity }
  | { check: 'quotas'; quotas: Quotas }
  | { check: 'stack'; name: string; stack: StackState | null }
  | { check: 'worker'; worker: WorkerFunction }
  | { check: 'role'; role: string; isThere: boolean }
  | { check: 'leftovers'; inventory: Inventory; stage: string }
  | { check: Check; failed: { message: string; hint: string | null } }
  | { check: Check; untried: Check }
)
export type Check =
  | 'node'
  | 'region'
  | 'endpoints'
  | 'clock'
  | 'credentials'
  | 'quotas'
  | 'stack'
  | 'worker'
  | 'role'
  | 'leftovers'

/** For each look: the whole takes three of them one after another at the most. */
const PATIENCE: Millis = 5_000
/** Workers begin at a moment that this machine's clock names, and one that comes a second too late for it sends nothing. */
const CLOCK_WARNING: Millis = 1_000
const CLOCK_PROBLEM: Millis = 2_000
/** A date is known to half a second. */
const DATE: Millis = 500
/** AWS's own default for an account is 1,000; new ones begin with less. */
const FEW = 100

/** `least`: the oldest node that will do. `sha256`: of this command line's worker. */
export type Asked = { stage: string; region: string | null; least: string; sha256: string }

export async function examine({ stage, region, least, sha256 }: Asked, world: World): Promise<Finding[]> {
  const node: Finding = {
    ...{ check: 'node', version: world.nodeVersion, least },
    level: isOlder(world.nodeVersion, least) ? 'problem' : 'ok',
  }
  const opened = await looked('region', () => openClients(region, world))
  if (!('found' in opened)) {
    return [node, opened.finding, ...untried('region', 'endpoints', 'credentials', ...OF_ACCOUNT)]
  }
  const clients = opened.found
  const found: Finding = { check: 'region', level: 'ok', region: clients.region }
  const [reached, who] = await Promise.all([
    reachAll(clients.region, world, PATIENCE),
    looked('credentials', () => identity(clients)),
  ])
  const network = [endpointsOf(reached), clockOf(reached)]
  if (!('found' in who)) return [node, found, ...network, who.finding, ...untried('credentials', ...OF_ACCOUNT)]
  const credentials: Finding = { check: 'credentials', level: 'ok', identity: who.found }
  return [node, found, ...network, credentials, ...(await account(clients, stage, sha256))]
}

const OF_ACCOUNT = ['quotas', 'stack', 'worker', 'role', 'leftovers'] as const

const untried = (on: Check, ...checks: readonly Check[]): Finding[] =>
  checks.map((check) => ({ check, level: 'warning', untried: on }))

async function account(clients: Clients, stage: string, sha256: string): Promise<Finding[]> {
  const name = stackName(stage)
  const [room, stack, worker, all] = await Promise.all([
    looked('quotas', () => quotas(clients)),
    looked('stack', () => findStack(clients, name)),
    looked('worker', () => workerFunction(clients, stage, sha256)),
    looked('leftovers', () => inventory(clients, sha256), 'warning'),
  ])
  return [
    'found' in room ? quotasOf(room.found) : room.finding,
    'found' in stack ? { check: 'stack', level: levelOf(stack.found), name, stack: stack.found } : stack.finding,
    ...('found' in worker ? await workerOf(clients, worker.found) : [worker.finding]),
    'found' in all ? leftoversOf(all.found, stage) : all.finding,
  ]
}

type Looked<T> = { found: T } | { finding: Finding }

/** What a look gives, or why it came to nothing; `level`: what that means for a run. */
async function looked<T>(check: Check, look: () => Promise<T>, level: Level = 'problem'): Promise<Looked<T>> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Looked<T>>((resolve) => {
    const failed = { message: `no answer in ${PATIENCE / 1000} s`, hint: null }
    timer = setTimeout(() => resolve({ finding: { check, level, failed } }), PATIENCE)
  })
  const found = look().then(
    (found) => ({ found }),
    (error: unknown) => {
      if (!(error instanceof SlsartError)) throw error
      return { finding: { check, level, failed: { message: error.message, hint: error.hint } } }
    },
  )
  return Promise.race([found, late]).finally(() => clearTimeout(timer))
}

function endpointsOf(reached: Reached[]): Finding {
  const level = reached.every(({ problem }) => problem === null) ? 'ok' : 'problem'
  return { check: 'endpoints', level, reached }
}

/** By the answer that came fastest. */
function clockOf(reached: readonly Reached[]): Finding {
  const [best] = reached.filter(({ ahead }) => ahead !== null).toSorted((a, b) => a.took - b.took)
  const ahead = best?.ahead ?? null
  if (best === undefined || ahead === null) return { check: 'clock', level: 'warning', ahead }
  const least = Math.max(0, Math.abs(ahead) - DATE - best.took / 2)
  return { check: 'clock', level: least > CLOCK_PROBLEM ? 'problem' : least > CLOCK_WARNING ? 'warning' : 'ok', ahead }
}

function quotasOf(quotas: Quotas): Finding {
  const level = quotas.unreserved === 0 ? 'problem' : quotas.unreserved < FEW ? 'warning' : 'ok'
  return { check: 'quotas', level, quotas }
}

/** Not deployed is where everybody begins. */
function levelOf(stack: StackState | null): Level {
  if (stack === null) return 'warning'
  if (isBroken(stack.status)) return 'problem'
  return /^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(stack.status) ? 'ok' : 'warning'
}

/** Nothing can be done with such a stack but to remove it. */
const isBroken = (status: string): boolean => /_FAILED$|^ROLLBACK_COMPLETE$/.test(status)

async function workerOf(clients: Clients, worker: WorkerFunction | null): Promise<Finding[]> {
  if (worker === null) return []
  const { version, state, reserved, role } = worker
  const level =
    version === null || state === 'Failed' || reserved === 0 ? 'problem' : state === 'Active' ? 'ok' : 'warning'
  const there = await looked('role', () => isThere(clients, role), 'warning')
  return [
    { check: 'worker', level, worker },
    'found' in there
      ? { check: 'role', level: there.found ? 'ok' : 'problem', role, isThere: there.found }
      : there.finding,
  ]
}

function leftoversOf(inventory: Inventory, stage: string): Finding {
  const stale = inventory.deployments.some((deployed) => deployed.stage !== stage && isBroken(deployed.state))
  return { check: 'leftovers', level: stale || inventory.orphans.length > 0 ? 'warning' : 'ok', inventory, stage }
}

const isOlder = (version: string, least: string): boolean => {
  const [a, b] = [version, least].map((text) => text.split('.').map(Number))
  const at = [0, 1, 2].find((i) => (a?.[i] ?? 0) !== (b?.[i] ?? 0))
  return at !== undefined && (a?.[at] ?? 0) < (b?.[at] ?? 0)
}
