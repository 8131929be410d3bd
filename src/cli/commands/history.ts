/** `slsart history`: the runs that left a record in this folder. */
import type { ExitCode } from '../../errors.ts'
import { historyJson, historyText } from '../../report/history.ts'
import { pastRuns } from '../../run/record.ts'
import type { World } from '../../world.ts'
import type { Args } from '../main.ts'

export async function history(args: Args, world: World): Promise<ExitCode> {
  const runs = await pastRuns(world.cwd)
  world.stdout.write(args.json ? `${JSON.stringify(historyJson(runs), null, 2)}\n` : historyText(runs))
  return 0
}
