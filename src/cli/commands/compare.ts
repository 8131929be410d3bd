/** `slsart compare`: whether a run is worse than an earlier one, from their records. */
import { type ExitCode, usageErrors } from '../../errors.ts'
import { compareJson, compareText } from '../../report/compare.ts'
import { compare as compared } from '../../run/compare.ts'
import { readRecord } from '../../run/record.ts'
import type { World } from '../../world.ts'
import { wholeFlag } from '../config.ts'
import type { Args } from '../main.ts'
import { folderOf } from '../runs.ts'

/** What a latency must have moved by to matter, in percent. */
const EFFECT = 5

export async function compare(args: Args, world: World): Promise<ExitCode> {
  const effect = wholeFlag(args, world, 'effect', 0) ?? EFFECT
  const baseline = await readRecord(await folderOf({ ...args, run: args.baseline }, world))
  const run = await readRecord(await folderOf(args, world))
  if (baseline.id === run.id) throw usageErrors.sameRun(run.id)
  const answer = compared(baseline, run, effect / 100)
  world.stdout.write(args.json ? `${JSON.stringify(compareJson(answer), null, 2)}\n` : compareText(answer))
  return answer.exit
}
