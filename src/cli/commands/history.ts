/** `slsart history`: the runs that left a record in this folder, and those that a stage's bucket has. */
import type { ExitCode } from '../../errors.ts'
import { historyJson, historyText, olderText } from '../../report/history.ts'
import { pastRuns } from '../../run/record.ts'
import { MOST_STORED, storedRuns } from '../../run/stored.ts'
import type { World } from '../../world.ts'
import type { Args } from '../main.ts'
import { ofStage } from '../stage.ts'

export async function history(args: Args, world: World): Promise<ExitCode> {
  const here = await pastRuns(world.cwd)
  const ended = new Set(here.filter(({ ending }) => ending !== null).map(({ head }) => head.id))
  const stored = await ofStage(args, world, (store) => storedRuns(store, ended))
  const kept = new Map((stored?.runs ?? []).map((run) => [run.head.id, run]))
  const ids = new Set(here.map(({ head }) => head.id))
  const runs = [
    // A run that went on by itself has its end where it ended.
    ...here.map((run) => ({ ...run, ending: run.ending ?? kept.get(run.head.id)?.ending ?? null, isHere: true })),
    ...[...kept.values()].filter(({ head }) => !ids.has(head.id)).map((run) => ({ ...run, isHere: false })),
  ].toSorted((a, b) => (a.head.id < b.head.id ? 1 : -1))
  world.stdout.write(args.json ? `${JSON.stringify(historyJson(runs), null, 2)}\n` : historyText(runs))
  if (stored !== null && stored.of > MOST_STORED) world.stderr.write(`note: ${olderText(MOST_STORED, stored.of)}\n`)
  return 0
}
