/** `slsart invoke`: a script run to its verdict. */
import { join } from 'node:path'
import { usageErrors } from '../../errors.ts'
import { longestRound, type Sampling } from '../../plan/sampling.ts'
import { noteText } from '../../report/advice.ts'
import { reportsOf } from '../../report/formats.ts'
import { tellGithub } from '../../report/github.ts'
import { openOutputs } from '../../report/outputs.ts'
import { leavingOut } from '../../report/results.ts'
import { textReport } from '../../report/text.ts'
import { longRoundText } from '../../round-texts.ts'
import { conduct } from '../../run/conduct.ts'
import { sampled, tryOut } from '../../run/prepare.ts'
import type { Settings } from '../../run/prepared.ts'
import { type RunRecord, readRecord, reportPath, runsFolder } from '../../run/record.ts'
import type { Script } from '../../scenario/script.ts'
import { runIdAt } from '../../store/runs.ts'
import type { Seed } from '../../units.ts'
import type { World } from '../../world.ts'
import { accounted } from '../accounting.ts'
import { dotenvFor, isTrial, scriptFor, wishesFor } from '../config.ts'
import { holdToLeaving, leave } from '../detaching.ts'
import { fleetFor } from '../fleet.ts'
import type { Args } from '../main.ts'
import { folderOf } from '../runs.ts'
import { textFlag } from '../said.ts'
import { spendFor } from '../spend.ts'
import { takeAim } from '../targets.ts'
import { watching } from '../watching.ts'

export async function invoke(args: Args, world: World): Promise<number> {
  if (args.detach === true) holdToLeaving(args)
  const env = dotenvFor(args, world)
  const written = await scriptFor(args, world, env)
  const wishes = { ...wishesFor(args, world, written), ...(isTrial(args) ? { workers: 1 } : {}) }
  const { script, ...trial } = trialOf(args, world, written, wishes.seed)
  const spend = spendFor(args, world, script)
  const baseline = textFlag(args, world, 'baseline')
  const compared = baseline === null ? null : await readRecord(await folderOf({ ...args, run: baseline }, world))

  const allow = await takeAim(args, world, { script, env })

  const id = runIdAt(world.clock.wall(), world.entropy(3))
  const folder = join(runsFolder(world.cwd), id)
  const settings: Settings = {
    ...{ ...wishes, ...spend, id, folder, env, allow, ...trial },
    rawSamples: args['raw-samples'] === true,
    baseline: compared,
  }
  if (args.detach === true) return leave(args, world, script, settings)
  const fleet = await fleetFor(args, world, { id, folder, script, wishes, spend })
  const totals = compared?.state.totals ?? null
  const watch = await watching(args, world, { id, folder, fleet: fleet.name, script, baseline: totals })
  const outputs = await openOutputs((args.output as string[] | undefined) ?? [], world.cwd)
  if (!args.quiet) for (const note of script.notes) world.stderr.write(`note: ${noteText(note)}\n`)
  const ended = await conduct(script, settings, { fleet, world, observe: watch.observe, control: watch.control })
    .finally(watch.close)
    .catch(async (error) => {
      await outputs.abandon()
      throw error
    })

  const record = await accounted(ended, world)
  // The summary first: whatever happens to files, what was measured is on the screen.
  const leftOut = leavingOut(record)
  world.stdout.write(textReport(record, leftOut))
  const reports = reportsOf(record, leftOut)
  const own = reportPath(folder)
  const kept = await openOutputs([own], world.cwd).then(
    (opened) => opened.write(reports),
    (error) => [usageErrors.lateOutput(own, error.cause)],
  )
  const missing = await outputs.write(reports)
  for (const problem of await tellGithub(record, reports('.md'), world)) world.stderr.write(`slsart: ${problem}\n`)
  for (const problem of [...kept, ...missing]) world.stderr.write(`slsart: ${problem.toText()}\n`)
  // A report that was asked for and is not there must not look like success. The run's own can be made again from its record.
  if (missing.length > 0 || (kept.length > 0 && record.exit.code === 0)) return 1
  return args['artillery-exit-codes'] === true ? artilleryExit(record) : record.exit.code
}

/** The script as it is to run: its load, or each scenario tried out once or a few times. */
function trialOf(
  args: Args,
  world: World,
  written: Script,
  seed: Seed,
): { script: Script; acceptance: boolean; monitoring: Sampling | null } {
  if (!isTrial(args)) return { script: written, acceptance: false, monitoring: null }
  if (args.acceptance === true && args.monitoring === true) throw usageErrors.twoTrials()
  if (args.workers !== undefined) throw usageErrors.oneWorker()
  if (args.acceptance === true) return { script: tryOut(written), acceptance: true, monitoring: null }
  const { sampling, limits } = written
  const longest = longestRound(sampling)
  if (!args.quiet && limits.duration !== null && longest > sampling.warningThreshold * limits.duration) {
    world.stderr.write(`note: ${longRoundText(longest, limits.duration)}\n`)
  }
  return { script: sampled(written, seed), acceptance: false, monitoring: sampling }
}

/** Artillery's own codes for what it has codes for; everything else keeps ours. */
function artilleryExit({ exit, verdict: { reasons } }: RunRecord): number {
  if (exit.code !== 10) return exit.code
  if (reasons.some(({ kind }) => kind === 'threshold')) return 1
  return reasons.find((reason) => reason.kind === 'suggested')?.code ?? 21
}
