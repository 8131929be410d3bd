/** `slsart kill`: ends the load of a run that another process conducts, or none any more. */
import type { ExitCode } from '../../errors.ts'
import { killText } from '../../report/going.ts'
import { ask, waitForEnd } from '../../run/kill.ts'
import type { World } from '../../world.ts'
import { foundRun, hasEnding } from '../going.ts'
import type { Args } from '../main.ts'

/** 0 when the load has ended, 12 when that could not be seen. */
export async function kill(args: Args, world: World): Promise<ExitCode> {
  const { run, place, isOver } = await foundRun(args, world)
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
