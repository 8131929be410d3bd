/** `slsart kill`: ends the load of a run that another process conducts, or none any more. */
import { type ExitCode, usageErrors } from '../../errors.ts'
import { killText } from '../../report/advice.ts'
import { ask, hasLapsed, look, type Place, type Seen, waitForEnd } from '../../run/kill.ts'
import { lastOf, pastRuns } from '../../run/record.ts'
import { patient } from '../../store/patient.ts'
import type { Millis } from '../../units.ts'
import type { World } from '../../world.ts'
import type { Args } from '../main.ts'
import { type RunStore, storeOf } from '../runs.ts'

const EVERY: Record<'here' | 'elsewhere', Millis> = { here: 100, elsewhere: 500 }

/** What is known of a run before it is told to stop. */
type Found = { run: RunStore; place: Place; isOver: boolean; seen: Seen | null }

/** 0 when the load has ended, 12 when that could not be seen. */
export async function kill(args: Args, world: World): Promise<ExitCode> {
  const { run, place, isOver } = await found(args, world)
  const { id } = run
  const say = (text: string): void => world.stdout.write(`${text}\n`)
  try {
    if (isOver) {
      say(killText.over(id))
      return 0
    }
    const from = world.clock.wall()
    const how = await ask(place, args.now === true ? 'now' : 'drain')
    say(killText.asked(id, how))
    const outcome = await waitForEnd(place, how, () => hasEnding(run))
    say(killText.outcome(id, outcome, world.clock.wall() - from))
    return outcome.kind === 'unseen' ? 12 : 0
  } finally {
    run.store.close()
  }
}

async function found(args: Args, world: World): Promise<Found> {
  const said = args.run as string | undefined
  if (said !== undefined) return find(said, args, world)
  const runs = await pastRuns(world.cwd)
  const [newest] = runs
  if (newest === undefined) throw usageErrors.noneToStop()
  let lapsed: Found | null = null
  for (const { head } of runs.filter(({ ending }) => ending === null)) {
    const one = await find(head.id, args, world)
    const isIdle = one.isOver || one.seen === null || hasLapsed(one.seen, world.clock.wall())
    // Its command was killed some day, or is frozen: unless there is one that certainly goes on.
    if (!isIdle) return one
    if (!one.isOver) lapsed ??= one
  }
  return lapsed ?? find(newest.head.id, args, world)
}

/** Throws a UsageError when there is no such run. */
async function find(said: string, args: Args, world: World): Promise<Found> {
  const run = await storeOf(said, args, world)
  const { name } = world.machine
  const place: Place = {
    ...{ store: patient(run.store), clock: world.clock, every: run.isLocal ? EVERY.here : EVERY.elsewhere },
    isGone: run.isLocal ? (claim) => isGone(claim, name, world) : null,
  }
  if (await hasEnding(run)) return { run, place, isOver: true, seen: null }
  const seen = await look(place)
  if (seen.orders === null && run.folder === null) throw usageErrors.notInStore()
  return { run, place, isOver: seen.isOver || seen.orders === null, seen }
}

const hasEnding = async ({ folder }: RunStore): Promise<boolean> => folder !== null && (await lastOf(folder)) !== null

/** Another machine may share the folder. */
function isGone(claim: Uint8Array, machine: string, world: World): boolean {
  try {
    const said = JSON.parse(new TextDecoder().decode(claim)) as { machine?: string; pid?: number }
    return said.machine === machine && said.pid !== undefined && !world.isThere(said.pid)
  } catch {
    return false
  }
}
