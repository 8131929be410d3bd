/** The fleet that a run goes to: processes on this machine, or a stage that is deployed, once it is found, is of this version and has its price agreed to. */
import { join } from 'node:path'
import { preflightErrors } from '../errors.ts'
import type { Fleet, Platform } from '../fleet/fleet.ts'
import { localFleet } from '../fleet/local/fleet.ts'
import { priceOf } from '../plan/price.ts'
import { priceText } from '../report/advice.ts'
import { moneyOf, type Spend } from '../run/money.ts'
import { besideOf, planFor, type Wishes } from '../run/prepare.ts'
import type { Script } from '../scenario/script.ts'
import type { ReadyStage } from '../stack/deployed.ts'
import type { Usd } from '../units.ts'
import type { World } from '../world.ts'
import type { Args } from './main.ts'
import { holdToCap } from './spend.ts'

/** Runs that are expected to cost more are confirmed first. */
const CONFIRM_ABOVE: Usd = 1

export type Run = { id: string; folder: string; script: Script; wishes: Wishes; spend: Spend }

/** Throws a PreflightError when there is no such stage, it has another version, the run may not cost what it would, or nobody agrees to the price. No AWS code is loaded for `--local`. */
export async function fleetFor(args: Args, world: World, run: Run): Promise<Fleet> {
  if (!args.local) return deployed(args, world, run)
  holdToCap(args, world, run, null)
  return localFleet(world, run.folder)
}

async function deployed(args: Args, world: World, run: Run): Promise<Fleet> {
  const stage = await stageFor(args, world, run)
  return openFleet(args, world, run, stage)
}

/** Throws a PreflightError when there is no such stage, it has another version, the run may not cost what it would, or nobody agrees to the price. */
export async function stageFor(args: Args, world: World, run: Run): Promise<ReadyStage> {
  const [{ settingsFor }, stack, { workerZip }] = await Promise.all([
    import('./settings.ts'),
    Promise.all([import('../stack/clients.ts'), import('../stack/deployed.ts')]),
    import('../stack/zip.ts'),
  ])
  const [{ openClients }, { readyStage }] = stack
  const { stage, region: asked } = settingsFor(args, world)
  const clients = await openClients(asked, world)
  const ready = await readyStage(clients, stage, (await workerZip()).sha256)
  const { platform } = ready
  holdToCap(args, world, run, platform)
  await agree(args, world, run, platform)
  return ready
}

export async function openFleet(
  args: Args,
  world: World,
  { id, folder }: Run,
  { platform, version }: ReadyStage,
): Promise<Fleet> {
  const [{ lambdaFleet }, { openRunStore }] = await Promise.all([
    import('../fleet/lambda/fleet.ts'),
    import('./store.ts'),
  ])
  const opened = await openRunStore({ ...platform, id }, world)
  return lambdaFleet({
    ...{ ...opened, world, platform, version },
    ephemeral: args.ephemeral === true,
    logs: join(folder, 'logs'),
    note: (text) => world.stderr.write(`note: ${text}\n`),
  })
}

/** Says the price; asks when it is high, or not known. Without a terminal to ask on `--yes` must have said it. */
async function agree(args: Args, world: World, { script, wishes, spend }: Run, platform: Platform): Promise<void> {
  const plan = planFor(script, wishes)
  const { tariff } = moneyOf(platform, spend.price, null)
  const price = tariff && priceOf(plan.windows, tariff, besideOf(plan))
  const text = priceText(price, platform, plan.workers)
  if (!args.quiet) world.stderr.write(`${text}\n`)
  const isSmall = price !== null && price.expected.usd <= CONFIRM_ABOVE
  if (isSmall || args.yes === true) return
  const { terminal } = world
  if (terminal === null) throw preflightErrors.unconfirmed(text)
  const { confirmed } = await import('./confirm.ts')
  if (!(await confirmed('Go on? [y/N] ', terminal))) throw preflightErrors.declined()
}
