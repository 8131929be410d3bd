/** `slsart doctor`: what stands between this machine and a run on AWS. */
import type { ExitCode } from '../../errors.ts'
import { doctorJson, doctorText } from '../../report/doctor.ts'
import { examine } from '../../stack/doctor.ts'
import { workerZip } from '../../stack/zip.ts'
import type { World } from '../../world.ts'
import type { Args } from '../main.ts'
import { settingsFor } from '../settings.ts'
import { leastNode } from '../version.ts'

export async function doctor(args: Args, world: World): Promise<ExitCode> {
  const { stage, region } = settingsFor(args, world)
  const findings = await examine({ stage, region, least: leastNode, sha256: workerZip().sha256 }, world)
  const exit = findings.some(({ level }) => level === 'problem') ? 3 : 0
  world.stdout.write(args.json ? `${JSON.stringify(doctorJson(findings, exit), null, 2)}\n` : doctorText(findings))
  return exit
}
