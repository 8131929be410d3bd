/** What a job of GitHub Actions is told beside the exit code: its step summary, outputs for later steps, and errors that it marks. */
import { appendFile } from 'node:fs/promises'
import { latency } from '../measure/summary.ts'
import type { Verdict } from '../measure/verdict.ts'
import type { RunRecord } from '../run/record.ts'
import type { Output } from '../world.ts'
import { sentence } from './advice.ts'

/** Files that cannot be written are named in the errors it resolves with; the run's verdict stands without them. */
export async function tellGithub(
  record: RunRecord,
  summary: string,
  { env, stderr }: { env: Record<string, string | undefined>; stderr: Output },
): Promise<unknown[]> {
  const { verdict, exit, state, id } = record
  const problems: unknown[] = []
  const add = async (file: string | undefined, text: string): Promise<void> => {
    if (file !== undefined && file !== '') await appendFile(file, text).catch((error) => problems.push(error))
  }
  await add(env.GITHUB_STEP_SUMMARY, summary)
  const { p50, p99 } = latency(state.totals.histogram('response'))
  const outputs = {
    ...{ run: id, verdict: verdict.result, trust: verdict.trust, 'exit-code': exit.code },
    ...{ 'response-p50-ms': p50, 'response-p99-ms': p99 },
  }
  await add(
    env.GITHUB_OUTPUT,
    Object.entries(outputs)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  )
  if (env.GITHUB_ACTIONS === 'true') for (const line of marksOf(verdict)) stderr.write(`${line}\n`)
  return problems
}

/** An error budget that is touched, and not spent, is only a warning. */
function marksOf({ result, reasons }: Verdict): string[] {
  if (result !== 'pass') return reasons.map((reason) => `::error title=slsart: ${result}::${escaped(sentence(reason))}`)
  const touched = reasons.filter(({ kind }) => kind === 'monitoring')
  return touched.map((reason) => `::warning title=slsart::${escaped(sentence(reason))}`)
}

/** As its commands want their text. */
const escaped = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
