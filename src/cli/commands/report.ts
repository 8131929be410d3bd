/** `slsart report`: a run's results again, from its record. */
import type { ExitCode } from '../../errors.ts'
import { openOutputs } from '../../report/outputs.ts'
import { readRecord } from '../../run/record.ts'
import type { World } from '../../world.ts'
import { counting } from '../accounting.ts'
import type { Args } from '../main.ts'
import { folderOf } from '../runs.ts'
import { tellRecord } from '../telling.ts'

/** The verdict is shown, not judged again: the exit code is 0 when everything was written. */
export async function report(args: Args, world: World): Promise<ExitCode> {
  const record = await counting(await readRecord(await folderOf(args, world)), world)
  const outputs = await openOutputs((args.output as string[] | undefined) ?? [], world.cwd)
  return (await tellRecord(record, outputs, world)) ? 0 : 1
}
