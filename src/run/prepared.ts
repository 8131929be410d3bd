/** Everything that is settled before a run's first worker is launched. Whoever is refused, is refused here. */
import { startErrors } from '../aws-errors.ts'
import { preflightErrors } from '../errors.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { FRAME_VERSION } from '../measure/frame.ts'
import type { Plan } from '../plan/plan.ts'
import { preflight } from '../plan/preflight.ts'
import type { Sampling } from '../plan/sampling.ts'
import { slicesOf } from '../plan/slices.ts'
import { enginesOf } from '../scenario/engine.ts'
import { packScript } from '../scenario/pack.ts'
import type { Script } from '../scenario/script.ts'
import { secretsTaken } from '../secrets/collect.ts'
import type { Millis } from '../units.ts'
import { oversize, type Parts, type Start, workerScript } from '../wire/start.ts'
import type { World } from '../world.ts'
import { numbersOf, withBaseline } from './baseline.ts'
import { moneyFor, type Spend } from './money.ts'
import { besideOf, drainOf, planFor, type Wishes } from './prepare.ts'
import type { RunHead, RunRecord, ScriptHead } from './record.ts'

export type Settings = Wishes &
  Spend & {
    id: string
    folder: string
    env: Record<string, string>
    rawSamples: boolean
    /** Whether each scenario is tried out once, by its assertions, instead of the script's load. */
    acceptance: boolean
    /** How they are sampled, in a monitoring round. */
    monitoring: Sampling | null
    /** The earlier run that this one is compared with. */
    baseline: RunRecord | null
    /** Hosts that load may go to beside what is private. */
    allow: readonly string[]
  }

/** What all starts of a run have in common. */
type SharedStart = Omit<Start, 'index' | 'hook'>

/** `files`: what is to lie in the store for the workers. `headAt`: what the record says of the run, which was launched then. */
export type Prepared = {
  plan: Plan
  shared: SharedStart
  windows: Start[][]
  files: Awaited<ReturnType<typeof packScript>>['files']
  headAt(launchedAt: Millis): RunHead
}

type Ports = { fleet: Fleet; world: World }

/** Throws a PreflightError when the plan does not fit the fleet, the account or the cap. */
export async function prepared(script: Script, settings: Settings, { fleet, world }: Ports): Promise<Prepared> {
  const plan = planFor(script, settings)
  const [refusal] = preflight(plan.windows, besideOf(plan), await fleet.limits())
  if (refusal) throw preflightErrors.refused(refusal)
  const now = world.clock.wall()
  const { platform } = fleet
  const writes = fleet.batches !== null
  const money = moneyFor(script, plan, { ...settings, wishes: settings, machine: platform, writes, now })
  // Artillery's own switch turns `ensure` off.
  const asked = script.thresholds.filter(
    ({ kind }) => kind !== 'ensure' || world.env.ARTILLERY_DISABLE_ENSURE === undefined,
  )
  const thresholds = withBaseline(asked, plan, settings.baseline)
  const { parts, files } = await packScript(script, fleet.inlineBytes)
  const secrets = secretsTaken({ ...settings.env, ...world.env }, script)
  const shared = { ...sharedBy(plan, { script, parts, settings, fleet }), secrets }
  return {
    ...{ plan, shared, files, windows: startsOf(plan, shared) },
    headAt: (launchedAt) => ({
      ...{
        schema: 'slsart.run/1',
        frames: FRAME_VERSION,
        id: settings.id,
        fleet: fleet.name,
        engine: enginesOf(script.scenarios),
        launchedAt,
      },
      plan: world.secrets.json(plan),
      ...{ acceptance: settings.acceptance, monitoring: settings.monitoring },
      script: world.secrets.json({ ...headOf(script), thresholds }),
      baseline: settings.baseline && numbersOf(settings.baseline),
      ...{ platform, money },
    }),
  }
}

/** All starts of a run are as large but for a few digits. What `before` sets comes on top: the fleet looks again. */
export function refuseOversize([first]: readonly (readonly Start[])[], { mostStartBytes }: Fleet): void {
  const start = first?.[0]
  const size = start === undefined || mostStartBytes === null ? null : oversize(start, mostStartBytes)
  if (size !== null && mostStartBytes !== null) throw startErrors.oversize(size, mostStartBytes)
}

export const headOf = (script: Script): Omit<ScriptHead, 'thresholds'> => ({
  ...{ target: script.target, file: script.source.file, warmUp: script.warmUp },
  ...{ strict: script.strict, quorum: script.quorum },
  scenarios: script.scenarios.map(({ name }) => name),
})

type Shared = Pick<Settings, 'id' | 'env' | 'rawSamples' | 'acceptance' | 'monitoring' | 'allow'>

/** What the starts of all workers have in common. A hook's has no slice to look at; it gets the whole. */
export function sharedBy(
  plan: Plan,
  run: { script: Script; parts: Parts; settings: Shared; fleet: Pick<Fleet, 'place' | 'batches'> },
): Omit<SharedStart, 'secrets'> {
  const { profile, seed } = plan
  const { id, env, rawSamples, allow, monitoring } = run.settings
  const acceptance = run.settings.acceptance || monitoring !== null
  const script = workerScript(run.script)
  return {
    run: id,
    attempt: 1,
    slice: { stripe: { index: 0, of: 1 }, window: { from: 0, to: profile.duration } },
    vars: {},
    seed,
    profile,
    drain: drainOf(run.script, plan),
    until: null,
    script,
    parts: run.parts,
    store: run.fleet.place,
    batches: run.fleet.batches,
    env,
    ...{ allow, rawSamples, acceptance },
  }
}

/** The events that start the plan's workers, window by window. */
function startsOf({ windows }: Plan, shared: SharedStart): Start[][] {
  let index = 0
  return windows.map((window) => slicesOf([window]).map((slice) => ({ ...shared, hook: null, slice, index: index++ })))
}
