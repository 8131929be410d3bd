/** Who watches a run that another process leads: as `watching.ts`, but what is done from here goes through the run's store, and leaving ends nothing. */
import { basename } from 'node:path'
import type { Dashboard as Drawn } from '../dashboard/open.tsx'
import { usageErrors } from '../errors.ts'
import type { Steering } from '../plan/epochs.ts'
import { joinText, steerNotice } from '../report/going.ts'
import { ask, type Place } from '../run/kill.ts'
import type { RunHead } from '../run/record.ts'
import { requestSteering } from '../run/request.ts'
import type { RunState } from '../run/state.ts'
import { folderStore } from '../store/folder.ts'
import type { Millis } from '../units.ts'
import type { Terminal, World } from '../world.ts'
import type { Args } from './main.ts'
import { observerFor } from './plain.ts'
import { textFlag } from './said.ts'
import { canDraw, drawing } from './watching.ts'

type Joined = { head: RunHead; folder: string; place: Place }

/** `left` resolves, with the exit code, when the person leaves. `close` gives the terminal back; to be called however it ends. */
export type Joining = { observe(state: RunState, behind: Millis): void; left: Promise<number>; close(): void }

/** Throws a UsageError when the dashboard is asked for where there is no terminal. */
export async function joining(args: Args, world: World, joined: Joined): Promise<Joining> {
  const asked = args.quiet ? 'none' : (textFlag(args, world, 'progress') ?? 'auto')
  const { terminal, stderr } = world
  if (asked === 'tui' && terminal === null) throw usageErrors.noTerminal()
  const left = Promise.withResolvers<number>()
  const end = world.onStop((signal) => left.resolve(signal === 'SIGINT' ? 130 : 143))
  if ((asked !== 'tui' && (asked !== 'auto' || !canDraw(world))) || terminal === null) {
    const observe = observerFor(asked, stderr)
    return { observe, left: left.promise, close: end }
  }
  const drawn = await dashboard(args, world, { ...joined, terminal }, left.resolve)
  const close = (): void => {
    drawn.close()
    end()
  }
  return { ...drawn, left: left.promise, close }
}

async function dashboard(
  args: Args,
  world: World,
  { head, folder, place, terminal }: Joined & { terminal: Terminal },
  leave: (code: number) => void,
): Promise<Pick<Joining, 'observe' | 'close'>> {
  const { Dashboard } = await drawing(world)
  const { id, fleet, script } = head
  const store = folderStore(folder)
  let shown: Drawn | null = null
  const failed = (error: Error): void => shown?.tell(joinText.failed(error.message))
  const steer = async (steering: Steering): Promise<void> => {
    const request = { at: world.clock.wall(), token: world.entropy(8), steering }
    await requestSteering(place, request).then((steered) => shown?.tell(steerNotice(steered)), failed)
  }
  const open = (state: RunState): Drawn =>
    new Dashboard(state, {
      about: {
        script: basename(script.file),
        target: script.target,
        run: id,
        fleet,
        warmUp: script.warmUp,
        baseline: null,
      },
      ...{ terminal, clock: world.clock, env: world.env, ascii: args.ascii === true },
      controls: {
        joined: true,
        stop: () => void ask(place, 'drain').catch(failed),
        steer: (act) => void steer(act),
      },
      async keep(name, text) {
        await store.put(name, new TextEncoder().encode(text))
        return `${folder}/${name}`
      },
      left(problem) {
        if (problem !== null) world.stderr.write(`slsart: ${problem}\n`)
        leave(problem === null ? 0 : 1)
      },
    })
  return {
    observe(state, behind) {
      shown ??= open(state)
      shown.observe(state, behind)
    },
    close: () => shown?.close(),
  }
}
