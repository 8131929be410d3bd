/** `slsart attach`: a run that another process leads, watched to its end; then what `invoke` says and exits with. */
import { join } from 'node:path'
import { joinText } from '../../report/going.ts'
import { openOutputs } from '../../report/outputs.ts'
import { fetchHead } from '../../run/fetch.ts'
import { Joined } from '../../run/join.ts'
import { lastOf, readableHead, readRecord, runsFolder } from '../../run/record.ts'
import type { Millis } from '../../units.ts'
import type { World } from '../../world.ts'
import { counting } from '../accounting.ts'
import { type Found, foundRun } from '../going.ts'
import { joining } from '../joining.ts'
import type { Args } from '../main.ts'
import { folderOf } from '../runs.ts'
import { tellRecord } from '../telling.ts'

const EVERY: Millis = 1_000
/** A store that does not answer is asked again for so long. */
const PATIENCE: Millis = 60_000
const PATIENT = 3

/** The run's own exit code at its end; 0, or that of the signal, when the person left before. */
export async function attach(args: Args, world: World): Promise<number> {
  const found = await foundRun(args, world)
  const { run, isOver } = found
  const outputs = await openOutputs((args.output as string[] | undefined) ?? [], world.cwd)
  try {
    const left = isOver ? null : await watched(args, world, found)
    if (left !== null) {
      world.stderr.write(`slsart: ${joinText.left(run.id)}\n`)
      await outputs.abandon()
      return left
    }
    const folder = await wholeFolder({ ...args, run: args.run ?? run.id }, run.isLocal ? 0 : PATIENT, world)
    const record = await counting(await readRecord(folder), world)
    return (await tellRecord(record, outputs, world)) ? record.exit.code : 1
  } catch (error) {
    await outputs.abandon()
    throw error
  } finally {
    run.store.close()
  }
}

/** The record as it ended. Another process that follows the run here may be writing it down: then it is looked at again, so many times. */
async function wholeFolder(args: Args, times: number, world: World): Promise<string> {
  const folder = await folderOf(args, world)
  if (times === 0 || (await lastOf(folder)) !== null) return folder
  await world.clock.sleep(EVERY)
  return wholeFolder(args, times - 1, world)
}

/** Until the run is over, null; or until the person leaves, the exit code. */
async function watched(args: Args, world: World, { run, place }: Found): Promise<number | null> {
  const { id, store, isLocal } = run
  const folder = run.folder ?? join(runsFolder(world.cwd), id)
  if (run.folder === null) await fetchHead(store, folder)
  const head = await readableHead(folder)
  const joined = new Joined({ head, folder, store, isLocal })
  const view = await joining(args, world, { head, folder, place })
  try {
    for (let heardAt = world.clock.wall(); ; ) {
      const now = world.clock.wall()
      const going = await joined.look(now).catch((error: unknown) => {
        if (now - heardAt > PATIENCE) throw error
        return null
      })
      if (going !== null) heardAt = now
      view.observe(joined.state, joined.behind)
      if (going === 'over') return null
      const left = await Promise.race([view.left, world.clock.sleep(EVERY).then(() => null)])
      if (left !== null) return left
    }
  } finally {
    view.close()
  }
}
