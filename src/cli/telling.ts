/** A run's results, as a command ends with them. */
import { reportsOf } from '../report/formats.ts'
import type { Outputs } from '../report/outputs.ts'
import { leavingOut } from '../report/results.ts'
import { textReport } from '../report/text.ts'
import type { RunRecord } from '../run/record.ts'
import type { World } from '../world.ts'

/** Prints the summary and writes what was asked for; whether all of it could be written. */
export async function tellRecord(record: RunRecord, outputs: Outputs, { stdout, stderr }: World): Promise<boolean> {
  const leftOut = leavingOut(record)
  stdout.write(textReport(record, leftOut))
  const problems = await outputs.write(reportsOf(record, leftOut))
  for (const problem of problems) stderr.write(`slsart: ${problem.toText()}\n`)
  return problems.length === 0
}
