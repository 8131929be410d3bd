/**
 * One run, from script to record: plan → launch → merge → judge. Throws a SlsartError before the first request;
 * afterwards every ending is a RunRecord.
 */
import { preflightErrors } from '../errors.ts'
import type { Fleet } from '../fleet/fleet.ts'
import { type ArtilleryPeriod, periodOf } from '../measure/artillery.ts'
import { type Judged, judgeThresholds } from '../measure/thresholds.ts'
import { judge } from '../measure/verdict.ts'
import type { Plan } from '../plan/plan.ts'
import { preflight } from '../plan/preflight.ts'
import { slicesOf } from '../plan/slices.ts'
import { packScript } from '../scenario/pack.ts'
import type { Script } from '../scenario/script.ts'
import { folderStore } from '../store/folder.ts'
import { type Parts, type Start, workerScript } from '../wire/start.ts'
import type { World } from '../world.ts'
import { exitFor } from './ending.ts'
import { evidence } from './evidence.ts'
import { hooksOf } from './hooks.ts'
import { LiveRun, type Observe } from './live.ts'
import { openPlugins, type Plugins } from './plugins.ts'
import { besideOf, drainOf, planFor, type Wishes } from './prepare.ts'
import { openRecord, type RunRecord } from './record.ts'
import type { RunState } from './state.ts'

export type Settings = Wishes & { id: string; folder: string; env: Record<string, string>; rawSamples: boolean }

export async function conduct(
  script: Script,
  settings: Settings,
  { fleet, world, observe }: { fleet: Fleet; world: World; observe: Observe },
): Promise<RunRecord> {
  const { id, folder } = settings
  const plan = planFor(script, settings)
  const [refusal] = preflight(plan.windows, besideOf(plan), fleet.limits())
  if (refusal) throw preflightErrors.refused(refusal)
  const { parts, files } = await packScript(script)
  const plugins = await openPlugins(script, id, world)
  const log = await openRecord(folder, { id, script, plan })
  const store = folderStore(folder)
  for (const { key, bytes } of files) await store.put(key, bytes)

  const run = new LiveRun(plan, {
    fleet,
    world,
    log: plugins?.listening(log) ?? log,
    observe: (state) => {
      observe(state)
      plugins?.observe(state)
    },
  })
  const shared = sharedBy(plan, { script, parts, settings })
  await run.carryOut(startsOf(plan, shared), hooksOf(shared))
  await log.close()

  const { state, after } = run
  const endedAt = world.clock.wall()
  const startedAt = state.t0 ?? endedAt
  const seconds = Math.max(1, Math.ceil((endedAt - startedAt) / 1000))
  const whole = periodOf(state.totals, { startedAt, second: 0, seconds })
  // Artillery's own switch turns `ensure` off.
  const thresholds =
    world.env.ARTILLERY_DISABLE_ENSURE === undefined ? judgeThresholds(script.thresholds, whole, script.strict) : []
  const suggested = await suggestedBy(plugins, state, { whole, thresholds, world })
  const verdict = judge(evidence(state, log.problem(), { thresholds, suggested, quorum: script.quorum }))
  return {
    id,
    folder,
    script,
    state,
    after,
    startedAt,
    endedAt,
    fleet: 'local',
    thresholds,
    verdict,
    exit: exitFor(verdict),
  }
}

/** What the workers' code suggested, unless a plugin at the conductor says otherwise; a failed `ensure` it knows as 1. */
async function suggestedBy(
  plugins: Plugins | null,
  state: RunState,
  { whole, thresholds, world }: { whole: ArtilleryPeriod; thresholds: readonly Judged[]; world: World },
): Promise<number> {
  if (plugins === null) return state.suggested
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

/** What the starts of all workers have in common. A hook's has no slice to look at; it gets the whole. */
function sharedBy(
  plan: Plan,
  run: { script: Script; parts: Parts; settings: Settings },
): Omit<Start, 'index' | 'hook'> {
  const { profile, seed } = plan
  const { id, folder, env, rawSamples } = run.settings
  const script = workerScript(run.script)
  return {
    run: id,
    attempt: 1,
    slice: { stripe: { index: 0, of: 1 }, window: { from: 0, to: profile.duration } },
    vars: {},
    seed,
    profile,
    drain: drainOf(run.script, plan),
    script,
    parts: run.parts,
    store: folder,
    env,
    rawSamples,
  }
}

/** The events that start the plan's workers, window by window. */
function startsOf({ windows }: Plan, shared: Omit<Start, 'index' | 'hook'>): Start[][] {
  let index = 0
  return windows.map((window) => slicesOf([window]).map((slice) => ({ ...shared, hook: null, slice, index: index++ })))
}
