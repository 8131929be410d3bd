/** Who watches a run: the dashboard where there is a terminal for it, else a line or an object a second. */
import { relative } from 'node:path'
import type { Controls, Dashboard as Drawn } from '../dashboard/open.tsx'
import { usageErrors } from '../errors.ts'
import type { FleetName } from '../fleet/fleet.ts'
import type { Totals } from '../measure/merge.ts'
import type { Observe } from '../run/live.ts'
import type { RunState } from '../run/state.ts'
import type { Controls as Steerable } from '../run/steer.ts'
import type { Script } from '../scenario/script.ts'
import { folderStore } from '../store/folder.ts'
import type { Terminal, World } from '../world.ts'
import { isTrial } from './config.ts'
import type { Args } from './main.ts'
import { observerFor } from './plain.ts'
import { textFlag } from './said.ts'

type Watched = { id: string; folder: string; fleet: FleetName; script: Script; baseline: Totals | null }

/** `close` gives the terminal back; to be called however the run ends. */
export type Watching = { observe: Observe; control(controls: Steerable, state: RunState): void; close(): void }

/** Throws a UsageError when the dashboard is asked for where there is no terminal. */
export async function watching(args: Args, world: World, run: Watched): Promise<Watching> {
  const asked = args.quiet ? 'none' : (textFlag(args, world, 'progress') ?? 'auto')
  const { terminal, stderr } = world
  if (asked === 'tui' && terminal === null) throw usageErrors.noTerminal()
  // A few single virtual users are no load to watch.
  const drawn = asked === 'tui' || (asked === 'auto' && !isTrial(args) && canDraw(world))
  return drawn && terminal !== null
    ? dashboard(args, world, terminal, run)
    : { observe: observerFor(asked, stderr), control: () => {}, close: () => {} }
}

export const canDraw = ({ terminal, env }: World): boolean =>
  terminal !== null && env.TERM !== 'dumb' && env.CI === undefined

async function dashboard(args: Args, world: World, terminal: Terminal, run: Watched): Promise<Watching> {
  const { Dashboard } = await drawing(world)
  const { notices, words } = await import('../dashboard/keys.ts')
  const { id, folder, fleet, script, baseline } = run
  const plain = observerFor('plain', world.stderr)
  const store = folderStore(folder)
  const controls: Controls = { stop: world.interrupt }
  let [shown, left]: [Drawn | null, boolean] = [null, false]
  const open = (state: RunState): Drawn =>
    new Dashboard(state, {
      about: {
        ...{
          script: relative(world.cwd, script.source.file),
          target: world.secrets.text(script.target),
          run: id,
          fleet,
        },
        ...{ warmUp: script.warmUp, baseline },
      },
      ...{ terminal, clock: world.clock, env: world.env, ascii: args.ascii === true },
      controls,
      keep: async (name, text) => {
        await store.put(name, new TextEncoder().encode(text))
        return relative(world.cwd, `${folder}/${name}`)
      },
      left(problem) {
        left = true
        world.stderr.write(`slsart: ${problem === null ? words.left : words.crashed(problem)}\n`)
      },
    })
  return {
    control({ steer, leave }, state) {
      controls.detach = () => void leave().catch((error: Error) => shown?.tell(notices.attached(error.message)))
      // Orders that could not be written are written again.
      if (steer !== null) controls.steer = (act) => void steer(act).catch(() => {})
      shown = open(state)
    },
    observe(state) {
      if (left) plain(state)
      else shown?.observe(state)
    },
    close: () => shown?.close(),
  }
}

/**
 * React chooses its build when it is loaded: the one for production is faster, and keeps no marks of each drawing. The user's own code,
 * and its workers, see NODE_ENV as it was.
 */
export async function drawing({ env }: World): Promise<typeof import('../dashboard/open.tsx')> {
  const before = env.NODE_ENV
  env.NODE_ENV = 'production'
  try {
    return await import('../dashboard/open.tsx')
  } finally {
    if (before === undefined) delete env.NODE_ENV
    else env.NODE_ENV = before
  }
}
