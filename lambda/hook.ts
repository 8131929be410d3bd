/** `before` or `after`: one flow, run once for the whole run in a worker of its own. What it sets reaches every virtual user. */
import type { Stop } from '../src/wire/orders.ts'
import type { HookName, Start } from '../src/wire/start.ts'
import type { Clock } from './clock.ts'
import { endless } from './deadline.ts'
import type { Engine, Loaded } from './engines/engine.ts'
import { followOrders } from './follow.ts'
import { fetchParts } from './parts.ts'
import { Recorder } from './recorder.ts'
import { learnRows } from './secrets.ts'
import { randomFor, variablesFor } from './variables.ts'
import type { Host } from './worker.ts'

/** The flow itself failed: a capture, a match, a request without an answer. */
export class HookFault extends Error {}

/** No arrival has this index: a hook draws what no virtual user draws. */
const NOBODY = Number.MAX_SAFE_INTEGER

export async function runHook(
  start: Start & { hook: HookName },
  { engine, clock, host }: { engine: Engine; clock: Clock; host: Host },
): Promise<void> {
  const { run, seed, hook, index, attempt } = start
  const { functions, modules, rows, script } = await fetchParts(start, host.store)
  learnRows(host.redactor, script, rows)
  const recorder = new Recorder({ slice: index, attempt }, false)
  const { targets, redactor } = host
  const loaded: Loaded = {
    ...{ run, script, vars: start.vars, functions, modules, recorder, now: clock.now, targets, redactor, tell: null },
  }
  const vars = variablesFor(script, rows, seed)(0)
  const stopped = new AbortController()
  const onStop = (how: Stop): void => {
    // What `before` has made is taken away after a stop too, but for one at once.
    if (hook === 'before' || how === 'now') stopped.abort()
  }
  const follower = followOrders(
    {
      // It ends by its start's own moment: the load's is over when `after` begins.
      ...{ store: host.store, wall: clock.wall, budget: endless, window: () => start.slice.window },
      workers: 1,
      ready: { slice: index, attempt, at: clock.wall() },
    },
    { onStop, onEpochs() {} },
  )
  const own = { vars, random: randomFor(seed, NOBODY), stopped: stopped.signal }
  const set = await engine
    .hook(loaded, hook, own)
    .catch((error: unknown) => {
      throw new HookFault(error instanceof Error ? error.message : String(error))
    })
    .finally(() => follower.close())
  host.send({ type: 'hooked', vars: set })
}
