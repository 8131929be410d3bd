/** The fleet of a run that is dealt to several regions: each is looked at before anything is asked of any, and is refused, or left out, by its name. */
import { SlsartError } from '../errors.ts'
import type { Platform } from '../fleet/fleet.ts'
import type { LambdaFleet } from '../fleet/lambda/fleet.ts'
import { type Limits, preflightRegions } from '../plan/preflight.ts'
import { dealt, type RegionShare } from '../plan/regions.ts'
import { redealtText, regionErrors, regionRefusalText, type Unable, unableBy } from '../region-errors.ts'
import { besideOf, planFor } from '../run/prepare.ts'
import type { World } from '../world.ts'
import type { Args } from './main.ts'
import { accept, machineOf, openFleet, type Ready, type Run, stageIn } from './opening.ts'
import { inRegion } from './regions.ts'

/** A region that can start workers, and how many. */
type Able = Pick<Ready, 'machine'> & { share: RegionShare; part: LambdaFleet; limits: Limits }

/** Throws a PreflightError when a region cannot start, and nobody said --redeal, or none can. */
export async function dealtFleet(args: Args, world: World, run: Run): Promise<Ready> {
  const shares = run.wishes.regions
  const looked = await Promise.all(shares.map((share) => lookAt(args, world, run, share)))
  const found = looked.filter((one) => 'part' in one)
  try {
    const without = looked.filter((one) => 'why' in one)
    // What is refused as it is would be no better for being dealt to fewer.
    const isHeld = without.length > 0 && args.redeal !== true
    const { able, unable } = isHeld ? { able: found, unable: [] } : fitting(run, found)
    const failed = [...without, ...unable]
    if (failed.length > 0) {
      if (args.redeal !== true || able.length === 0) throw regionErrors.unable(failed, shares.length)
      world.stderr.write(
        `note: ${redealtText(
          failed,
          able.map(({ share }) => share.region),
        )}\n`,
      )
    }
    await Promise.all(found.filter((one) => !able.includes(one)).map(({ part }) => part.close()))
    return await together(args, world, run, able)
  } catch (error) {
    await Promise.all(found.map(({ part }) => part.close()))
    throw error
  }
}

async function lookAt(args: Args, world: World, run: Run, share: RegionShare): Promise<Able | Unable> {
  try {
    const stage = await stageIn(inRegion(args, share.region), world)
    const part = await openFleet(args, world, run, stage)
    return { share, part, limits: await part.limits(), machine: machineOf(stage, run.id) }
  } catch (error) {
    if (!(error instanceof SlsartError)) throw error
    return { region: share.region, why: unableBy(error) }
  }
}

/** Those that have room for their share of the plan. What one has no room for is more for the others: they are asked again. */
function fitting({ script, wishes }: Run, found: readonly Able[]): { able: readonly Able[]; unable: Unable[] } {
  const unable: Unable[] = []
  for (let able = found; ; ) {
    const regions = able.map(({ share }) => share)
    if (regions.length < 2) return { able, unable }
    const plan = planFor(script, { ...wishes, regions })
    const limits = able.map((one) => one.limits)
    const refusals = preflightRegions(plan, besideOf(plan), limits)
    if (refusals.length === 0) return { able, unable }
    unable.push(...refusals.map((refusal) => ({ region: refusal.region ?? '', why: regionRefusalText(refusal) })))
    able = able.filter(({ share }) => !refusals.some(({ region }) => region === share.region))
  }
}

/** A single one that is left has the run to itself. */
async function together(args: Args, world: World, run: Run, able: readonly Able[]): Promise<Ready> {
  const regions = able.length < 2 ? [] : able.map(({ share }) => share)
  const wishes = { ...run.wishes, regions }
  const [first, ...rest] = able.map(({ part }) => part)
  if (first === undefined) throw new TypeError('a run is in one region at least')
  const platform: Platform =
    rest.length === 0 ? first.platform : { ...first.platform, others: rest.map((part) => part.platform) }
  await accept(args, world, { ...run, wishes }, platform)
  if (rest.length === 0) return { fleet: first, regions, machine: able[0]?.machine ?? null }
  const { regionsFleet } = await import('../fleet/lambda/regions.ts')
  const places = dealt(planFor(run.script, wishes))
  return { fleet: regionsFleet([first, ...rest], (slice) => places[slice] ?? 0, world.clock), regions, machine: null }
}
