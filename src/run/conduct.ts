/**
 * One run, from script to record: plan → launch → merge → judge. Throws a SlsartError before the first request;
 * afterwards every ending is a RunRecord.
 */
import { startErrors } from '../aws-errors.ts'
import { preflightErrors } from '../errors.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Plan } from '../plan/plan.ts'
import { preflight } from '../plan/preflight.ts'
import type { Sampling } from '../plan/sampling.ts'
import { slicesOf } from '../plan/slices.ts'
import { enginesOf } from '../scenario/engine.ts'
import { packScript } from '../scenario/pack.ts'
import type { Script } from '../scenario/script.ts'
import { secretsTaken } from '../secrets/collect.ts'
import type { Millis } from '../units.ts'
import { headKey, overKey } from '../wire/keys.ts'
import { oversize, type Parts, type Start, workerScript } from '../wire/start.ts'
import type { World } from '../world.ts'
import { numbersOf, withBaseline } from './baseline.ts'
import { hooksOf } from './hooks.ts'
import { LiveRun, type Observe } from './live.ts'
import { moneyFor, type Spend } from './money.ts'
import { openPlugins, type Plugins } from './plugins.ts'
import { besideOf, drainOf, planFor, type Wishes } from './prepare.ts'
import {
  briefOf,
  type Ending,
  judgedOf,
  keepEnding,
  openRecord,
  type RunHead,
  type RunRecord,
  recordOf,
  type ScriptHead,
  wholeOf,
} from './record.ts'
import type { RunState } from './state.ts'
import { type Controls, isSteerable } from './steer.ts'

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

/** `control` is given what can be done to the run, before it begins. */
export type Ports = { fleet: Fleet; world: World; observe: Observe; control?: (controls: Controls) => void }

export async function conduct(
  script: Script,
  settings: Settings,
  { fleet, world, observe, control = () => {} }: Ports,
): Promise<RunRecord> {
  const { id, folder } = settings
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
  const windows = startsOf(plan, shared)
  refuseOversize(windows, fleet)
  const plugins = await openPlugins(script, id, world)
  const launchedAt = world.clock.wall()
  const head: RunHead = {
    ...{ schema: 'slsart.run/1', id, fleet: fleet.name, engine: enginesOf(script.scenarios), launchedAt },
    plan: world.secrets.json(plan),
    ...{ acceptance: settings.acceptance, monitoring: settings.monitoring },
    script: world.secrets.json({ ...headOf(script), thresholds }),
    baseline: settings.baseline && numbersOf(settings.baseline),
    ...{ platform, money },
  }
  const log = await openRecord(folder, head)
  for (const { key, bytes } of files) await fleet.store.put(key, bytes)
  // With the workers' batches it makes the record, should this process be gone by the end.
  if (fleet.batches !== null) await fleet.store.put(headKey, Buffer.from(JSON.stringify(head)))

  const run = new LiveRun(head, {
    fleet,
    world,
    log: plugins?.listening(log) ?? log,
    observe: (state) => {
      observe(state)
      plugins?.observe(state)
    },
  })
  control({ steer: isSteerable(plan) ? (steering) => run.steer(steering) : null })
  await run.carryOut(windows, hooksOf(shared)).finally(async () => {
    // Who stops the run from elsewhere waits for it; without it they say that they have not seen the end.
    await fleet.store.put(overKey, new Uint8Array()).catch(() => {})
    await fleet.close()
  })
  const logged = await log.close()

  const { state, after } = run
  const endedAt = world.clock.wall()
  const suggested = await suggestedBy(plugins, { folder, head, state, endedAt, world })
  const ending: Ending = { endedAt, after, suggested, problem: log.problem(), logged }
  const record = recordOf({ folder, head, state, cut: null, counted: null }, ending)
  // A record without an end can be read all the same: it says so.
  await keepEnding(folder, { ...ending, ...briefOf(record) }).catch(() => {})
  return record
}

/** All starts of a run are as large but for a few digits. What `before` sets comes on top: the fleet looks again. */
function refuseOversize([first]: readonly (readonly Start[])[], { mostStartBytes }: Fleet): void {
  const start = first?.[0]
  const size = start === undefined || mostStartBytes === null ? null : oversize(start, mostStartBytes)
  if (size !== null && mostStartBytes !== null) throw startErrors.oversize(size, mostStartBytes)
}

export const headOf = (script: Script): Omit<ScriptHead, 'thresholds'> => ({
  ...{ target: script.target, file: script.source.file, warmUp: script.warmUp },
  ...{ strict: script.strict, quorum: script.quorum },
  scenarios: script.scenarios.map(({ name }) => name),
})

/** What the workers' code suggested, unless a plugin at the conductor says otherwise; a failed `ensure` it knows as 1. */
async function suggestedBy(
  plugins: Plugins | null,
  run: { folder: string; head: RunHead; state: RunState; endedAt: Millis; world: World },
): Promise<number> {
  const { state, endedAt, world } = run
  if (plugins === null) return state.suggested
  const whole = wholeOf(state, endedAt)
  const thresholds = judgedOf(run, endedAt)
  const known = thresholds.some(({ ok, strict }) => strict && !ok) ? 1 : state.suggested
  // The load is over: ^C ends the waiting for plugins, not the report.
  let end = (): void => {}
  const impatient = new Promise<number>((resolve) => {
    end = world.onStop(() => resolve(known))
  })
  const said = await Promise.race([plugins.close(state, whole, { judged: thresholds, exit: known }), impatient])
  end()
  return said === known ? state.suggested : said
}

type Shared = Pick<Settings, 'id' | 'env' | 'rawSamples' | 'acceptance' | 'monitoring' | 'allow'>

/** What the starts of all workers have in common. A hook's has no slice to look at; it gets the whole. */
export function sharedBy(
  plan: Plan,
  run: { script: Script; parts: Parts; settings: Shared; fleet: Pick<Fleet, 'place' | 'batches'> },
): Omit<Start, 'index' | 'hook' | 'secrets'> {
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
function startsOf({ windows }: Plan, shared: Omit<Start, 'index' | 'hook'>): Start[][] {
  let index = 0
  return windows.map((window) => slicesOf([window]).map((slice) => ({ ...shared, hook: null, slice, index: index++ })))
}
