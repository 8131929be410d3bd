/**
 * One run, from script to record: plan → launch → merge → judge. Throws a SlsartError before the first request;
 * afterwards every ending is a RunRecord, but for a run that was left to a state machine.
 */
import { oneLine } from '../errors.ts'
import type { Fleet } from '../fleet/fleet.ts'
import type { Script } from '../scenario/script.ts'
import { documentBytes } from '../store/documents.ts'
import type { Millis } from '../units.ts'
import { endingKey, headKey, overKey } from '../wire/keys.ts'
import type { World } from '../world.ts'
import { heedSteering } from './heed.ts'
import { hooksOf } from './hooks.ts'
import type { Left } from './leaving.ts'
import { LiveRun, type Observe } from './live.ts'
import type { Machine } from './machine.ts'
import { openPlugins, type Plugins } from './plugins.ts'
import { prepared, refuseOversize, type Settings } from './prepared.ts'
import {
  briefOf,
  type Ending,
  judgedOf,
  keepEnding,
  openRecord,
  type RunHead,
  type RunRecord,
  recordOf,
  wholeOf,
} from './record.ts'
import type { RunState } from './state.ts'
import { type Controls, isSteerable } from './steer.ts'

/**
 * `control` is given what can be done to the run, and how it stands, before it begins: what takes long for a watcher to get ready holds up no stream
 * then. `machine`: that it can be left to.
 */
export type Ports = {
  fleet: Fleet
  world: World
  observe: Observe
  control?: (controls: Controls, state: RunState) => void
  machine?: Machine | null
}

export async function conduct(
  script: Script,
  settings: Settings,
  { fleet, world, observe, control = () => {}, machine = null }: Ports,
): Promise<RunRecord | Left> {
  const { id, folder } = settings
  const { plan, shared, windows, files, headAt } = await prepared(script, settings, { fleet, world })
  refuseOversize(windows, fleet)
  const plugins = await openPlugins(script, id, world)
  const head = headAt(world.clock.wall())
  const log = await openRecord(folder, head)
  for (const { key, bytes } of files) await fleet.store.put(key, bytes)
  // With the workers' batches it makes the record, should this process be gone by the end; and it says where a run in several regions is.
  if (fleet.batches !== null || fleet.platform?.others !== undefined)
    await fleet.store.put(headKey, documentBytes(head))

  const run = new LiveRun(head, {
    fleet,
    world,
    log: plugins?.listening(log) ?? log,
    observe: (state) => {
      observe(state)
      plugins?.observe(state)
    },
  })
  const leave = (): Promise<void> => run.leaving.to({ script, machine })
  control({ steer: isSteerable(plan) ? run.steer : null, leave }, run.state)
  const heeded = heedSteering({ store: fleet.store, clock: world.clock, steer: run.steer })
  try {
    await run.carryOut(windows, hooksOf(shared)).finally(async () => {
      await heeded()
      // Who stops the run from elsewhere waits for it; without it they say that they have not seen the end.
      if (run.leaving.left === null) await fleet.store.put(overKey, new Uint8Array()).catch(() => {})
    })
    const logged = await log.close()
    if (run.leaving.left !== null) return run.leaving.left

    const { state, after } = run
    const endedAt = world.clock.wall()
    const suggested = await suggestedBy(plugins, { folder, head, state, endedAt, world })
    const ending: Ending = { endedAt, after, suggested, problem: log.problem(), logged }
    const ended = { folder, head, state, cut: null, counted: null }
    const record = recordOf(ended, ending)
    const whole = { ...ending, ...briefOf(record) }
    const problem = await keepEnding(folder, whole).then(() => null, oneLine)
    // For a list of runs elsewhere.
    if (fleet.batches !== null) await fleet.store.put(endingKey, documentBytes(whole)).catch(() => {})
    // Who reads a record without an end is told that it is cut off: so is who sees the run.
    return problem === null ? record : recordOf(ended, { ...ending, problem: ending.problem ?? problem })
  } finally {
    await fleet.close()
  }
}

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
